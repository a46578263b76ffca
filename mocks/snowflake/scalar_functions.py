"""Functions of SQL that are written in Python, because DuckDB has none that answers the same.

To add one: write it as a function of plain values, give it a row in `FUNCTIONS`, and write its call
in one of the modules of `dialect/`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb

from mocks.snowflake import (
    binary_functions,
    json_text,
    number_format,
    number_functions,
    text_functions,
    time_format,
    variant_values,
)
from mocks.snowflake.dialect import binaries
from mocks.snowflake.dialect import names_of_functions as name


@dataclass(frozen=True)
class _Function:
    """A Python function and its signature in DuckDB, with DuckDB's type names."""

    call: Callable[..., Any]
    arguments: tuple[str, ...]
    returns: str
    takes_null: bool = False


_TEXTS = ("VARCHAR", "VARCHAR")
_TEXTS_AND_SCALE = ("VARCHAR", "VARCHAR", "INTEGER")
FUNCTIONS: dict[str, _Function] = {
    name.MULTIPLY: _Function(number_functions.multiply, _TEXTS_AND_SCALE, "VARCHAR"),
    name.DIVIDE: _Function(number_functions.divide, _TEXTS_AND_SCALE, "VARCHAR"),
    name.CHECKED: _Function(json_text.parsed, ("VARCHAR",), "VARCHAR", takes_null=True),
    name.LAST: _Function(json_text.last_of_each, ("VARCHAR",), "VARCHAR", takes_null=True),
    name.TRIED: _Function(json_text.tried, ("VARCHAR",), "VARCHAR", takes_null=True),
    name.FLOAT_TEXT: _Function(number_format.float_text, ("DOUBLE",), "VARCHAR"),
    name.NUMBER_TEXT: _Function(number_format.number_text, ("VARCHAR", "VARCHAR"), "VARCHAR"),
    name.TIME_TEXT: _Function(time_format.time_text, ("TIMESTAMP", "VARCHAR"), "VARCHAR"),
    name.TIME_OF: _Function(time_format.time_of, ("VARCHAR", "VARCHAR"), "TIMESTAMP"),
    name.MONTHS_BETWEEN: _Function(
        time_format.months_between, ("TIMESTAMP", "TIMESTAMP"), "VARCHAR"
    ),
    name.NUMBER_OF: _Function(number_format.number_of, ("VARCHAR", "VARCHAR"), "VARCHAR"),
    name.TIME_PARSED: _Function(time_format.time_parsed, (*_TEXTS, "VARCHAR"), "TIMESTAMP"),
    name.IN_ZONE: _Function(time_format.in_zone, ("TIMESTAMP", "VARCHAR", "VARCHAR"), "TIMESTAMP"),
    name.ROUNDED_UP: _Function(number_functions.rounded_up, ("VARCHAR", "INTEGER"), "VARCHAR"),
    name.ROUNDED_DOWN: _Function(number_functions.rounded_down, ("VARCHAR", "INTEGER"), "VARCHAR"),
    name.PERCENTILE: _Function(
        number_functions.percentile, ("VARCHAR[]", "VARCHAR", "INTEGER"), "VARCHAR", takes_null=True
    ),
    "_width_bucket": _Function(
        number_functions.width_bucket, (*_TEXTS, "VARCHAR", "INTEGER"), "BIGINT"
    ),
    "_soundex": _Function(text_functions.soundex, ("VARCHAR",), "VARCHAR"),
    "_soundex_p123": _Function(text_functions.soundex_p123, ("VARCHAR",), "VARCHAR"),
    binaries.BITS: _Function(binary_functions.bits, ("VARCHAR", "BLOB", "BLOB", "VARCHAR"), "BLOB"),
    binaries.SUBSTRING: _Function(binary_functions.substring, ("BLOB", "BIGINT", "BIGINT"), "BLOB"),
    binaries.POSITION: _Function(binary_functions.position, ("BLOB", "BLOB", "BIGINT"), "BIGINT"),
    "_sha2": _Function(text_functions.sha2, ("VARCHAR", "INTEGER"), "VARCHAR"),
    "_parse_url": _Function(text_functions.parse_url, ("VARCHAR", "INTEGER"), "VARCHAR"),
    "_strtok_to_array": _Function(text_functions.strtok_to_array, _TEXTS, "VARCHAR"),
    "_regexp_replace": _Function(
        text_functions.regexp_replace,
        (*_TEXTS, "VARCHAR", "INTEGER", "INTEGER", "VARCHAR"),
        "VARCHAR",
    ),
    "_regexp_substr_all": _Function(
        text_functions.regexp_substr_all,
        (*_TEXTS, "INTEGER", "INTEGER", "VARCHAR", "INTEGER"),
        "VARCHAR",
    ),
    "_regexp_instr": _Function(
        text_functions.regexp_instr,
        (*_TEXTS, "INTEGER", "INTEGER", "INTEGER", "VARCHAR", "INTEGER"),
        "BIGINT",
    ),
    name.IN_UTC: _Function(time_format.in_utc, ("VARCHAR",), "VARCHAR"),
    name.ZONED: _Function(time_format.zoned, ("VARCHAR",), "VARCHAR"),
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
