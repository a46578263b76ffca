"""Coin is neither lost nor made: arithmetic on what is served, then against what was planned.

The tests add up coins (who held what before and after an update) and know no movement rules: what
each account gained must be what the plan of the update says, in every era.
"""

from collections import Counter
from decimal import Decimal

import msgspec
import pytest

from mocks.canton_scan import older
from mocks.canton_scan.eras import Era
from mocks.canton_scan.ledger import open_ledger
from mocks.canton_scan.plan import (
    Answer,
    Bought,
    Command,
    Expiry,
    FailedCommand,
    Generation,
    Mint,
    MovementKind,
    Outcome,
    Purchase,
    Purpose,
    Quiet,
    Renewal,
    Route,
    Settlement,
    Together,
    Trade,
    Transfer,
)
from tests.contract.scan.scan_api import StoppedClock

UNIT = Decimal("1E-10")
COUNT = 6_000
HOLDINGS = (":Splice.Amulet:Amulet", ":Splice.Amulet:LockedAmulet")
REWARDS = (
    "inputAppRewardAmount",
    "inputValidatorRewardAmount",
    "inputSvRewardAmount",
    "inputUnclaimedActivityRecordAmount",
    "inputDevelopmentFundAmount",
)


@pytest.fixture(scope="module", params=Era)
def era(request):
    return request.param


@pytest.fixture(scope="module")
def ledger(era, tmp_path_factory):
    state = tmp_path_factory.mktemp(era.name) / "state.json"
    gap = 500_000
    return open_ledger(state, "balance", history=COUNT, gap=gap, clock=StoppedClock(), era=era)


@pytest.fixture(scope="module")
def plans(ledger):
    return [ledger.plan(index) for index in range(COUNT)]


@pytest.fixture(scope="module")
def updates(ledger, plans):
    """The updates about coin, by index."""
    return {
        index: msgspec.json.decode(ledger.update(index))
        for index, plan in enumerate(plans)
        if not isinstance(plan, Quiet | Renewal)
    }


@pytest.fixture(scope="module")
def all_coins(updates):
    """Owner and amount of each coin that the ledger makes, by contract id."""
    return {cid: coin for one in updates.values() for cid, coin in created_coins(one).items()}


def created_coins(update):
    coins = {}
    for event in update["events_by_id"].values():
        if event["event_type"] == "created_event" and event["template_id"].endswith(HOLDINGS):
            amulet = event["create_arguments"].get("amulet", event["create_arguments"])
            amount = Decimal(amulet["amount"]["initialAmount"])
            coins[event["contract_id"]] = (amulet["owner"], amount)
    return coins


def archived_coins(update):
    return {
        event["contract_id"]
        for event in update["events_by_id"].values()
        if event.get("consuming") and event["template_id"].endswith(HOLDINGS)
    }


def older_coins(ledger, index, plan):
    """Coins from before the ledger that an update consumes: only its plan knows what they held."""
    return {
        one.contract_id(ledger): (one.owner, one.amount * UNIT)
        for one in older.consumed(index, plan)
    }


@pytest.fixture(scope="module")
def gains(ledger, plans, updates, all_coins):
    """Coins afterwards minus coins before, by account, of each update about coin."""
    return {
        index: gained(one, {**older_coins(ledger, index, plans[index]), **all_coins})
        for index, one in updates.items()
    }


def gained(update, known):
    net = Counter()
    for owner, amount in created_coins(update).values():
        net[owner] += amount
    for contract_id in archived_coins(update):
        owner, amount = known[contract_id]
        net[owner] -= amount
    return {owner: amount for owner, amount in net.items() if amount}


def planned(plan):
    net = Counter()
    for movement in plan.movements:
        if movement.receiver:
            net[movement.receiver] += movement.amount * UNIT
        if movement.sender:
            net[movement.sender] -= movement.amount * UNIT
    return {owner: amount for owner, amount in net.items() if amount}


def test_every_account_gains_what_the_plan_says(gains, plans):
    assert {index: planned(plans[index]) for index in gains} == gains


def test_no_coin_is_consumed_twice(updates):
    archived = Counter(cid for one in updates.values() for cid in archived_coins(one))
    assert set(archived.values()) == {1}


def test_a_part_of_the_coins_consumed_was_made_before_in_the_ledger(updates, all_coins):
    archived = [cid for one in updates.values() for cid in archived_coins(one)]
    assert sum(cid in all_coins for cid in archived) > len(archived) / 8


def transfer_results(update):
    """Each choice with a TransferSummary of its own, and its TransferResult."""
    for event in update["events_by_id"].values():
        result = event.get("exercise_result")
        if isinstance(result, dict):
            found = [one for one in (result, *result.values()) if isinstance(one, dict)]
            yield from ((event, one) for one in found if "summary" in one)


def test_a_summary_closes(updates):
    checked = 0
    for one in updates.values():
        coins = created_coins(one)
        for event, result in transfer_results(one):
            summary = result["summary"]
            amounts = (Decimal(summary[name] or 0) for name in REWARDS)
            taken = sum(amounts, Decimal(summary["inputAmuletAmount"]))
            costs = [summary["senderChangeFee"], summary["holdingFees"], *summary["outputFees"]]
            if "createdAmulets" in result:
                made = sum(coins[each["value"]][1] for each in result["createdAmulets"])
            else:  # of a purchase of traffic, whose fee is part of what it paid
                costs.pop()
                made = Decimal(event["exercise_result"]["amuletPaid"])
            change = Decimal(summary["senderChangeAmount"])
            assert taken == made + change + sum(map(Decimal, costs))
            if result["senderChangeAmulet"]:
                assert coins[result["senderChangeAmulet"]][1] == change
            else:
                assert change == 0
            checked += 1
    assert checked > 300


def test_the_coins_of_a_payment_are_those_it_names_less_what_the_receiver_pays(updates):
    shares = Counter()
    for one in updates.values():
        coins = created_coins(one)
        for event in one["events_by_id"].values():
            if event.get("choice") != "AmuletRules_Transfer":
                continue
            outputs = event["choice_argument"]["transfer"]["outputs"]
            result = event["exercise_result"]
            fees = map(Decimal, result["summary"]["outputFees"])
            for output, fee, made in zip(outputs, fees, result["createdAmulets"], strict=True):
                ratio = Decimal(output["receiverFeeRatio"])
                owner, amount = coins[made["value"]]
                assert owner == output["receiver"]
                assert abs(Decimal(output["amount"]) - fee * ratio - amount) <= UNIT / 2
                shares[ratio] += 1
    has_fees = any("burned" in str(one["events_by_id"]) for one in updates.values())
    assert has_fees
    assert shares[Decimal(0)] > 50


def reports(update, dso):
    """The arguments of the DSO's reports of holdings in this update."""
    return [
        event["choice_argument"]
        for event in update["events_by_id"].values()
        if event.get("choice") == "EventLog_HoldingsChange"
        and event["choice_argument"]["admin"] == dso
    ]


def test_a_report_explains_the_coins_that_it_names(ledger, plans, updates, all_coins):
    reported = 0
    for index, one in updates.items():
        known = {**older_coins(ledger, index, plans[index]), **all_coins}
        for log in reports(one, ledger.dso_party_id):
            owner, net = log["account"]["owner"], Decimal()
            for leg in log["transferLegSides"]:
                net += (1 if leg["side"] == "ReceiverSide" else -1) * Decimal(leg["amount"])
            assert {known[cid][0] for cid in log["inputHoldingCids"]} <= {owner}
            before = sum(known[cid][1] for cid in log["inputHoldingCids"])
            assert sum(known[cid][1] for cid in log["outputHoldingCids"]) - before == net
            reported += 1
    assert bool(reported) == (Generation.REPORTED in ledger.network.mixture.live)


def test_where_the_newest_generation_acts_its_reports_explain_all(ledger, plans, gains, updates):
    for index, one in updates.items():
        if isinstance(plans[index], Together) or not plans[index].generation.reports:
            continue
        net = Counter()
        for log in reports(one, ledger.dso_party_id):
            for leg in log["transferLegSides"]:
                sign = 1 if leg["side"] == "ReceiverSide" else -1
                net[log["account"]["owner"]] += sign * Decimal(leg["amount"])
        assert {owner: amount for owner, amount in net.items() if amount} == gains[index]


def test_mints_and_burns_are_told_by_the_id_of_the_other_side(ledger, updates):
    sides = [
        (leg["otherside"], leg["side"])
        for one in updates.values()
        for log in reports(one, ledger.dso_party_id)
        for leg in log["transferLegSides"]
        if leg["otherside"]["owner"] is None
    ]
    ids = {(other["id"], side) for other, side in sides}
    expected = {("cip-112/mint", "ReceiverSide"), ("cip-112/burn", "SenderSide")}
    assert ids == (expected if Generation.REPORTED in ledger.network.mixture.live else set())


def test_reports_stand_on_the_contract_that_the_sources_say(updates):
    where = {
        "AmuletRules": ("AmuletRules_", "TransferPreapproval_Renew"),
        "AmuletEventLog": "LockedAmulet_",
        "ExternalPartyConfigState": (
            *("TransferFactory_", "TransferInstruction_", "TransferPreapproval_SendV2"),
            *("Allocation", "Amulet_ExpireV2", "LockedAmulet_ExpireAmuletV2"),
        ),
    }
    for one in updates.values():
        for event in one["events_by_id"].values():
            children = [one["events_by_id"][cid] for cid in event.get("child_event_ids", [])]
            for child in children:
                if child.get("choice") == "EventLog_HoldingsChange":
                    entity = child["template_id"].rpartition(":")[2]
                    assert event["choice"].startswith(where[entity]), (entity, event["choice"])


def test_an_answer_opens_the_lock_of_a_promise_made_earlier(plans, updates):
    answers = {i: plan for i, plan in enumerate(plans) if isinstance(plan, Answer)}
    assert {(one.promise.purpose, one.outcome) for one in answers.values()} >= {
        (purpose, Outcome.PAID) for purpose in Purpose
    }
    for index, plan in answers.items():
        assert plan.promise.index < index
        assert plans[plan.promise.index] == plan.promise
        locked = created_coins(updates[plan.promise.index]).keys()
        assert archived_coins(updates[index]) & locked


def choices(update):
    return [event.get("choice") for event in update["events_by_id"].values()]


def test_a_choice_of_the_second_version_contains_that_of_the_first(ledger, plans, updates):
    wrapped = [
        choices(updates[index])
        for index, plan in enumerate(plans)
        if isinstance(plan, Answer) and plan.by_v2 and plan.promise.purpose is Purpose.OFFER
    ]
    for names in wrapped:
        twice = [name for name in names if str(name).startswith("TransferInstruction_")]
        assert len(twice) == 2
    assert bool(wrapped) == (Generation.REPORTED in ledger.network.mixture.live)


def test_nine_updates_in_ten_move_no_coin(era, plans):
    movers = sum(any(movement.amount for movement in plan.movements) for plan in plans)
    most = 0.14 if era in (Era.DEVNET, Era.FEES) else 0.12  # taps, and fees of what moves nothing
    assert 0.08 < movers / COUNT < most


def test_every_kind_of_movement_occurs(era, plans):
    kinds = {movement.kind for plan in plans for movement in plan.movements}
    has_faucet = era in (Era.MIXED, Era.DEVNET)
    tested = set() if has_faucet else {MovementKind.DEVNET_TAP}
    assert kinds == set(MovementKind) - tested


def flat(plans):
    for plan in plans:
        yield from plan.parts if isinstance(plan, Together) else (plan,)


def test_an_era_has_the_generations_that_were_in_use(era, plans):
    found = {plan.generation for plan in flat(plans) if not isinstance(plan, Quiet | Renewal)}
    newer = {Generation.PLAIN, Generation.REPORTED}
    assert (
        found
        == {
            Era.MIXED: set(Generation),
            Era.FEES: {Generation.FIRST, Generation.FEES},
            Era.SPLICE_0_5_16: {Generation.NESTED, Generation.PLAIN},
            Era.SPLICE_0_6_11: newer,
            Era.DEVNET: newer,
        }[era]
    )


def test_all_that_happens_with_coin_happens(era, plans):
    parts = list(flat(plans))
    assert {one.what for one in parts if isinstance(one, Purchase)} == set(Bought)
    sent = [one for one in parts if isinstance(one, Transfer)]
    assert {one.command for one in sent} == {None, *Command}
    routes = {one.route for one in sent}
    failed = {one.merge is None for one in parts if isinstance(one, FailedCommand)}
    locked = {one.is_locked for one in parts if isinstance(one, Expiry)}
    free = {not one.movements for one in parts if isinstance(one, Purchase)}
    assert locked == {True, False}
    assert free == ({False} if era is Era.FEES else {True, False})
    assert True in failed
    is_new = era in (Era.MIXED, Era.SPLICE_0_6_11, Era.DEVNET)
    assert (Route.JOINT in routes) == is_new
    kinds = {type(one) for one in parts} & {Trade, Settlement, Mint}
    assert kinds == {
        *({Trade, Settlement} if is_new else set()),
        *({Mint} if era in (Era.MIXED, Era.DEVNET) else set()),
    }


def test_two_generations_meet_in_one_update(era, plans, updates):
    both = [
        index
        for index, plan in enumerate(plans)
        if isinstance(plan, Together) and len({one.generation for one in plan.parts}) > 1
    ]
    assert bool(both) == (era in (Era.MIXED, Era.SPLICE_0_6_11, Era.DEVNET))
    for index in both:
        events = updates[index]["events_by_id"].values()
        packages = {one["template_id"].partition(":")[0] for one in events}
        assert len(packages) > 1
