"""Checks of what rules find, and when that stops a batch. The rules are made up for the tests."""

import pytest

from services.errors import QualityFailed
from services.quality import (
    BatchRule,
    Finding,
    LineRule,
    check_lines,
    judge,
    refuse_broken,
    together,
    warnings_of,
)

ODD = LineRule(
    "even", "bronze", "error", 0.0, "ingestion", "n is even", lambda line: line.update["n"] % 2 == 1
)
BIG = LineRule(
    "small", "bronze", "warn", 0.25, "ingestion", "n is below 9", lambda line: line.update["n"] > 8
)


def numbered(*numbers):
    return [b'{"n":%d,"update_id":"%d"}' % (number, number) for number in numbers]


def counted(threshold, severity="error"):
    return BatchRule("complete", "silver", severity, threshold, "movements", "nothing is missing")


def test_a_finding_says_which_rule_which_lines_and_up_to_three_of_their_updates():
    assert check_lines(numbered(1, 2, 3, 4, 9, 5), [ODD, BIG]) == [
        Finding(
            "even", "error", "n is even", 0.0, 4, 6,
            is_broken=True, lines=(0, 2, 4, 5), sample_keys=("update 1", "update 3", "update 9"),
        ),
        Finding(
            "small", "warn", "n is below 9", 0.25, 1, 6,
            is_broken=False, lines=(4,), sample_keys=("update 9",),
        ),
    ]  # fmt: skip


def test_a_rule_without_offenders_has_a_finding_too():
    assert [(one.rule, one.offenders, one.total) for one in check_lines(numbered(2, 4), [ODD])] == [
        ("even", 0, 2)
    ]
    assert [one.is_broken for one in check_lines([], [ODD, BIG])] == [False, False]


def test_the_findings_of_pages_add_up_and_one_broken_page_breaks_the_rule():
    pages = [numbered(1, 3), numbered(5, 7), numbered(2, 4, 6, 8, 9)]
    found = [one for lines in pages for one in check_lines(lines, [ODD, BIG])]
    assert together(found) == (
        Finding(
            "even", "error", "n is even", 0.0, 5, 9,
            is_broken=True, sample_keys=("update 1", "update 3", "update 5"),
        ),
        Finding(
            "small", "warn", "n is below 9", 0.25, 1, 9, is_broken=False, sample_keys=("update 9",)
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("threshold", "offenders", "total", "is_broken"),
    [
        pytest.param(0.0, 1, 1_000_000, True, id="none may"),
        pytest.param(0.01, 1, 100, False, id="as many as may"),
        pytest.param(0.01, 2, 100, True, id="one more"),
        pytest.param(0.01, 1, 99, True, id="of fewer"),
        pytest.param(0.05, 7, 140, False, id="as many as may, in floats that don't add up"),
        pytest.param(1.0, 5, 5, False, id="all may"),
        pytest.param(0.0, 0, 0, False, id="of none"),
    ],
)
def test_a_rule_is_broken_when_more_offend_than_its_threshold(
    threshold, offenders, total, is_broken
):
    finding = judge(counted(threshold), offenders, total)
    assert finding == Finding(
        "complete", "error", "nothing is missing", threshold, offenders, total, is_broken
    )


def finding(rule, severity, *, is_broken):
    return Finding(rule, severity, "it says", 0.1, 3, 10, is_broken)


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


def test_a_broken_warning_goes_on_and_is_told_and_a_broken_trial_is_not():
    broken = finding("warned", "warn", is_broken=True)
    tolerated = [
        finding("few", "warn", is_broken=False),
        finding("fewer", "error", is_broken=False),
        finding("tried", "trial", is_broken=True),
    ]
    refuse_broken([broken, *tolerated], "batch 7")
    assert warnings_of([broken, *tolerated]) == (broken,)
