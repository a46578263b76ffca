"""Plans alone: what is decided before anything is written."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from mocks.canton_scan.amounts import COIN, divided
from mocks.canton_scan.clock import SECOND
from mocks.canton_scan.draws import Seed
from mocks.canton_scan.eras import MIXTURES, Coin, Era
from mocks.canton_scan.fees import charged, create_fee, output_fee, transfer_fee
from mocks.canton_scan.mix import BLOCK, Mix
from mocks.canton_scan.network import Network
from mocks.canton_scan.plan import (
    Answer,
    Bought,
    Expiry,
    FailedCommand,
    Fees,
    Generation,
    Leg,
    Mint,
    Movement,
    MovementKind,
    Outcome,
    Output,
    Promise,
    Purchase,
    Purpose,
    Quiet,
    Rewards,
    Settlement,
    Together,
    Trade,
    Transfer,
)
from mocks.canton_scan.planner import Planner
from mocks.canton_scan.rounds import Round
from mocks.canton_scan.timeline import first_timeline

SEED = Seed("plans")
OFFER = Promise(
    0, Purpose.OFFER, Transfer("ann", (9 * COIN,), (Output("ann", 5 * COIN),)), "bob", 5 * COIN
)
ALLOCATION = replace(OFFER, purpose=Purpose.ALLOCATION)
PAID = Transfer("ann", (5 * COIN,), (Output("bob", 5 * COIN),))
PRICE = COIN // 200  # USD, at which fees are easy to read


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
            Transfer(
                "ann",
                (500 * COIN,),
                (Output("bob", 100 * COIN),),
                fees=Fees((7 * COIN,), (3 * COIN,), 6 * COIN, COIN),
            ),
            [
                moved(MovementKind.TRANSFER, "ann", "bob", 100),
                moved(MovementKind.BURN, "bob", None, 3),
                moved(MovementKind.BURN, "ann", None, 11),
            ],
            id="a receiver that pays a part of the fee",
        ),
        pytest.param(
            Transfer("ann", (9 * COIN,), (Output("DSO", 4 * COIN, is_burned=True),)),
            [moved(MovementKind.BURN, "ann", None, 4)],
            id="paid to the DSO and archived at once",
        ),
        pytest.param(
            Purchase(
                Bought.TRAFFIC,
                Transfer("ann", (), (Output("ann", 4 * COIN, is_burned=True),), Rewards(9 * COIN)),
                "ann",
            ),
            [moved(MovementKind.MINT, None, "ann", 9), moved(MovementKind.BURN, "ann", None, 4)],
            id="bought with rewards",
        ),
        pytest.param(Purchase(Bought.RENEWAL, Transfer("ann", ()), "bob"), [], id="for free"),
        pytest.param(
            Expiry("ann", COIN, 1_000, is_locked=True, generation=Generation.FEES),
            [moved(MovementKind.BURN, "ann", None, 1)],
            id="expired",
        ),
        pytest.param(FailedCommand("ann", None, Generation.PLAIN), [], id="failed command"),
        pytest.param(
            FailedCommand(
                "ann", Transfer("ann", (9 * COIN,), fees=Fees(change=COIN)), Generation.FEES
            ),
            [moved(MovementKind.BURN, "ann", None, 1)],
            id="failed command that merges",
        ),
        pytest.param(OFFER, [], id="offer"),
        pytest.param(
            Answer(OFFER, Outcome.PAID, Generation.PLAIN, PAID),
            [moved(MovementKind.TRANSFER, "ann", "bob", 5)],
            id="accepted",
        ),
        pytest.param(
            Answer(OFFER, Outcome.REJECTED, Generation.PLAIN),
            [moved(MovementKind.ABORT, "ann", "bob", 0)],
            id="rejected",
        ),
        pytest.param(
            Answer(OFFER, Outcome.WITHDRAWN, Generation.PLAIN),
            [moved(MovementKind.ABORT, "ann", None, 0)],
            id="withdrawn",
        ),
        pytest.param(
            Answer(OFFER, Outcome.EXPIRED, Generation.PLAIN),
            [moved(MovementKind.ABORT, "ann", None, 0)],
            id="ended by the DSO",
        ),
        pytest.param(
            Answer(ALLOCATION, Outcome.WITHDRAWN, Generation.PLAIN), [], id="allocation withdrawn"
        ),
        pytest.param(
            Settlement(
                Trade(
                    0,
                    "venue",
                    (
                        Leg("l1", "ann", "bob", 5 * COIN),
                        Leg("l2", "bob", "ann", 2 * COIN),
                        Leg("l3", "ann", None, COIN),
                    ),
                    (),
                )
            ),
            [
                moved(MovementKind.TRANSFER, "ann", "bob", 5),
                moved(MovementKind.TRANSFER, "bob", "ann", 2),
                moved(MovementKind.BURN, "ann", None, 1),
            ],
            id="a trade is told gross",
        ),
        pytest.param(
            Together((PAID, Mint("ann", COIN, tapped=False))),
            [
                moved(MovementKind.TRANSFER, "ann", "bob", 5),
                moved(MovementKind.MINT, None, "ann", 1),
            ],
            id="two in one update",
        ),
        pytest.param(Quiet.STATUS_REPORTED, [], id="quiet"),
    ],
)
def test_a_plan_tells_what_it_moves(plan, movements):
    assert list(plan.movements) == movements


def test_change_is_what_was_put_in_and_not_paid():
    plan = Transfer("ann", (9 * COIN, COIN), (Output("bob", 4 * COIN),), Rewards(validator=COIN))
    assert plan.change == 7 * COIN


@pytest.mark.parametrize(
    ("amount", "fee"), [(100, 1), (20_000, 200), (40_000, 220), (10**9, 28_360)]
)
def test_a_transfer_costs_less_and_less_of_its_amount(amount, fee):
    assert transfer_fee(PRICE, amount * COIN) == fee * COIN


def test_an_output_costs_its_coin_its_lock_and_its_amount():
    bob, ann = Output("bob", 100 * COIN), Output("ann", 100 * COIN)
    assert create_fee(PRICE) == 6 * COIN
    assert output_fee(PRICE, "ann", bob) == 7 * COIN
    assert output_fee(PRICE, "ann", ann) == 6 * COIN
    assert output_fee(PRICE, "ann", ann, lock_holders=2) == 8 * COIN


def test_fees_are_rounded_half_even_at_ten_places():
    assert create_fee(3 * COIN // 10) == COIN // 10
    assert create_fee(7 * COIN // 10) == 428_571_429
    assert [divided(one, 2) for one in (1, 3, 5)] == [0, 2, 2]


def test_what_is_charged_is_covered_and_what_is_left_comes_back():
    draws = SEED.draws("charged")
    round_ = Round(1, PRICE, 38_051_800)
    for _ in range(300):
        amount = draws.between(1, 1_000 * COIN)
        plan = Transfer("ann", (amount,), (Output("bob", amount),), generation=Generation.FEES)
        paid = charged(plan, round_, draws)
        made = paid.created(0) + paid.change + paid.fees.total
        assert sum(paid.inputs) == made
        assert min(paid.created(0), paid.change, paid.fees.holding) >= 0
        assert paid.fees.change == 6 * COIN or paid.change == 0


def test_little_that_is_left_is_eaten_by_the_fee_of_its_coin():
    plan = Transfer("ann", (2 * COIN,), generation=Generation.FEES)
    eaten = charged(plan, Round(1, PRICE, 0), SEED.draws("eaten"))
    assert (eaten.fees.change, eaten.change) == (2 * COIN, 0)
    assert eaten.movements == (moved(MovementKind.BURN, "ann", None, 2),)


@pytest.fixture(params=Era)
def mix(request):
    return Mix(SEED, MIXTURES[request.param])


def test_every_block_holds_the_same_mix_in_another_order(mix):
    blocks = [
        [mix.kind(index) for index in range(start, start + BLOCK)] for start in (0, 5 * BLOCK)
    ]
    assert Counter(blocks[0]) == Counter(blocks[1])
    assert blocks[0] != blocks[1]


def test_an_offer_is_answered_at_most_once_and_only_after_it_was_made(mix):
    answers = {
        index: mix.lead(index)
        for index in range(5 * BLOCK)
        if mix.kind(index) is Coin.OFFER_ANSWERED
    }
    answered = {index: offer for index, offer in answers.items() if offer is not None}
    assert len(answered) > len(answers) / 2
    assert len(set(answered.values())) == len(answered)
    assert all(offer < index for index, offer in answered.items())
    assert all(mix.kind(offer) is Coin.OFFER for offer in answered.values())


def test_a_round_opens_once_in_every_ten_minutes_then_one_closes_and_one_issues_rewards():
    timeline = first_timeline(SEED, 20_000, SECOND // 2, 1_800_000_000 * SECOND)
    network = Network(SEED)
    planner = Planner(network, timeline)
    moments = [timeline.moment(index) for index in range(20_000)]
    opened = [one for one in moments if planner.plan(one) is Quiet.ROUND_OPENED]
    numbers = sorted(network.rounds.newest(one.record_time) for one in opened)
    assert numbers == list(range(numbers[0], numbers[0] + len(opened)))
    assert len(opened) in {16, 17}
    for place, kind in enumerate((Quiet.ROUND_CLOSED, Quiet.ROUND_ISSUING), 1):
        following = [planner.plan(timeline.moment(one.index + place)) for one in opened]
        assert following == [kind] * len(opened)


def test_a_record_is_claimed_once_by_its_validator_for_what_its_round_issues():
    timeline = first_timeline(SEED, 20_000, SECOND // 2, 1_800_000_000 * SECOND)
    network = Network(SEED)
    planner = Planner(network, timeline)
    plans = [plan for _, plan in planner.plans({Coin.REWARD}, 20_000)]
    claims = [plan for plan in plans if isinstance(plan, Transfer) and plan.claims]
    assert len(claims) > 50
    assert len({claim.claims.at for claim in claims}) == len(claims)
    for claim in claims:
        recorded = timeline.moment(claim.claims.at)
        record = planner.plan(recorded)
        assert (record.what, record.owner) == (Quiet.LIVENESS_RECORDED, claim.sender)
        issued = network.rounds.faucet(network.rounds.usable(recorded.record_time).number)
        assert claim.rewards == Rewards(validator=issued)


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
