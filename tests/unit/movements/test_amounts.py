"""Amounts are exact decimal strings, or the movement is said to be unreadable."""

from dataclasses import replace

import pytest

from services.movements import cc_movements
from tests.coin.building import PREAPPROVAL, accepted
from tests.updates import (
    ALICE,
    BOB,
    CAROL,
    amulet,
    exercised,
    holdings_change,
    leg,
    summary,
    transaction,
    transfer,
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        pytest.param("0.0000000001", "0.0000000001", id="the least"),
        pytest.param("1", "1.0000000000", id="without decimals"),
        pytest.param("1E+3", "1000.0000000000", id="with an exponent"),
        pytest.param("1.43E-8", "0.0000000143", id="small, as Java prints it"),
        pytest.param(
            "9999999999999999999999999999.9999999999",
            "9999999999999999999999999999.9999999999",
            id="38 digits",
        ),
        pytest.param("1.00000000000000", "1.0000000000", id="zeros beyond the tenth place"),
    ],
)
def test_an_amount_is_kept_to_the_last_digit(moved, text, plain):
    assert [row[-1] for row in moved(holdings_change(ALICE, leg("Sender", BOB, text)))] == [plain]


def test_an_amount_of_zero_is_no_movement(moved):
    assert moved(holdings_change(ALICE, leg("Sender", BOB, "0E-10"))) == []


def test_sums_of_the_largest_amounts_are_exact(moved, table):
    most = "9999999999999999999999999999.0000000000"
    totals = summary(most, inputSvRewardAmount="0.0000000001", holdingFees="0.0000000001")
    assert moved(transfer(ALICE, [(BOB, most)], totals)) == table(f"""
        0  0  alice  sent      transfer  bob    {most}
        0  1  bob    received  transfer  alice  {most}
        0  2  alice  received  mint      -      0.0000000001
        0  3  alice  sent      burn      -      0.0000000001
    """)


@pytest.mark.parametrize(
    ("half", "is_booked"), [("4999999999999999999999999999.9999999999", True), ("5E+27", False)]
)
@pytest.mark.parametrize(("side", "direction"), [("Sender", "sent"), ("Receiver", "received")])
def test_a_sum_beyond_38_digits_is_a_problem_of_the_update(side, direction, half, is_booked):
    first, other = (holdings_change(who, leg(side, BOB, half)) for who in (ALICE, CAROL))
    rows = cc_movements(transaction(first, other))
    if is_booked:
        assert [row["amount_cc"] for row in rows] == [half, half]
        return
    (row,) = rows
    assert (row["movement_kind"], row["amount_cc"]) == (None, "0.0000000000")
    assert row["event_id"].endswith(":1")
    total = "10000000000000000000000000000.0000000000"
    assert row["problem"] == f"up to here, {total} CC are {direction}: too much for a sum"


def test_a_sum_beyond_38_digits_leaves_other_problems():
    half, odd = leg("Sender", BOB, "5E+27"), leg("Sender", BOB, "much")
    reports = [holdings_change(ALICE, one) for one in (half, odd, half)]
    rows = cc_movements(transaction(*reports))
    assert [row["event_id"].partition(":")[2] for row in rows] == ["1", "2"]
    assert all(row["problem"] for row in rows)


@pytest.mark.parametrize(
    "newer",
    [
        pytest.param({}, id="absent, as in old packages"),
        pytest.param({"inputDevelopmentFundAmount": None}, id="null, as in new ones"),
        pytest.param({"inputDevelopmentFundAmount": "0E-10"}, id="zero, as Java prints it"),
    ],
)
@pytest.mark.parametrize("beside", ["Done", {}, [], None], ids=repr)
def test_encoding_fields_may_be_newer_than_a_package_and_results_be_bare_strings(
    moved, table, newer, beside
):
    other = exercised("Shop_Close", {}, beside, template="Shop:Shop", package="shop")
    assert moved(other, transfer(ALICE, [(BOB, "3.0")], summary("3.0", **newer))) == table("""
        1  0  alice  sent      transfer  bob    3.0000000000
        1  1  bob    received  transfer  alice  3.0000000000
    """)


@pytest.mark.parametrize(
    "amount",
    [
        pytest.param(3.0, id="a JSON fraction"),
        pytest.param(3, id="a JSON integer"),
        pytest.param(None, id="null"),
        pytest.param(True, id="true"),
        pytest.param({"amount": "3.0"}, id="an object"),
        pytest.param("", id="an empty text"),
        pytest.param("three", id="a word"),
        pytest.param("NaN", id="not a number"),
        pytest.param("-1.0", id="less than nothing"),
        pytest.param("\u0663", id="a digit of another script"),
        pytest.param("1_000", id="an underscore"),
        pytest.param(" 5 ", id="spaces"),
        pytest.param("5\n", id="a line break"),
        pytest.param(".5", id="no digit before the point"),
        pytest.param("+5", id="a plus"),
        pytest.param("Infinity", id="infinity"),
        pytest.param("0.00000000001", id="eleven decimals"),
        pytest.param("1E+28", id="39 digits"),
        pytest.param("1E+999999999", id="more digits than memory"),
        pytest.param("1E+99999999999999999999", id="an exponent without end"),
    ],
)
def test_an_amount_that_cannot_be_booked_is_a_problem_not_a_guess(problem, amount):
    assert problem(holdings_change(ALICE, leg("Sender", BOB, amount))).startswith(
        "EventLog_HoldingsChange: "
    )


@pytest.mark.parametrize(
    "field",
    [
        "inputAmuletAmount",
        "inputAppRewardAmount",
        "inputValidatorRewardAmount",
        "inputSvRewardAmount",
        "holdingFees",
        "senderChangeFee",
        "senderChangeAmount",
    ],
)
def test_a_null_where_a_transfer_always_has_an_amount_is_no_zero(problem, field):
    totals = {**summary("3.0"), field: None}
    said = problem(transfer(ALICE, [(BOB, "1.0")], totals))
    assert said == "AmuletRules_Transfer: TypeError: amount None is no string"


def replace_argument(event, **changes):
    argument = event.fields["choice_argument"] | changes
    return replace(event, fields=event.fields | {"choice_argument": argument})


SUMMARY = {"result": {"summary": summary("3.0")}}


@pytest.mark.parametrize(
    ("node", "said"),
    [
        pytest.param(
            exercised("AmuletRules_Transfer", {"transfer": {"sender": ALICE}}, SUMMARY),
            "KeyError: 'outputs'",
            id="a transfer without outputs",
        ),
        pytest.param(
            exercised("AmuletRules_Transfer", {"transfer": None}, SUMMARY),
            "TypeError: 'NoneType' object is not subscriptable",
            id="no transfer in a transfer",
        ),
        pytest.param(
            transfer(ALICE, [(BOB, "3.0")], {}),
            "KeyError: 'inputAmuletAmount'",
            id="a transfer without a summary",
        ),
        pytest.param(
            transfer(ALICE, [(BOB, "3.0")], summary("3.0", None)),
            "amount None is no string",
            id="a summary whose change is null",
        ),
        pytest.param(
            transfer(ALICE, [(BOB, "3.0")], summary("3.0", outputFees=["0E-10", "0E-10"])),
            "zip() argument",
            id="more fees than outputs",
        ),
        pytest.param(
            transfer(ALICE, [(["bob"], "3.0")], summary("3.0")),
            "counterparty ['bob'] is no party",
            id="a receiver that is a list",
        ),
        pytest.param(
            transfer("", [(BOB, "3.0")], summary("3.0")),
            "account '' is no party",
            id="a sender without a name",
        ),
        pytest.param(
            transfer(ALICE, [(BOB, "-3.0")], summary(change="3.0")),
            "amount -3.0 is negative",
            id="a payment of less than nothing",
        ),
        pytest.param(
            exercised("TransferPreapproval_Send", {"sender": ALICE}, {}, template=PREAPPROVAL),
            "no AmuletRules_Transfer below it",
            id="a preapproved payment without its transfer",
        ),
        pytest.param(
            exercised(
                "TransferPreapproval_SendV2",
                {"sender": ALICE, "amount": "3.0"},
                {"result": {"summary": summary("3.0"), "createdAmulets": [{"value": "00"}]}},
                template=PREAPPROVAL,
            ),
            "KeyError: '00'",
            id="a preapproved payment whose coin is not there",
        ),
        pytest.param(
            accepted(ALICE, amulet(BOB, None, name="got"), holdings=["got"]),
            "amount None is no string",
            id="a coin without an amount",
        ),
        pytest.param(
            accepted(None, amulet(BOB, "3.0", name="got"), holdings=["got"]),
            "account None is no party",
            id="an accepted offer of nobody",
        ),
        pytest.param(
            exercised("AmuletRules_DevNet_Tap", "all of it", {}, amulet(BOB, "3.0")),
            "'amount'",
            id="a tap without an amount",
        ),
        pytest.param(
            exercised(
                "AmuletRules_BuyMemberTraffic",
                {"provider": ALICE},
                {"amuletPaid": None, "summary": summary(outputFees=["0E-10"])},
                amulet(ALICE, "1.0"),
            ),
            "amount None is no string",
            id="nothing paid",
        ),
        pytest.param(
            holdings_change(ALICE, {**leg("Sender", BOB, "3.0"), "side": "Beside"}),
            "KeyError: 'Beside'",
            id="a leg on no side",
        ),
        pytest.param(
            replace_argument(holdings_change(ALICE), transferLegSides=None),
            "TypeError: 'NoneType' object is not iterable",
            id="a log without legs",
        ),
    ],
)
def test_a_movement_that_cannot_be_read_is_a_problem_of_its_own(problem, node, said):
    assert said in problem(node)


def test_a_problem_names_its_event_and_comes_after_the_movements_of_the_others():
    update = transaction(
        transfer(ALICE, [(BOB, "a lot")], summary("3.0")),
        transfer(ALICE, [(BOB, "3.0")], summary("3.0")),
    )
    broken, sound = update["root_event_ids"]
    rows = cc_movements(update)
    assert [(row["event_id"], row["movement_kind"], row["problem"]) for row in rows] == [
        (sound, "transfer", None),
        (sound, "transfer", None),
        (
            broken,
            None,
            "AmuletRules_Transfer: ValueError: amount 'a lot' is no decimal of the ledger",
        ),
    ]


def test_what_does_not_add_up_is_told_with_the_difference(problem_of):
    totals = summary("5.0", inputAppRewardAmount="1.0")
    assert problem_of(transfer(ALICE, [(BOB, "3.0")], totals)) == (
        "AmuletRules_Transfer: 3.0000000000 CC went in and did not come out"
    )
