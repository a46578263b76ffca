"""A rehearsal has passed when all that must be equal is."""

import json

import pytest

from cloud.rehearsal.limits import NOT_HERE, STAND_INS
from cloud.rehearsal.table import Row, Verdict, equal, holds, is_passed, print_rows

SAME, OTHER = equal("user", "10001", "10001"), equal("memory", "4096 MiB", "512 MiB")
SWAPPED = Row("SNOWFLAKE_HOST", "unset", "snowflake", Verdict.SWAPPED, "the local one")


@pytest.mark.parametrize(
    ("rows", "passed"),
    [
        pytest.param([SAME], True, id="equal"),
        pytest.param([SAME, SWAPPED, *STAND_INS, *NOT_HERE], True, id="with-reasons"),
        pytest.param([SAME, OTHER, SAME], False, id="different"),
        pytest.param([holds("a", "b", "c", is_so=False), SAME], False, id="does-not-hold"),
        pytest.param([], False, id="nothing"),
        pytest.param([SWAPPED, *STAND_INS], False, id="nothing-compared"),
    ],
)
def test_one_difference_is_enough(rows, passed):
    assert is_passed(rows) is passed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (False, "no"),
        ([], "none"),
        (["b", "a"], "b, a"),
        ({"/tmp": "size=1m"}, "/tmp size=1m"),  # noqa: S108 -- in a container
        ({}, "nothing"),
        (5, "5"),
    ],
)
def test_values_are_written_for_people(value, text):
    assert equal("part", value, value).here == text


def test_no_row_is_left_out_of_the_table_and_what_differs_comes_last(capsys):
    print_rows([OTHER, SAME, SWAPPED, *STAND_INS, *NOT_HERE], "")
    shown = capsys.readouterr().out
    for row in (OTHER, SAME, SWAPPED, *STAND_INS, *NOT_HERE):
        assert row.part in shown
    assert shown.index("DIFFERS, and must not") > shown.index(NOT_HERE[-1].part)
    assert "4096 MiB" in shown
    assert "512 MiB" in shown


def test_programs_get_an_object_a_row(capsys):
    print_rows([SAME, OTHER], "json")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["verdict"] for row in rows] == ["equal", "DIFFERS"]
    assert rows[1]["production"] == "4096 MiB"


def test_whatever_is_not_equal_says_why():
    assert [row.part for row in (*STAND_INS, *NOT_HERE) if not row.why] == []
