"""Coin is neither lost nor made: arithmetic on what is served, then against what was planned.

The tests add up coins (who held what before and after an update) and know no movement rules: what
each account gained must be what the plan of the update says.
"""

from collections import Counter
from decimal import Decimal

import pytest

from mocks.canton_scan.plan import MovementKind, Offer, Outcome, Settlement

HOLDINGS = (":Splice.Amulet:Amulet", ":Splice.Amulet:LockedAmulet")
REWARDS = ("inputAppRewardAmount", "inputValidatorRewardAmount", "inputSvRewardAmount")
SENDERS = {
    "AmuletRules_Transfer": lambda argument: argument["transfer"]["sender"],
    "TransferPreapproval_SendV2": lambda argument: argument["sender"],
    "AmuletRules_BuyMemberTraffic": lambda argument: argument["provider"],
}


def created_coins(update):
    """Owner and amount of each coin that the update creates, by contract id."""
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


def summaries(update):
    """Sender and TransferSummary of each choice of the update that returns one."""
    for event in update["events_by_id"].values():
        if find_sender := SENDERS.get(event.get("choice", "")):
            result = event["exercise_result"]
            summary = result.get("result", result)["summary"]
            yield event, find_sender(event["choice_argument"]), summary


def claimed_rewards(summary):
    return sum(Decimal(summary[name]) for name in REWARDS)


@pytest.fixture(scope="module")
def transactions(updates):
    return [one for one in updates if "event" not in one]


@pytest.fixture(scope="module")
def all_coins(transactions):
    return {cid: coin for one in transactions for cid, coin in created_coins(one).items()}


@pytest.fixture(scope="module")
def plans(ledger):
    return [ledger.plan(index) for index in range(ledger.count())]


def test_inputs_equal_outputs_and_change_and_fees(transactions):
    checked = 0
    for one in transactions:
        coins = created_coins(one)
        for event, sender, summary in summaries(one):
            result = event["exercise_result"]
            result = result.get("result", result)
            taken = Decimal(summary["inputAmuletAmount"]) + claimed_rewards(summary)
            fees = sum(map(Decimal, [summary["senderChangeFee"], *summary["outputFees"]]))
            paid = sum(coins[made["value"]][1] for made in result.get("createdAmulets", ()))
            paid += Decimal(result.get("amuletPaid", 0))
            assert taken == paid + Decimal(summary["senderChangeAmount"]) + fees
            if change := result["senderChangeAmulet"]:
                assert coins[change] == (sender, Decimal(summary["senderChangeAmount"]))
            else:
                assert summary["senderChangeAmount"] == "0E-10"
            checked += 1
    assert checked > 200


def test_the_coins_of_a_payment_are_those_it_names(transactions):
    for one in transactions:
        coins = created_coins(one)
        for event, _, _ in summaries(one):
            if event["choice"] == "AmuletRules_Transfer":
                outputs = event["choice_argument"]["transfer"]["outputs"]
                named = [(output["receiver"], Decimal(output["amount"])) for output in outputs]
                made = [coins[made["value"]] for made in event["exercise_result"]["createdAmulets"]]
                assert made == named


def test_every_account_gains_what_the_plan_says(updates, plans, all_coins):
    for index, one in enumerate(updates):
        if "event" not in one:
            assert gained(one, plans[index], all_coins) == planned(plans[index]), one["update_id"]


def gained(update, plan, all_coins):
    """Coins afterwards minus coins before, by account; what is neither is left out."""
    created, archived = created_coins(update), archived_coins(update)
    net = Counter()
    for contract_id, (owner, amount) in created.items():
        net[owner] += amount * (contract_id not in archived)
    for contract_id in archived - created.keys():
        if contract_id in all_coins:
            owner, amount = all_coins[contract_id]
            net[owner] -= amount
    for event, sender, summary in summaries(update):
        inputs = event["choice_argument"].get("transfer", event["choice_argument"])["inputs"]
        if not any(one["value"] in all_coins for one in inputs):
            net[sender] -= Decimal(summary["inputAmuletAmount"])
    if isinstance(plan, Offer) and not plan.nests_transfer:  # the factory returns no summary
        net[plan.sender] -= sum(plan.inputs) * Decimal("1E-10")
    return {owner: amount for owner, amount in net.items() if amount}


def planned(plan):
    net = Counter()
    for movement in plan.movements:
        if movement.receiver:
            net[movement.receiver] += movement.amount * Decimal("1E-10")
        if movement.sender:
            net[movement.sender] -= movement.amount * Decimal("1E-10")
    return {owner: amount for owner, amount in net.items() if amount}


def reports(update, dso):
    """The arguments of the DSO's reports of holdings in this update."""
    return [
        event["choice_argument"]
        for event in update.get("events_by_id", {}).values()
        if event.get("choice") == "EventLog_HoldingsChange"
        and event["choice_argument"]["admin"] == dso
    ]


def test_reports_of_holdings_explain_what_each_account_gained(plans, updates, all_coins, ledger):
    reported = 0
    for index, one in enumerate(updates):
        net = Counter()
        for log in reports(one, ledger.dso_party_id):
            reported += 1
            for leg in log["transferLegSides"]:
                sign = 1 if leg["side"] == "ReceiverSide" else -1
                net[log["account"]["owner"]] += sign * Decimal(leg["amount"])
        if reports(one, ledger.dso_party_id):
            explained = {owner: amount for owner, amount in net.items() if amount}
            assert explained == gained(one, plans[index], all_coins)
    assert reported > 80


def test_reports_of_other_tokens_move_no_coin(plans, updates, ledger):
    foreign = [
        (plan, event["choice_argument"])
        for plan, one in zip(plans, updates, strict=True)
        for event in one.get("events_by_id", {}).values()
        if event.get("choice") == "EventLog_HoldingsChange"
        and event["choice_argument"]["admin"] != ledger.dso_party_id
    ]
    assert len(foreign) == 6
    assert all(plan.movements == () for plan, _ in foreign)
    names = {log["transferLegSides"][0]["instrumentId"] for _, log in foreign}
    assert names == {"Amulet", "MOCK"}


def test_an_answer_refers_to_an_offer_made_earlier(updates, plans):
    answers = [(index, plan) for index, plan in enumerate(plans) if isinstance(plan, Settlement)]
    outcomes = Counter(plan.outcome for _, plan in answers)
    assert set(outcomes) == set(Outcome)
    for index, plan in answers:
        offered = updates[plan.offer.index]
        assert plan.offer.index < index
        root = updates[index]["events_by_id"][updates[index]["root_event_ids"][0]]
        instructions = [
            event["contract_id"]
            for event in offered["events_by_id"].values()
            if event["template_id"].endswith(":AmuletTransferInstruction")
        ]
        assert [root["contract_id"]] == instructions
        assert root["choice"] == plan.outcome.value


def test_nine_updates_in_ten_move_no_coin(plans):
    movers = sum(any(movement.amount for movement in plan.movements) for plan in plans)
    assert 0.08 < movers / len(plans) < 0.12


def test_every_kind_of_movement_occurs(plans):
    kinds = Counter(movement.kind for plan in plans for movement in plan.movements)
    assert set(kinds) == set(MovementKind)


def test_both_generations_of_transfers_occur(transactions):
    reports = Counter()
    for one in transactions:
        choices = {event.get("choice") for event in one["events_by_id"].values()}
        if choices & set(SENDERS):
            reports[one["migration_id"], "EventLog_HoldingsChange" in choices] += 1
    assert reports[3, True] == 0
    assert min(reports[3, False], reports[4, False], reports[4, True]) > 30


def test_an_account_occurs_twice_in_one_report_now_and_then(updates, ledger):
    others = [
        [leg["otherside"]["owner"] for leg in log["transferLegSides"]]
        for one in updates
        for log in reports(one, ledger.dso_party_id)
    ]
    assert any(len(legs) > len(set(legs)) for legs in others)
    assert [] in others  # a merge
    assert any(None in legs for legs in others)  # a mint or burn
