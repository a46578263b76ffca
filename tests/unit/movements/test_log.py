"""From Splice 0.6.11 on: EventLog_HoldingsChange. Shape from the reference; none was recorded."""

import pytest

from tests.updates import (
    ALICE,
    BOB,
    CAROL,
    DSO,
    amulet,
    exercised,
    holdings_change,
    leg,
    summary,
    transfer,
)


def test_a_payment_is_told_by_both_accounts(moved, table):
    reports = [
        holdings_change(ALICE, leg("Sender", BOB, "3.0")),
        holdings_change(BOB, leg("Receiver", ALICE, "3.0")),
    ]
    assert moved(exercised("TransferFactory_Transfer", {}, {}, *reports)) == table("""
        1  0  alice  sent      transfer  bob    3.0000000000
        2  0  bob    received  transfer  alice  3.0000000000
    """)


def test_two_payments_to_one_account_are_two_legs(moved, table):
    report = holdings_change(
        BOB, leg("Receiver", ALICE, "1.0"), leg("Receiver", ALICE, "1.0"), leg("Sender", CAROL, "2")
    )
    assert moved(report) == table("""
        0  0  bob  received  transfer  alice  1.0000000000
        0  1  bob  received  transfer  alice  1.0000000000
        0  2  bob  sent      transfer  carol  2.0000000000
    """)


def test_what_comes_from_nobody_is_minted_and_what_goes_to_nobody_is_burned(moved, table):
    report = holdings_change(ALICE, leg("Receiver", None, "5.0"), leg("Sender", None, "0.5"))
    assert moved(report) == table("""
        0  0  alice  received  mint  -  5.0000000000
        0  1  alice  sent      burn  -  0.5000000000
    """)


def test_no_legs_are_a_merge_or_a_split(moved):
    assert moved(holdings_change(ALICE)) == []


def test_legs_of_an_account_with_itself_move_nothing(moved, table):
    # Change and locks: both sides are reported, by the same account.
    report = holdings_change(
        ALICE,
        leg("Sender", ALICE, "7.0"),
        leg("Receiver", ALICE, "7.0"),
        leg("Sender", BOB, "3.0"),
    )
    assert moved(report) == table("""
        0  0  alice  sent  transfer  bob  3.0000000000
    """)


def test_other_instruments_and_other_admins_are_none_of_ours(moved):
    reports = [
        holdings_change(ALICE, leg("Sender", BOB, "3.0", instrument="Gold")),
        holdings_change(ALICE, leg("Sender", BOB, "3.0"), admin=CAROL),
        holdings_change(ALICE, leg("Sender", BOB, "3.0"), admin=None),
    ]
    assert moved(*reports) == []


def test_the_log_wins_over_the_choices_of_the_update(moved, table):
    report = holdings_change(ALICE, leg("Sender", BOB, "3.0"))
    old = transfer(ALICE, [(BOB, "3.0")], summary("3.0"))
    assert moved(old, exercised("AmuletRules_Mint", {}, {}, report)) == table("""
        2  0  alice  sent  transfer  bob  3.0000000000
    """)


def test_anothers_log_does_not_win_over_the_choices(moved, table):
    report = holdings_change(ALICE, leg("Sender", BOB, "9.0"), admin=CAROL)
    old = transfer(ALICE, [(BOB, "3.0")], summary("3.0"))
    assert moved(report, old) == table("""
        1  0  alice  sent      transfer  bob    3.0000000000
        1  1  bob    received  transfer  alice  3.0000000000
    """)


@pytest.mark.parametrize("choice", ["TransferInstruction_Reject", "TransferInstruction_Withdraw"])
def test_an_abort_is_told_by_its_choice_beside_the_log(moved, table, choice):
    unlocked = exercised("LockedAmulet_UnlockV2", {}, {}, amulet(ALICE, "3.0"))
    reports = [
        holdings_change(ALICE, leg("Sender", ALICE, "3.0"), leg("Receiver", ALICE, "3.0")),
        holdings_change(ALICE, leg("Sender", None, "0.1")),
    ]
    rejected = exercised(choice, {}, {}, unlocked, *reports, acting=[BOB, DSO])
    assert moved(rejected) == table("""
        0  0  alice  none  abort  bob  0.0000000000
        4  0  alice  sent  burn   -    0.1000000000
    """)
