"""Functions of SQL that are written in Python, because DuckDB has none that answers the same.

To add one: write it as a function of plain values, give it a row in `FUNCTIONS`, and write its call
in one of the modules of `dialect/`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb

from mocks.snowflake import json_text, number_format, number_functions, time_format, variant_values
from mocks.snowflake.dialect import names_of_functions as name


@dataclass(frozen=True)
class _Function:
    """A Python function and its signature in DuckDB, with DuckDB's type names."""

    call: Callable[..., Any]
    arguments: tuple[str, ...]
    returns: str
    takes_null: bool = False


_TEXTS_AND_SCALE = ("VARCHAR", "VARCHAR", "INTEGER")
FUNCTIONS: dict[str, _Function] = {
    name.MULTIPLY: _Function(number_functions.multiply, _TEXTS_AND_SCALE, "VARCHAR"),
    name.DIVIDE: _Function(number_functions.divide, _TEXTS_AND_SCALE, "VARCHAR"),
    name.CHECKED: _Function(json_text.checked, ("VARCHAR",), "VARCHAR", takes_null=True),
    name.TRIED: _Function(json_text.tried, ("VARCHAR",), "VARCHAR", takes_null=True),
    name.FLOAT_TEXT: _Function(number_format.float_text, ("DOUBLE",), "VARCHAR"),
    name.NUMBER_TEXT: _Function(number_format.number_text, ("VARCHAR", "VARCHAR"), "VARCHAR"),
    name.TIME_TEXT: _Function(time_format.time_text, ("TIMESTAMP", "VARCHAR"), "VARCHAR"),
    name.TIME_OF: _Function(time_format.time_of, ("VARCHAR", "VARCHAR"), "TIMESTAMP"),
    name.MONTHS_BETWEEN: _Function(
        time_format.months_between, ("TIMESTAMP", "TIMESTAMP"), "VARCHAR"
    ),
    name.IN_UTC: _Function(time_format.in_utc, ("VARCHAR",), "VARCHAR"),
    **{
        name.of_variant(called): _Function(call, ("VARCHAR",) * count, "VARCHAR", takes_null=True)
        for called, (call, count) in variant_values.FUNCTIONS.items()
    },
}


def register(duck: duckdb.DuckDBPyConnection) -> None:
    """Make the functions callable from SQL."""
    for called, function in FUNCTIONS.items():
        duck.create_function(
            called,
            function.call,
            list(function.arguments),  # type: ignore[arg-type]
            function.returns,  # type: ignore[arg-type]
            null_handling="special" if function.takes_null else "default",  # type: ignore[arg-type]
        )


def unregister(duck: duckdb.DuckDBPyConnection) -> None:
    """Let DuckDB forget them, so that it can be closed cleanly."""
    for called in FUNCTIONS:
        duck.remove_function(called)
