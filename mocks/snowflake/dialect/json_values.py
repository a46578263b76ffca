"""Conversions between a VARIANT and a value, as DuckDB expressions."""

import re
from collections.abc import Callable, Mapping

from sqlglot import Expr, exp

from mocks.snowflake.dialect import names_of_functions as name
from mocks.snowflake.dialect.typed import DONE

JSON = "JSON"
"""DuckDB's type of VARIANT, ARRAY and OBJECT."""
WITHOUT_NULL = "without_null"
"""The note on an array that is refused where an element is NULL."""
WITH_ZONE = "TIMESTAMP WITH TIME ZONE"
_TEXTS = frozenset({"VARCHAR", '"NULL"', ""})
FLOATS = frozenset({"DOUBLE", "FLOAT"})
TIMES = frozenset({"TIMESTAMP", WITH_ZONE, "TIME", "BLOB"})
_ZERO_DATE = "1970-01-01"
_FRACTION = re.compile(r"DECIMAL\(\d+,\s*[1-9]\d*\)")
_WHOLE = re.compile(r"DECIMAL\(\d+,\s*0\)")


def text_of(node: Expr) -> Expr:
    """A VARIANT's value as text: strings without quotes, JSON for the rest, NULL for JSON null."""
    root = exp.Literal.string("$")
    return exp.paren(exp.JSONExtractScalar(this=_operand(node), expression=root), copy=False)


def call(function: str, *arguments: Expr) -> Expr:
    """A call of one of DuckDB's functions, or of ours; the arguments are copied."""
    return exp.Anonymous(this=function, expressions=[argument.copy() for argument in arguments])


def as_text(node: Expr, kind: str) -> Expr:
    """A value of a DuckDB type as Snowflake casts it to VARCHAR."""
    if kind in _TEXTS:
        return node
    writer = _WRITERS.get(kind)
    return writer(node) if writer else exp.cast(node.copy(), "text")


def is_written(kind: str) -> bool:
    """Tell whether `as_text` writes a value of a DuckDB type differently from DuckDB's own cast."""
    return kind in _WRITERS


def _timestamp(node: Expr, suffix: str = "") -> Expr:
    """Milliseconds, as TIMESTAMP_OUTPUT_FORMAT has them by default."""
    return call("strftime", node, exp.Literal.string(f"%Y-%m-%d %H:%M:%S.%g{suffix}"))


def _time(node: Expr) -> Expr:
    at = exp.Add(this=exp.cast(exp.Literal.string(_ZERO_DATE), "date"), expression=node.copy())
    return call("strftime", at, exp.Literal.string("%H:%M:%S"))


_WRITERS: Mapping[str, Callable[[Expr], Expr]] = {
    JSON: text_of,
    "DOUBLE": lambda node: call(name.FLOAT_TEXT, node),
    "FLOAT": lambda node: call(name.FLOAT_TEXT, node),
    "TIMESTAMP": _timestamp,
    WITH_ZONE: lambda node: _timestamp(node, " +0000"),
    "TIME": _time,
    "BLOB": lambda node: call("hex", node),
}


def variant_of(node: Expr, kind: str) -> Expr:
    """A value as a VARIANT.

    A NUMBER has no point or zeros at its end, a DOUBLE an exponent; a date is text, as its cast to
    VARCHAR.
    """
    if kind in FLOATS:
        return as_json(call("printf", exp.Literal.string("%.15e"), node))
    if kind in TIMES:
        return call("to_json", as_text(node, kind))
    if _WHOLE.fullmatch(kind):
        return call("to_json", exp.cast(node.copy(), "int128", dialect="duckdb"))
    if not is_fraction(kind):
        return call("to_json", node)
    text: Expr = exp.cast(node.copy(), "text")
    for padding in ("0", "."):
        text = call("rtrim", text, exp.Literal.string(padding))
    return as_json(call(name.CHECKED, text))


def as_json(text: Expr) -> Expr:
    """A text of ours as JSON, as it is; DuckDB's own `json` would write numbers in another way."""
    cast = exp.cast(text, "json")
    cast.meta[DONE] = True
    return cast


def is_changed(kind: str) -> bool:
    """Tell whether `variant_of` writes a value of a DuckDB type differently from to_json."""
    is_decimal = is_fraction(kind) or _WHOLE.fullmatch(kind) is not None
    return is_decimal or kind in FLOATS or kind in TIMES


def is_fraction(kind: str) -> bool:
    """Tell whether a DuckDB type is a NUMBER with digits after the decimal point."""
    return _FRACTION.fullmatch(kind) is not None


def _operand(node: Expr) -> Expr:
    return exp.paren(node.copy()) if isinstance(node, exp.Binary) else node.copy()
