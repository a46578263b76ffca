"""The changes that a run made in gold: rows by key, old values beside new ones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from local.console.report import shorten
from services.adapters.snowflake import Row, Session
from services.catalog import GOLD_KEYS

MOST_ROWS = 5  # of a table
_HIDDEN = {"network", "batch_id"}  # always the same, and different at each run

Key = tuple[Any, ...]
Rows = Mapping[Key, Row]
Gold = Mapping[str, Rows]


@dataclass(frozen=True)
class TableChange:
    """A table's rows that differ, by key."""

    table: str
    row_count: int
    added: Rows
    removed: Rows
    changed: Mapping[Key, Mapping[str, tuple[Any, Any]]]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def read_gold(session: Session) -> Gold:
    """All of gold, by table and key, without what differs at every run."""
    found = {table: session.query(f"select * from {table}") for table in GOLD_KEYS}  # noqa: S608 -- ours
    return {table: _by_key(rows, GOLD_KEYS[table]) for table, rows in found.items()}


def compare(before: Gold, after: Gold) -> list[TableChange]:
    return [_compare(table, before[table], after[table]) for table in after]


def change_lines(changes: list[TableChange]) -> Iterator[str]:
    if not any(changes):
        counts = ", ".join(f"{change.table} {change.row_count:,} rows" for change in changes)
        yield f"nothing changed in gold ({counts})"
    for change in filter(None, changes):
        yield from _table(change)


def _by_key(rows: list[Row], key: tuple[str, ...]) -> Rows:
    shown = [{name: value for name, value in row.items() if name not in _HIDDEN} for row in rows]
    return {tuple(row.pop(name, None) for name in key): row for row in shown}


def _compare(table: str, before: Rows, after: Rows) -> TableChange:
    return TableChange(
        table,
        len(after),
        added={key: row for key, row in after.items() if key not in before},
        removed={key: row for key, row in before.items() if key not in after},
        changed={
            key: _values(before[key], row)
            for key, row in after.items()
            if key in before and before[key] != row
        },
    )


def _values(old: Row, new: Row) -> dict[str, tuple[Any, Any]]:
    names = [*new, *(name for name in old if name not in new)]
    pairs = {name: (old.get(name), new.get(name)) for name in names}
    return {name: (before, after) for name, (before, after) in pairs.items() if before != after}


def _table(change: TableChange) -> Iterator[str]:
    kinds = {"changed": change.changed, "added": change.added, "removed": change.removed}
    counted = ", ".join(f"{len(rows):,} {kind}" for kind, rows in kinds.items() if rows)
    yield f"{change.table}: {counted}; {change.row_count:,} rows"
    lines = list(_rows(change))
    yield from lines[:MOST_ROWS]
    if len(lines) > MOST_ROWS:
        yield f"    … and {len(lines) - MOST_ROWS:,} more"


def _rows(change: TableChange) -> Iterator[str]:
    for key, values in sorted(change.changed.items(), key=_order):
        pairs = (
            f"{name} {_text(before)} → {_text(after)}" for name, (before, after) in values.items()
        )
        yield f"  ~ {_key(key)}  {', '.join(pairs)}"
    for mark, rows in (("+", change.added), ("-", change.removed)):
        for key, row in sorted(rows.items(), key=_order):
            shown = ", ".join(f"{name} {_text(value)}" for name, value in row.items() if value)
            yield f"  {mark} {_key(key)}  {shown}"


def _order(row: tuple[Key, Any]) -> list[str]:
    return [str(part) for part in row[0]]


def _key(key: Key) -> str:
    return "  ".join(_text(part) for part in key)


def _text(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case Decimal():
            text = format(value, "f")
            return text.rstrip("0").rstrip(".") if "." in text else text
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case _:
            return shorten(str(value))
