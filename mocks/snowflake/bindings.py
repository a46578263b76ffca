"""Values bound to question marks, from the connector's texts.

https://docs.snowflake.com/en/developer-guide/sql-api/submitting-requests#using-bind-variables-in-a-statement
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from mocks.snowflake.errors import unsupported

Bindings = Mapping[str, Mapping[str, Any]]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MINUTES = 1440


def rows(bindings: Bindings) -> list[list[Any]]:
    """The values in the order of their question marks: one row, or those of an array bind.

    No row at all stands for no question marks.
    """
    if not bindings:
        return []
    ordered = [bindings[str(number)] for number in range(1, len(bindings) + 1)]
    columns = [_column(binding["type"], binding["value"]) for binding in ordered]
    return [list(row) for row in zip(*columns, strict=True)]


def _column(kind: str, value: str | list[str | None] | None) -> list[Any]:
    return [_value(kind, text) for text in (value if isinstance(value, list) else [value])]


def _value(kind: str, text: str | None) -> Any:
    if text is None:
        return None
    return _READERS.get(kind, str)(text)


def _number(text: str) -> int | Decimal:
    if not text.lstrip("-").isdigit():
        return Decimal(text)
    number = int(text)
    return Decimal(number) if 2**63 <= number < 2**64 else number  # DuckDB's UBIGINT is no NUMBER


def _date(text: str) -> date:
    return (_EPOCH + timedelta(milliseconds=int(text))).date()


def _time(text: str) -> time:
    return (_EPOCH + timedelta(microseconds=int(text) // 1000)).time()


def _at(text: str) -> datetime:
    return _EPOCH + timedelta(microseconds=int(text) // 1000)


def _at_without_zone(text: str) -> datetime:
    return _at(text).replace(tzinfo=None)


def _at_in_zone(text: str) -> datetime:
    """``<nanoseconds> <minutes east of UTC, plus a day>``."""
    nanoseconds, _, minutes = text.partition(" ")
    east = timedelta(minutes=int(minutes or _DAY_MINUTES) - _DAY_MINUTES)
    return _at(nanoseconds).astimezone(timezone(east))


def _no_object(text: str) -> str:
    """Node's driver sends a Date as VARIANT as well: a text."""
    if text.startswith(("{", "[")):
        raise unsupported("a bound object or array", "bind its JSON to PARSE_JSON(?)")
    return text


_READERS: Mapping[str, Callable[[str], Any]] = {
    "FIXED": _number,
    "REAL": float,
    "BOOLEAN": lambda text: text.lower() == "true",
    "DATE": _date,
    "TIME": _time,
    "TIMESTAMP_NTZ": _at_without_zone,
    "TIMESTAMP_LTZ": _at,
    "TIMESTAMP_TZ": _at_in_zone,
    "BINARY": bytes.fromhex,
    "VARIANT": _no_object,
}
