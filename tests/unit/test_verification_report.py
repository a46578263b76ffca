"""Checks of the report that `make verify` prints."""

from local.verify.verify import Verdict, report_lines


def test_an_empty_warehouse_is_not_called_right():
    empty = Verdict({"bronze": 0, "silver": 0}, {"bronze": [], "silver": []})
    assert list(report_lines(empty)) == ["nothing is loaded yet, so nothing could be wrong"]


def test_each_difference_stands_under_its_table():
    verdict = Verdict({"bronze": 2, "silver": 1_000}, {"bronze": ["a", "b"], "silver": []})
    assert list(report_lines(verdict)) == [
        "bronze: differences: 2",
        "  a",
        "  b",
        "silver: 1,000 rows, all as they should be",
    ]


def test_what_was_discarded_is_counted():
    verdict = Verdict({"bronze": 2}, {"bronze": []}, discarded_count=1_000)
    assert list(report_lines(verdict)) == [
        "bronze: 2 rows, all as they should be",
        "updates left out: 1,000, which ops.quarantine_acts discards",
    ]
