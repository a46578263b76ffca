"""Checks that changes in gold are shown by key, old beside new, in few lines."""

from datetime import datetime
from decimal import Decimal

from local.embedded.dev.changes import MOST_ROWS, change_lines, compare

TABLE = "gold.network_activity_minute"


def gold(**updates):
    """A table whose rows are minutes; values are what `minute_NN` is given."""
    return {
        TABLE: {
            (datetime(2025, 12, 10, 16, int(name[1:])),): {"minted_cc": Decimal(value), "count": 1}  # noqa: DTZ001 -- as the warehouse answers
            for name, value in updates.items()
        }
    }


def said(before, after):
    return list(change_lines(compare(before, after)))


def test_nothing_changed_is_said_with_what_is_there():
    assert said(gold(m1="1.5"), gold(m1="1.50")) == [
        f"nothing changed in gold ({TABLE} 1 rows)",
    ]


def test_rows_are_told_by_key_with_old_and_new_values():
    before, after = gold(m1="1.5", m2="2", m3="3"), gold(m1="1.75", m2="2", m4="4")
    assert said(before, after) == [
        f"{TABLE}: 1 changed, 1 added, 1 removed; 3 rows",
        "  ~ 2025-12-10 16:01  minted_cc 1.5 → 1.75",
        "  + 2025-12-10 16:04  minted_cc 4, count 1",
        "  - 2025-12-10 16:03  minted_cc 3, count 1",
    ]


def test_many_rows_are_cut_and_counted():
    minutes = [f"m{number}" for number in range(10, 30)]
    lines = said(gold(**dict.fromkeys(minutes, "1")), gold(**dict.fromkeys(minutes, "2")))
    assert len(lines) == 1 + MOST_ROWS + 1
    assert lines[-1] == f"    … and {len(minutes) - MOST_ROWS} more"


def test_a_column_that_came_or_went_is_a_change():
    was = gold(m1="1")
    now = {TABLE: {key: {"minted_cc": Decimal(1), "new": "x"} for key in was[TABLE]}}
    assert said(was, now)[1] == "  ~ 2025-12-10 16:01  new nothing → x, count 1 → nothing"
