"""Until Splice 0.6.11: AmuletRules_Transfer, payments to the preapproved, mints and fees."""

import pytest

from tests.updates import ALICE, BOB, CAROL, amulet, exercised, summary, transfer


def test_a_payment_has_a_sender_and_a_receiver(moved, table):
    payment = transfer(ALICE, [(BOB, "3.0000000000")], summary("10.0000000000", "7.0000000000"))
    assert moved(payment) == table("""
        0  0  alice  sent      transfer  bob    3.0000000000
        0  1  bob    received  transfer  alice  3.0000000000
    """)


def test_each_output_is_a_payment_with_legs_of_its_own(moved, table):
    outputs = [(BOB, "1.0"), (CAROL, "2.0"), (BOB, "1.0")]
    assert moved(transfer(ALICE, outputs, summary("4.0"))) == table("""
        0  0  alice  sent      transfer  bob    1.0000000000
        0  1  bob    received  transfer  alice  1.0000000000
        0  2  alice  sent      transfer  carol  2.0000000000
        0  3  carol  received  transfer  alice  2.0000000000
        0  4  alice  sent      transfer  bob    1.0000000000
        0  5  bob    received  transfer  alice  1.0000000000
    """)


def test_an_output_to_oneself_is_no_payment(moved, table):
    outputs = [(ALICE, "4.0"), (BOB, "1.0"), (ALICE, "5.0")]
    assert moved(transfer(ALICE, outputs, summary("10.0"))) == table("""
        0  0  alice  sent      transfer  bob    1.0000000000
        0  1  bob    received  transfer  alice  1.0000000000
    """)


def test_merging_and_splitting_coins_moves_nothing(moved):
    assert moved(transfer(ALICE, [(ALICE, "4.0")], summary("10.0", "6.0"))) == []


@pytest.mark.parametrize(
    ("outputs", "totals"),
    [
        pytest.param([], summary("0E-10", "10988.5749814750"), id="as change"),
        pytest.param([(ALICE, "10988.5749814750")], summary("0E-10"), id="as an output"),
        pytest.param([], summary("100.0", "11088.5749814750"), id="beside coins"),
    ],
)
def test_what_comes_out_beyond_what_went_in_was_minted(moved, table, outputs, totals):
    assert moved(transfer(ALICE, outputs, totals)) == table("""
        0  0  alice  received  mint  -  10988.5749814750
    """)


def test_rewards_that_are_reported_twice_are_minted_once(moved, table):
    # As recorded on MainNet: the faucet's part is in the validator's reward already.
    totals = summary(
        "0E-10",
        "52.4469371427",
        inputValidatorRewardAmount="52.4469371427",
        inputValidatorFaucetAmount="52.4469371427",
        inputDevelopmentFundAmount=None,
    )
    assert moved(transfer(ALICE, [], totals)) == table("""
        0  0  alice  received  mint  -  52.4469371427
    """)


def test_a_reward_that_is_paid_on_is_minted_and_sent(moved, table):
    assert moved(transfer(ALICE, [(BOB, "3.0")], summary("0E-10", "2.0"))) == table("""
        0  0  alice  sent      transfer  bob    3.0000000000
        0  1  bob    received  transfer  alice  3.0000000000
        0  2  alice  received  mint      -      5.0000000000
    """)


def test_fees_of_all_kinds_are_burned_by_the_sender(moved, table):
    totals = summary(
        "10.0", "6.4", outputFees=["0.1", "0.2"], senderChangeFee="0.1", holdingFees="0.2"
    )
    assert moved(transfer(ALICE, [(BOB, "3.0")], totals)) == table("""
        0  0  alice  sent      transfer  bob    3.0000000000
        0  1  bob    received  transfer  alice  3.0000000000
        0  3  alice  sent      burn      -      0.6000000000
    """)


def test_what_went_in_and_did_not_come_out_shows_as_a_negative_mint(moved, table):
    # A quality rule stops on it: the amounts of the update contradict each other.
    assert moved(transfer(ALICE, [(BOB, "3.0")], summary("5.0"))) == table("""
        0  0  alice  sent      transfer  bob    3.0000000000
        0  1  bob    received  transfer  alice  3.0000000000
        0  2  alice  received  mint      -      -2.0000000000
    """)


def preapproved(choice, *children, amount="3.0", totals=None):
    totals = totals or summary("10.0", "7.0")
    argument = {"sender": ALICE, "amount": amount}
    return exercised(choice, argument, {"result": {"summary": totals}}, *children, acting=[ALICE])


SENDS = pytest.mark.parametrize(
    "choice", ["TransferPreapproval_Send", "TransferPreapproval_SendV2"]
)


@SENDS
def test_a_payment_to_the_preapproved_goes_to_the_other_owner_of_a_new_coin(choice, moved, table):
    send = preapproved(choice, amulet(ALICE, "7.0"), amulet(BOB, "3.0"))
    assert moved(send) == table("""
        0  0  alice  sent      transfer  bob    3.0000000000
        0  1  bob    received  transfer  alice  3.0000000000
    """)


@SENDS
def test_a_payment_to_the_preapproved_counts_once_with_its_inner_transfer(choice, moved, table):
    inner = transfer(ALICE, [(BOB, "3.0")], summary("10.0", "7.0"))
    send = preapproved(choice, inner, amulet(ALICE, "7.0"), amulet(BOB, "3.0"))
    assert moved(exercised("TransferFactory_Transfer", {}, {}, send)) == table("""
        1  0  alice  sent      transfer  bob    3.0000000000
        1  1  bob    received  transfer  alice  3.0000000000
    """)


def test_a_payment_to_the_preapproved_is_paid_once_whoever_else_gets_a_coin(moved, table):
    send = preapproved("TransferPreapproval_Send", amulet(BOB, "3.0"), amulet(CAROL, "0.1"))
    assert moved(send) == table("""
        0  0  alice  sent      transfer  bob    3.0000000000
        0  1  bob    received  transfer  alice  3.0000000000
    """)


def test_rewards_spent_on_a_preapproved_payment_are_minted(moved, table):
    totals = summary("0E-10", "2.0")
    send = preapproved("TransferPreapproval_Send", amulet(BOB, "3.0"), totals=totals)
    assert moved(send) == table("""
        0  0  alice  sent      transfer  bob    3.0000000000
        0  1  bob    received  transfer  alice  3.0000000000
        0  2  alice  received  mint      -      5.0000000000
    """)


def test_a_preapproved_payment_to_oneself_moves_nothing(moved):
    assert moved(preapproved("TransferPreapproval_Send", amulet(ALICE, "10.0"))) == []
