"""Values between SQL and Python handlers, as Snowflake maps them.

VARIANT, ARRAY and OBJECT arrive as what their JSON says, NUMBER as int (scale 0) or Decimal; a SQL
NULL given for a VARIANT as an object whose ``is_sql_null`` is True, while a JSON null is None.
https://docs.snowflake.com/en/developer-guide/udf/python/udf-python-designing#null-values
"""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import msgspec

from mocks.snowflake import json_text

_EXACT = Context(prec=76, rounding=ROUND_HALF_UP)
_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder().decode


class SqlNull:
    """A SQL NULL where a VARIANT was to be."""

    is_sql_null = True


SQL_NULL = SqlNull()


def reader(kind: str, duck_type: str) -> Callable[[Any], Any]:
    """Return the converter from a value that DuckDB passes to a handler's argument."""
    if kind == "VARIANT":
        return lambda text: SQL_NULL if text is None else _decode(text)
    if duck_type == "JSON":
        return lambda text: None if text is None else _decode(text)
    return lambda value: value


def writer(kind: str, duck_type: str) -> Callable[[Any], Any]:
    """Return the converter from a handler's result to a value that DuckDB takes."""
    if duck_type == "JSON":
        expected = {"ARRAY": (list, tuple), "OBJECT": dict}.get(kind, object)
        return lambda value: _to_json(value, kind, expected)
    if duck_type.startswith("DECIMAL"):
        scale = Decimal(1).scaleb(-int(duck_type.rstrip(")").rpartition(",")[2]))
        return lambda v: None if v is None else Decimal(v).quantize(scale, context=_EXACT)
    return lambda value: value


def _to_json(value: Any, kind: str, expected: Any) -> str | None:
    if value is None or value is SQL_NULL:
        return None
    if not isinstance(value, expected):
        raise TypeError(f"the handler returned {type(value).__name__} for {kind}")
    return json_text.kept(_encode(value).decode())
