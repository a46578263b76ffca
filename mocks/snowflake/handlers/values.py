"""Values between SQL and Python handlers, as Snowflake maps them.

VARIANT, ARRAY and OBJECT arrive as what their JSON says, NUMBER as int (scale 0) or Decimal; a SQL
NULL given for a VARIANT as an object whose ``is_sql_null`` is True, while a JSON null is None.
https://docs.snowflake.com/en/developer-guide/udf/python/udf-python-designing#null-values
"""

import collections
import itertools
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import msgspec

from mocks.snowflake.handlers.messages import Texts

_EXACT = Context(prec=76, rounding=ROUND_HALF_UP)
_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder().decode
_SENT_AS: dict[str, Any] = {
    "DOUBLE": float,
    "BOOLEAN": bool,
    "BLOB": bytes,
    "DATE": date,
    "TIME": time,
    "TIMESTAMP": datetime,
    "TIMESTAMPTZ": datetime,
}


class SqlNull:
    """A SQL NULL where a VARIANT was to be."""

    is_sql_null = True


SQL_NULL = SqlNull()


def list_type(duck_type: str) -> Any:
    """The type of the list that values of DuckDB's type are sent as; text unless it says else."""
    return list[_SENT_AS.get(duck_type, str) | None]


def arguments(sent: msgspec.Raw, kind: str, duck_type: str) -> Iterable[Any]:
    """A handler's arguments from the column that was sent."""
    if duck_type in _SENT_AS:
        return msgspec.msgpack.decode(sent, type=list_type(duck_type))
    read = _decode if duck_type == "JSON" else _TEXT_READERS[scale_of(duck_type)]
    return _each(
        msgspec.msgpack.decode(sent, type=Texts), read, SQL_NULL if kind == "VARIANT" else None
    )


def _each(texts: Texts, read: Callable[[memoryview], Any], null: Any) -> Iterator[Any]:
    offsets = texts.offsets.cast("i")
    content, first, nulls = texts.content, offsets[0], set(texts.nulls)
    for row, (start, end) in enumerate(itertools.pairwise(offsets)):
        yield null if row in nulls else read(content[start - first : end - first])


def is_text(duck_type: str) -> bool:
    """Tell whether columns of a type are sent as texts."""
    return duck_type not in _SENT_AS


def scale_of(duck_type: str) -> int | None:
    """The digits behind the point of an exact number's type; None for other types."""
    if duck_type.startswith("DECIMAL"):
        return int(duck_type.rstrip(")").rpartition(",")[2])
    return 0 if "INT" in duck_type else None


_TEXT_READERS: dict[int | None, Callable[[memoryview], Any]] = collections.defaultdict(
    lambda: lambda text: Decimal(str(text, "ascii")),
    {None: lambda text: str(text, "utf-8"), 0: lambda text: int(bytes(text))},
)


def writer(kind: str, duck_type: str) -> Callable[[Any], Any]:
    """Return the converter from a handler's result to a value that is sent."""
    if duck_type == "JSON":
        expected = {"ARRAY": (list, tuple), "OBJECT": dict}.get(kind, object)
        return lambda value: _to_json(value, kind, expected)
    scale = scale_of(duck_type)
    if scale is not None:
        unit = Decimal(1).scaleb(-scale)
        return lambda v: None if v is None else str(Decimal(v).quantize(unit, context=_EXACT))
    convert = _WRITERS.get(duck_type, _to_text)
    return lambda value: None if value is None else convert(value)


def _to_json(value: Any, kind: str, expected: Any) -> str | None:
    if value is None or value is SQL_NULL:
        return None
    _expect(value, kind, expected)
    return _encode(value).decode()


def _to_text(value: Any) -> str:
    _expect(value, "VARCHAR", (str, int, float, Decimal))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _to_boolean(value: Any) -> bool:
    _expect(value, "BOOLEAN", int)
    return bool(value)


def _to_bytes(value: Any) -> bytes:
    _expect(value, "BINARY", (bytes, bytearray))
    return bytes(value)


def _to_date(value: Any) -> date:
    _expect(value, "DATE", date)
    return value.date() if isinstance(value, datetime) else value


def _to_time(value: Any) -> time:
    _expect(value, "TIME", time)
    return value


def _to_timestamp(value: Any) -> datetime:
    _expect(value, "TIMESTAMP", datetime)
    return value


_WRITERS: dict[str, Callable[[Any], Any]] = {
    "DOUBLE": float,
    "BOOLEAN": _to_boolean,
    "BLOB": _to_bytes,
    "DATE": _to_date,
    "TIME": _to_time,
    "TIMESTAMP": _to_timestamp,
    "TIMESTAMPTZ": _to_timestamp,
}


def _expect(value: Any, kind: str, expected: Any) -> None:
    if not isinstance(value, expected):
        raise TypeError(f"the handler returned {type(value).__name__} for {kind}")
