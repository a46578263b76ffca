"""Plans alone: what is decided before anything is written."""

from collections import Counter
from itertools import pairwise

import pytest

from mocks.canton_scan.amounts import COIN
from mocks.canton_scan.clock import SECOND
from mocks.canton_scan.draws import Seed
from mocks.canton_scan.mix import BLOCK, Coin, Mix
from mocks.canton_scan.network import Network
from mocks.canton_scan.plan import (
    Mint,
    Movement,
    MovementKind,
    Offer,
    Outcome,
    Output,
    Quiet,
    Rewards,
    Settlement,
    TrafficPurchase,
    Transfer,
)
from mocks.canton_scan.planner import Planner
from mocks.canton_scan.timeline import first_timeline

SEED = Seed("plans")
OFFER = Offer(0, "ann", "bob", 5 * COIN, (9 * COIN,), nests_transfer=False, reports_holdings=False)


def moved(kind, sender, receiver, coins):
    return Movement(kind, sender, receiver, coins * COIN)


@pytest.mark.parametrize(
    ("plan", "movements"),
    [
        pytest.param(
            Transfer("ann", (9 * COIN,), (Output("bob", 2 * COIN), Output("bob", COIN))),
            [
                moved(MovementKind.TRANSFER, "ann", "bob", 2),
                moved(MovementKind.TRANSFER, "ann", "bob", 1),
            ],
            id="two payments to one account",
        ),
        pytest.param(
            Transfer("ann", (9 * COIN,), (Output("ann", 2 * COIN),)), [], id="output to the sender"
        ),
        pytest.param(Transfer("ann", (COIN, COIN)), [], id="merge"),
        pytest.param(
            Transfer("ann", (), (Output("bob", COIN),), Rewards(COIN, 2 * COIN, 3 * COIN)),
            [
                moved(MovementKind.MINT, None, "ann", 6),
                moved(MovementKind.TRANSFER, "ann", "bob", 1),
            ],
            id="payment out of rewards",
        ),
        pytest.param(
            Mint("ann", 7 * COIN, tapped=True),
            [moved(MovementKind.DEVNET_TAP, None, "ann", 7)],
            id="tap",
        ),
        pytest.param(
            Mint("ann", 7 * COIN, tapped=False),
            [moved(MovementKind.MINT, None, "ann", 7)],
            id="mint",
        ),
        pytest.param(
            TrafficPurchase("ann", (9 * COIN,), 4 * COIN, reports_holdings=True),
            [moved(MovementKind.BURN, "ann", None, 4)],
            id="burn",
        ),
        pytest.param(OFFER, [], id="offer"),
        pytest.param(
            Settlement(OFFER, Outcome.ACCEPTED),
            [moved(MovementKind.TRANSFER, "ann", "bob", 5)],
            id="accepted",
        ),
        pytest.param(
            Settlement(OFFER, Outcome.REJECTED),
            [moved(MovementKind.ABORT, "ann", "bob", 0)],
            id="rejected",
        ),
        pytest.param(
            Settlement(OFFER, Outcome.WITHDRAWN),
            [moved(MovementKind.ABORT, "ann", None, 0)],
            id="withdrawn",
        ),
        pytest.param(Quiet.STATUS_REPORTED, [], id="quiet"),
    ],
)
def test_a_plan_tells_what_it_moves(plan, movements):
    assert list(plan.movements) == movements


def test_change_is_what_was_put_in_and_not_paid():
    plan = Transfer("ann", (9 * COIN, COIN), (Output("bob", 4 * COIN),), Rewards(validator=COIN))
    assert plan.change == 7 * COIN


def test_every_block_holds_the_same_mix_in_another_order():
    mix = Mix(SEED)
    blocks = [
        [mix.kind(index) for index in range(start, start + BLOCK)] for start in (0, 5 * BLOCK)
    ]
    assert Counter(blocks[0]) == Counter(blocks[1])
    assert blocks[0] != blocks[1]


def test_an_offer_is_answered_at_most_once_and_only_after_it_was_made():
    mix = Mix(SEED)
    answers = {
        index: mix.offer_before(index)
        for index in range(5 * BLOCK)
        if mix.kind(index) is Coin.SETTLEMENT
    }
    answered = {index: offer for index, offer in answers.items() if offer is not None}
    assert len(answered) > len(answers) / 2
    assert len(set(answered.values())) == len(answered)
    assert all(offer < index for index, offer in answered.items())
    assert all(mix.kind(offer) is Coin.OFFER for offer in answered.values())


def test_a_round_opens_once_in_every_ten_minutes_and_closes_one_next():
    timeline = first_timeline(SEED, 20_000, SECOND // 2, 1_800_000_000 * SECOND)
    network = Network(SEED)
    planner = Planner(network, timeline)
    moments = [timeline.moment(index) for index in range(20_000)]
    opened = [one for one in moments if planner.plan(one) is Quiet.ROUND_OPENED]
    numbers = sorted(network.rounds.newest(one.record_time) for one in opened)
    assert numbers == list(range(numbers[0], numbers[0] + len(opened)))
    assert len(opened) in {16, 17}
    following = [planner.plan(timeline.moment(one.index + 1)) for one in opened]
    assert following == [Quiet.ROUND_CLOSED] * len(opened)


def test_accounts_have_a_few_busy_ones_and_a_long_tail():
    accounts = Network(SEED).accounts
    draws = SEED.draws("tail")
    drawn = Counter(accounts.account(draws) for _ in range(20_000))
    busy = sum(count for _, count in drawn.most_common(40))
    assert 0.3 < busy / 20_000 < 0.5
    assert len(drawn) > 700
    assert len(set(accounts.accounts)) == len(accounts.accounts) == 800


def test_a_price_moves_slowly_and_has_six_decimals():
    rounds = Network(SEED).rounds
    prices = [rounds.round(number).price_usd for number in range(120_000, 121_000)]
    assert all(price % 10_000 == 0 for price in prices)
    assert 0.12 * COIN < min(prices) < max(prices) < 0.18 * COIN
    assert max(abs(a - b) / a for a, b in pairwise(prices)) < 0.01
