"""Rows of the warehouse for people (a table) and programs (JSON)."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

Row = dict[str, Any]


def print_table(rows: Sequence[Row], title: str = "") -> None:
    """A table on standard output; says so where there are no rows."""
    # Values are shown as they are: "[red]" and ":heart:" mean something to rich otherwise.
    console = Console(
        width=None if sys.stdout.isatty() else 200, markup=False, emoji=False, highlight=False
    )
    if not rows:
        console.print(f"{title}: no rows" if title else "(no rows)")
        return
    table = Table(title=title or None, title_justify="left")
    for name in rows[0]:
        is_number = isinstance(rows[0][name], int | Decimal)
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    console.print(table)


def print_json(rows: Iterable[Row]) -> None:
    """One JSON object a line. Decimals are strings, or a reader's floats would round them."""
    for row in rows:
        print(json.dumps(row, default=_plain, ensure_ascii=False))  # noqa: T201 -- the answer


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, default=_plain, ensure_ascii=False)
    return str(_plain(value))


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int | str) else str(value)
