"""Rows of the warehouse for people (a table) and programs (JSON)."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

Row = dict[str, Any]

CELL_CHARACTERS = 140  # party ids, update ids and keys of objects are shorter
FRAME: dict[str, Any] = {"box": box.MINIMAL, "show_edge": False, "pad_edge": False}
UNLIMITED = 100_000  # columns; a pipe is as wide as its rows


def print_table(rows: Sequence[Row], title: str = "") -> None:
    """Rows on standard output, a line each; a terminal that is too narrow gets a block each.

    Values longer than `CELL_CHARACTERS` are cut, with an ellipsis; `print_json` cuts nothing.
    """
    # Values are shown as they are: "[red]" and ":heart:" mean something to rich otherwise.
    console = Console(
        width=None if sys.stdout.isatty() else UNLIMITED, markup=False, emoji=False, highlight=False
    )
    if not rows:
        console.print(f"{title}: no rows" if title else "(no rows)")
        return
    table = _grid(rows)
    if console.measure(table, options=console.options.update(width=UNLIMITED)).maximum > (
        console.width
    ):
        table = _blocks(rows)
    if title:
        console.print(title)
    console.print(table)


def print_json(rows: Iterable[Row]) -> None:
    """One JSON object a line. Decimals are strings, or a reader's floats would round them."""
    for row in rows:
        print(json.dumps(row, default=_plain, ensure_ascii=False))  # noqa: T201 -- the answer


def _grid(rows: Sequence[Row]) -> Table:
    table = Table(**FRAME)
    for name in rows[0]:
        is_number = isinstance(rows[0][name], int | Decimal)
        table.add_column(name, justify="right" if is_number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    return table


def _blocks(rows: Sequence[Row]) -> Table:
    """Each row as a line a column, as psql shows what is too wide."""
    table = Table(**FRAME, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        for name, value in row.items():
            table.add_row(name, _cell(value))
        table.add_section()
    return table


def _cell(value: object) -> str:
    text = _text(value)
    return text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - 1] + "…"


def _text(value: object) -> str:
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
