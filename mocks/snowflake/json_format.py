"""Rows on the wire for drivers that read no Arrow: JSON, where each value is a text or null.

Its forms are those of a recorded account (`version` 1 of an answer) and of the drivers that read
them: snowflake-connector-nodejs, `lib/connection/result/column.js`; snowflake-connector-python,
`converter.py`.
"""

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa

from mocks.snowflake import variant_values
from mocks.snowflake.arrow_format import ColumnType, whole_number
from mocks.snowflake.errors import unsupported
from mocks.snowflake.number_format import float_text

Rowset = list[list[str | None]]


def to_rowset(table: pa.Table, columns: list[ColumnType]) -> Rowset:
    """Each row's values as texts.

    Raises:
        StatementFailed: 2 for a FLOAT whose text isn't known, 100046 for a number too large.
    """
    texts = [
        _column_texts(array.combine_chunks(), column["type"])
        for array, column in zip(table.columns, columns, strict=True)
    ]
    return [list(row) for row in zip(*texts, strict=True)]


def _column_texts(array: pa.Array, kind: str) -> list[str | None]:
    text = _TEXTS.get(kind, str)
    return [None if v is None else text(v) for v in _values(array).to_pylist()]


def _values(array: pa.Array) -> pa.Array:
    """Times as microseconds and dates as days, as Python has no year beyond 9999."""
    kind = array.type
    if pa.types.is_timestamp(kind):
        return array.cast(pa.timestamp("us", tz=kind.tz)).cast(pa.int64())
    if pa.types.is_time(kind):
        return array.cast(pa.time64("us")).cast(pa.int64())
    if pa.types.is_date(kind):
        return array.cast(pa.int32())
    if pa.types.is_decimal(kind) and kind.scale == 0:
        return whole_number(array)
    return array


def _number(value: int | Decimal) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _real(value: float) -> str:
    """The text of a FLOAT: accounts round it, to how many digits is documented nowhere."""
    if not math.isfinite(value):
        raise unsupported(f"the FLOAT {value} in a JSON result")
    return float_text(value)


def _seconds(micros: int) -> str:
    seconds, fraction = divmod(abs(micros), 1_000_000)
    return f"{'-' if micros < 0 else ''}{seconds}.{fraction:06}000"


def _seconds_in_zone(micros: int) -> str:
    return f"{_seconds(micros)} 1440"  # minutes east of UTC, plus a day


_TEXTS: Mapping[str, Callable[[Any], str | None]] = {
    "fixed": _number,
    "real": _real,
    "boolean": lambda value: str(int(value)),
    "time": _seconds,
    "timestamp_ntz": _seconds,
    "timestamp_ltz": _seconds,
    "timestamp_tz": _seconds_in_zone,
    "binary": lambda value: value.hex().upper(),
    "variant": variant_values.display,
    "array": variant_values.display,
    "object": variant_values.display,
}
