"""Checks of an update as a whole: its order, what it is about, its price, what it lacks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.movements import RULES_VERSION, cc_movements
from tests.updates import (
    ALICE,
    BOB,
    DSO,
    amulet,
    created,
    exercised,
    party,
    reassignment,
    summary,
    transaction,
    transfer,
)

ROUND, RULES = "Splice.Round:OpenMiningRound", "Splice.AmuletRules:AmuletRules"


def minted(amount):
    coin = amulet(ALICE, amount)
    return exercised("AmuletRules_Mint", {"receiver": ALICE, "amount": amount}, {}, coin)


def coupon():
    return created("Splice.Amulet:AppRewardCoupon", {"dso": DSO})


def fetched(template):
    choice = f"{template.partition(':')[2]}_Fetch"
    return exercised(choice, {"p": ALICE}, {}, template=template)


def test_movements_come_in_execution_order_though_keys_are_sorted_as_strings(moved):
    # Keys :0, :1, :11, :13, :3 …; the twelve mints happen as 1, 2, 3 … 12.
    mints = [minted(f"{number}.0") for number in range(1, 13)]
    rows = moved(exercised("Batch", {}, {}, *mints))
    assert [row[0] for row in rows] == [str(number) for number in range(1, 25, 2)]
    assert [row[-1] for row in rows] == [f"{number}.0000000000" for number in range(1, 13)]


def test_parents_come_before_children_and_children_before_the_next_root(moved):
    first = exercised("Nest", {}, {}, exercised("Nest", {}, {}, minted("1.0")), minted("2.0"))
    assert [row[-1] for row in moved(first, minted("3.0"))] == [
        "1.0000000000",
        "2.0000000000",
        "3.0000000000",
    ]


@pytest.mark.parametrize(
    ("update", "kind", "is_known"),
    [
        pytest.param(
            transaction(exercised("AmuletRules_Anything")),
            "Splice.AmuletRules:AmuletRules/AmuletRules_Anything",
            True,
            id="a choice",
        ),
        pytest.param(
            transaction(coupon()), "Splice.Amulet:AppRewardCoupon/create", True, id="a contract"
        ),
        pytest.param(
            transaction(coupon(), created("New.Module:Thing", {})),
            "Splice.Amulet:AppRewardCoupon/create",
            False,
            id="a second root that nobody has seen",
        ),
        pytest.param(
            transaction(exercised("Thing_Do", {}, {}, coupon(), template="New:Thing")),
            "New:Thing/Thing_Do",
            False,
            id="a choice that nobody has seen",
        ),
        pytest.param(
            transaction(fetched(ROUND), fetched(RULES), coupon()),
            "Splice.Amulet:AppRewardCoupon/create",
            True,
            id="contracts are read first",
        ),
        pytest.param(
            transaction(fetched(ROUND), fetched(RULES)),
            f"{ROUND}/OpenMiningRound_Fetch",
            True,
            id="contracts are read and nothing else",
        ),
        pytest.param(reassignment(), "reassignment", True, id="a reassignment"),
        pytest.param(
            transaction(
                exercised("DsoBootstrap_Bootstrap", template="Splice.DsoBootstrap:DsoBootstrap")
            ),
            "Splice.DsoBootstrap:DsoBootstrap/DsoBootstrap_Bootstrap",
            True,
            id="the network's first update",
        ),
        pytest.param(transaction(), "empty", True, id="nothing at all"),
    ],
)
def test_every_update_is_counted_by_what_it_is_about(update, kind, is_known):
    (row,) = cc_movements(update)
    assert (row["update_kind"], row["is_known"], row["problem"]) == (kind, is_known, None)


def test_an_update_that_moved_nothing_is_one_row_without_a_movement():
    assert cc_movements(transaction(exercised("Anything"))) == [
        {
            "update_kind": "Splice.AmuletRules:AmuletRules/Anything",
            "is_known": True,
            "event_id": None,
            "leg": 0,
            "account": None,
            "direction": None,
            "movement_kind": None,
            "counterparty": None,
            "amount_cc": "0.0000000000",
            "amulet_price_usd": None,
            "amulet_price_at": None,
            "problem": None,
            "rules_version": RULES_VERSION,
        }
    ]


def test_a_row_says_all_there_is_to_say():
    update = transaction(transfer(ALICE, [(BOB, "3.0")], summary("3.0")))
    sent, received = cc_movements(update)
    assert sent == {
        "update_kind": "Splice.AmuletRules:AmuletRules/AmuletRules_Transfer",
        "is_known": True,
        "event_id": f"{update['update_id']}:0",
        "leg": 0,
        "account": ALICE,
        "direction": "sent",
        "movement_kind": "transfer",
        "counterparty": BOB,
        "amount_cc": "3.0000000000",
        "amulet_price_usd": "0.0729300000",
        "amulet_price_at": None,
        "problem": None,
        "rules_version": RULES_VERSION,
    }
    assert received == sent | {
        "leg": 1,
        "account": BOB,
        "direction": "received",
        "counterparty": ALICE,
    }


def opened(price, opens_at="2025-12-10T16:33:00Z", dso=DSO):
    return created(ROUND, {"dso": dso, "amuletPrice": price, "opensAt": opens_at})


def voted(price):
    return created("Splice.DSO.AmuletPrice:AmuletPriceVote", {"amuletPrice": price})


def priced(price, dso=DSO):
    """A merge of coins in a round with that price."""
    totals = summary("1.0", "1.0", amuletPrice=price)
    argument = {"transfer": {"sender": ALICE, "outputs": []}}
    coin = amulet(ALICE, "1.0", dso=dso)
    return exercised("AmuletRules_Transfer", argument, {"summary": totals}, coin)


def tapped(price):
    result = {"amuletSum": {"amuletPrice": price}}
    argument = {"receiver": ALICE, "amount": "1.0"}
    return exercised("AmuletRules_DevNet_Tap", argument, result, amulet(ALICE, "1.0"))


OPENS = "2025-12-10T16:33:00"
ELSEWHERE = party("another DSO")


@pytest.mark.parametrize(
    ("roots", "price", "at"),
    [
        pytest.param([priced("0.0729300000")], "0.0729300000", None, id="of a transfer"),
        pytest.param([tapped("0.17")], "0.1700000000", None, id="of a tap"),
        pytest.param([opened("0.174624")], "0.1746240000", OPENS, id="of a new round"),
        pytest.param(
            [opened("0.1"), opened("0.2", "2025-12-10T16:43:00.5+00:00")],
            "0.2000000000",
            "2025-12-10T16:43:00.500000",
            id="of the newest round",
        ),
        pytest.param([opened("0.2"), priced("0.1")], "0.1000000000", None, id="the transfer first"),
        pytest.param(
            [opened("0.2", "0001-01-01T00:00:00Z")],
            "0.2000000000",
            "0001-01-01T00:00:00",
            id="of a round in the year 1",
        ),
        pytest.param([exercised("Nest", {}, {}, opened("0.2"))], "0.2000000000", OPENS, id="below"),
        pytest.param([priced(None), opened("0.2")], "0.2000000000", OPENS, id="null"),
        pytest.param([priced("0.00000000001")], None, None, id="finer than it can be kept"),
        pytest.param([priced("much")], None, None, id="no number"),
        pytest.param([priced(0.07)], None, None, id="a JSON number"),
        pytest.param([voted("9.0")], None, None, id="no price, a vote on it"),
        pytest.param([opened("9.0", dso=ELSEWHERE)], None, None, id="of another DSO's round"),
        pytest.param([priced("9.0", dso=ELSEWHERE)], None, None, id="of another DSO's transfer"),
        pytest.param([exercised("Whatever")], None, None, id="nowhere"),
    ],
)
def test_the_price_is_what_the_ledger_says_and_counts_from_when_its_round_opens(roots, price, at):
    rows = cc_movements(transaction(*roots))
    assert [(row["amulet_price_usd"], row["amulet_price_at"]) for row in rows] == [(price, at)]


@pytest.mark.parametrize(
    ("price", "opens_at", "what"),
    [
        pytest.param("much", OPENS + "Z", "amount 'much' is no decimal", id="a price of words"),
        pytest.param(None, OPENS + "Z", "amount None is no string", id="no price"),
        pytest.param("0.2", "soon", "'soon' is no time of the ledger", id="a time of words"),
        pytest.param("0.2", None, "None is no time of the ledger", id="no time"),
        pytest.param("0.2", 1_765_384_000, "is no time of the ledger", id="a number"),
        pytest.param("0.2", OPENS, "is no time of the ledger", id="without a time zone"),
        pytest.param("0.2", "2025-W50-3T16:33:00Z", "is no time of the ledger", id="a week"),
        pytest.param("0.2", "2025-12-10T16:33:60Z", "second must be", id="a leap second"),
        pytest.param("0.2", "0000-12-10T16:33:00Z", "year 0 is out of range", id="the year 0"),
        pytest.param("0.2", "0001-01-01T00:00:00+14:00", "OverflowError", id="before the year 1"),
        pytest.param("0.2", "9999-12-31T23:59:59-00:01", "OverflowError", id="after the year 9999"),
    ],
)
def test_a_round_that_cannot_be_read_announces_nothing_and_is_a_problem(price, opens_at, what):
    update = transaction(exercised("Nest", {}, {}, opened(price, opens_at)))
    (row,) = cc_movements(update)
    assert (row["amulet_price_usd"], row["amulet_price_at"]) == (None, None)
    assert row["event_id"] == f"{update['update_id']}:1"
    assert row["problem"].startswith("OpenMiningRound: ")
    assert what in row["problem"]


TIMES = st.builds(
    "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}".format,
    *(st.integers(0, most) for most in (9999, 13, 32, 24, 60, 60)),
    st.sampled_from(["Z", ".5Z", ".123456Z", ".1234567Z", "", "+14:00", "-23:59", "+99:99"]),
)


@settings(max_examples=50)
@given(TIMES | st.text(max_size=30))
def test_whatever_stands_for_a_time_is_read_or_is_a_problem(text):
    (row,) = cc_movements(transaction(opened("0.2", text)))
    assert (row["amulet_price_at"] is None) == (row["problem"] is not None)


def broken():
    update = transaction(exercised("Nest", {}, {}, exercised("Leaf")))
    root, leaf = update["events_by_id"].values()
    return {
        "unnamed": {**update, "root_event_ids": [root["event_id"], "gone"]},
        "circle": {**update, "events_by_id": _with_child(root, leaf, root["event_id"])},
        "twice": {**update, "root_event_ids": [root["event_id"], leaf["event_id"]]},
        "misnamed": {**update, "events_by_id": {root["event_id"]: leaf}},
        "no objects": {**update, "events_by_id": {root["event_id"]: 1}},
        "a list": {**update, "events_by_id": [root, leaf]},
    }


def _with_child(root, leaf, child):
    return {root["event_id"]: root, leaf["event_id"]: leaf | {"child_event_ids": [child]}}


@pytest.mark.parametrize(("what", "update"), broken().items(), ids=broken())
def test_events_that_form_no_tree_are_said_to_be_unreadable(what, update):
    (row,) = cc_movements(update)
    assert (row["update_kind"], row["is_known"], row["movement_kind"]) == (
        "unreadable",
        False,
        None,
    )
    assert row["problem"], what


def test_an_update_whose_synchronizer_names_no_namespace_is_unreadable():
    (row,) = cc_movements(transaction(minted("1.0"), synchronizer_id="global-domain"))
    assert (row["update_kind"], row["movement_kind"]) == ("unreadable", None)
    assert "synchronizer_id names no namespace" in row["problem"]
