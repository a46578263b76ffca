"""The rules on each case of how coin moves, stays, or only seems to move."""

import pytest

from services.movements import cc_movements
from tests.coin.case import sums
from tests.coin.cases import SECTIONS

CHECKED = set()


def each(section):
    CHECKED.add(section)
    cases = SECTIONS[section]
    return pytest.mark.parametrize("case", cases.values(), ids=cases)


def check(case):
    rows = cc_movements(case.update)
    problems = [row["problem"] for row in rows if row["problem"]]
    assert sums(rows) == case.movements, problems
    assert bool(problems) == case.is_flagged, problems
    keys = [(row["event_id"], row["leg"]) for row in rows if row["movement_kind"]]
    assert len(keys) == len(set(keys)), "silver's key tells rows apart"


@each("payments")
def test_payments(case):
    check(case)


@each("token standard, version 1")
def test_the_token_standard_version_1(case):
    check(case)


@each("token standard, version 2")
def test_the_token_standard_version_2(case):
    check(case)


@each("purchases")
def test_burns_by_purchase(case):
    check(case)


@each("expiry")
def test_expiry_burns_the_owners_coin(case):
    check(case)


@each("mints")
def test_mints_and_taps(case):
    check(case)


@each("locks")
def test_locks_move_nothing(case):
    check(case)


@each("no coin")
def test_amounts_that_are_no_coin_move_nothing(case):
    check(case)


@each("without wrappers")
def test_choices_whose_wrapper_is_not_in_the_stream(case):
    check(case)


@each("walk")
def test_each_choice_decides_for_itself_whether_reports_tell(case):
    check(case)


@each("reports")
def test_reports(case):
    check(case)


@each("liars")
def test_names_prove_nothing(case):
    check(case)


@each("gaps")
def test_what_does_not_close_is_a_problem_and_never_an_invented_mint(case):
    check(case)


def test_every_section_is_checked_here():
    assert SECTIONS.keys() == CHECKED
