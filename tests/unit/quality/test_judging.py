"""Checks of what rules find, and when that stops a batch. The rules are made up for the tests."""

import pytest

from services.errors import QualityFailed
from services.quality import BatchRule, Finding, LineRule, check_lines, judge, refuse_broken

ODD = LineRule("even", "error", 0.0, "n is even", lambda line: line.update["n"] % 2 == 1)
BIG = LineRule("small", "warn", 0.25, "n is below 9", lambda line: line.update["n"] > 8)


def numbered(*numbers):
    return [b'{"n":%d}' % number for number in numbers]


def counted(threshold, severity="error"):
    return BatchRule("complete", "silver", severity, threshold, "nothing is missing", "select …")


def test_a_finding_says_which_rule_and_which_lines():
    assert check_lines(numbered(1, 2, 3, 4, 9), [ODD, BIG]) == [
        Finding("even", "error", "n is even", 3, 5, is_broken=True, lines=(0, 2, 4)),
        Finding("small", "warn", "n is below 9", 1, 5, is_broken=False, lines=(4,)),
    ]


def test_rules_without_offenders_are_not_mentioned():
    assert check_lines(numbered(2, 4), [ODD, BIG]) == []
    assert check_lines([], [ODD, BIG]) == []


@pytest.mark.parametrize(
    ("threshold", "offenders", "total", "is_broken"),
    [
        pytest.param(0.0, 1, 1_000_000, True, id="none may"),
        pytest.param(0.01, 1, 100, False, id="as many as may"),
        pytest.param(0.01, 2, 100, True, id="one more"),
        pytest.param(0.01, 1, 99, True, id="of fewer"),
        pytest.param(0.05, 7, 140, False, id="as many as may, in floats that don't add up"),
        pytest.param(1.0, 5, 5, False, id="all may"),
    ],
)
def test_a_rule_is_broken_when_more_offend_than_its_threshold(
    threshold, offenders, total, is_broken
):
    finding = judge(counted(threshold), offenders, total)
    assert finding == Finding(
        "complete", "error", "nothing is missing", offenders, total, is_broken
    )


def test_a_batch_rule_without_offenders_is_not_mentioned():
    assert judge(counted(0.0), 0, 100) is None


def finding(rule, severity, *, is_broken):
    return Finding(rule, severity, "it says", 3, 10, is_broken)


def test_a_broken_error_stops_and_every_one_is_named_with_its_share():
    found = [
        finding("first", "error", is_broken=True),
        finding("second", "warn", is_broken=True),
        finding("third", "error", is_broken=True),
    ]
    with pytest.raises(QualityFailed) as stopped:
        refuse_broken(found, "batch 7")
    assert str(stopped.value) == (
        "batch 7: first (error): 3 of 10 — it says; third (error): 3 of 10 — it says"
    )


def test_a_broken_warning_goes_on_and_is_told():
    broken = finding("warned", "warn", is_broken=True)
    tolerated = [
        finding("few", "warn", is_broken=False),
        finding("fewer", "error", is_broken=False),
    ]
    assert refuse_broken([broken, *tolerated], "batch 7") == [broken]
