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


def values(bindings: Bindings) -> list[Any] | None:
    """The values in the order of their question marks; None when there are none.

    Raises:
        StatementFailed: An array of values for one mark: DuckDB would insert row by row.
    """
    if not bindings:
        return None
    ordered = [bindings[str(number)] for number in range(1, len(bindings) + 1)]
    if any(isinstance(binding["value"], list) for binding in ordered):
        raise unsupported("array binds", "use one INSERT of many rows, or COPY")
    return [_value(binding["type"], binding["value"]) for binding in ordered]


def _value(kind: str, text: str | None) -> Any:
    if text is None:
        return None
    return _READERS.get(kind, str)(text)


def _number(text: str) -> int | Decimal:
    return int(text) if text.lstrip("-").isdigit() else Decimal(text)


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
}
