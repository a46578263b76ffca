"""Amounts are exact decimal strings, or the movement is said to be unreadable."""

import pytest

from services.movements import cc_movements
from tests.updates import (
    ALICE,
    BOB,
    amulet,
    exercised,
    holdings_change,
    leg,
    locked_amulet,
    summary,
    transaction,
    transfer,
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        pytest.param("0E-10", "0.0000000000", id="zero as the API writes it"),
        pytest.param("0.0000000001", "0.0000000001", id="the least"),
        pytest.param("1", "1.0000000000", id="without decimals"),
        pytest.param("1E+3", "1000.0000000000", id="with an exponent"),
        pytest.param("-1.43E-8", "-0.0000000143", id="negative, with an exponent"),
        pytest.param("-12.5000000000", "-12.5000000000", id="negative"),
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


def test_sums_of_the_largest_amounts_are_exact(moved, table):
    most = "9999999999999999999999999999.9999999999"
    totals = summary(most, "0E-10", holdingFees="0.0000000001")
    assert moved(transfer(ALICE, [(BOB, most)], totals)) == table(f"""
        0  0  alice  sent      transfer  bob    {most}
        0  1  bob    received  transfer  alice  {most}
        0  2  alice  received  mint      -      0.0000000001
        0  3  alice  sent      burn      -      0.0000000001
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


PREAPPROVED = {"sender": ALICE, "amount": "3.0"}
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
            "KeyError: 'outputs'",
            id="no transfer in a transfer",
        ),
        pytest.param(
            transfer(ALICE, [(BOB, "3.0")], {}), "no summary", id="a transfer without a summary"
        ),
        pytest.param(
            transfer(ALICE, [(BOB, "3.0")], {"holdingFees": "0E-10"}),
            "KeyError: 'inputAmuletAmount'",
            id="a summary that does not say what went in",
        ),
        pytest.param(
            transfer(ALICE, [({"owner": BOB}, "3.0")], summary("3.0")),
            "is no string",
            id="a receiver that is no party",
        ),
        pytest.param(
            exercised("TransferPreapproval_Send", {"sender": ALICE}, SUMMARY, amulet(BOB, "3.0")),
            "KeyError: 'amount'",
            id="a payment without an amount",
        ),
        pytest.param(
            exercised("TransferPreapproval_Send", PREAPPROVED, SUMMARY, locked_amulet(BOB, "3.0")),
            "no Amulet is created",
            id="a payment to nobody",
        ),
        pytest.param(
            exercised("TransferPreapproval_Send", PREAPPROVED, {}, amulet(BOB, "3.0")),
            "no summary",
            id="a payment without a summary",
        ),
        pytest.param(
            exercised("TransferInstruction_Accept", {}, {}, amulet(BOB, None)),
            "amount None is no string",
            id="a coin without an amount",
        ),
        pytest.param(
            exercised("AmuletRules_DevNet_Tap", "all of it"), "'amount'", id="a tap without one"
        ),
        pytest.param(
            exercised("AmuletRules_BuyMemberTraffic", {}, {"amuletPaid": None}),
            "amount None is no string",
            id="nothing paid",
        ),
        pytest.param(
            holdings_change(ALICE, {**leg("Sender", BOB, "3.0"), "side": "Beside"}),
            "KeyError: 'Beside'",
            id="a leg on no side",
        ),
        pytest.param(
            exercised(
                "EventLog_HoldingsChange",
                holdings_change(ALICE).fields["choice_argument"] | {"transferLegSides": None},
            ),
            "TypeError: 'NoneType' object is not iterable",
            id="a log without legs",
        ),
    ],
)
def test_a_movement_that_cannot_be_read_is_a_problem_of_its_own(problem, node, said):
    assert said in problem(node)


def test_a_problem_names_its_event_and_leaves_the_others_alone():
    update = transaction(
        transfer(ALICE, [(BOB, "a lot")], summary("3.0")),
        transfer(ALICE, [(BOB, "3.0")], summary("3.0")),
    )
    rows = cc_movements(update)
    assert [(row["event_id"], row["movement_kind"], bool(row["problem"])) for row in rows] == [
        (f"{update['update_id']}:0", None, True),
        (f"{update['update_id']}:1", "transfer", False),
        (f"{update['update_id']}:1", "transfer", False),
    ]
