"""Timestamps: casts by what is cast, TRY_ forms that don't fail, slices from 1970.

TIMESTAMP_NTZ holds microseconds here, nanoseconds on Snowflake.
"""

from collections.abc import Sequence

from sqlglot import Expr, exp

from mocks.snowflake.dialect.arithmetic import Number
from mocks.snowflake.dialect.json_values import JSON, text_of
from mocks.snowflake.dialect.names_of_functions import MONTHS_BETWEEN
from mocks.snowflake.dialect.typed import Rule, only
from mocks.snowflake.errors import unsupported

_TIMESTAMP = exp.DataType.Type.TIMESTAMP
_CASTS = frozenset({"TO_TIMESTAMP", "TO_TIMESTAMP_NTZ", "TRY_TO_TIMESTAMP", "TRY_TO_TIMESTAMP_NTZ"})
KINDS = (exp.UnixToTime, exp.Anonymous, exp.StrToTime, exp.ConvertTimezone, exp.MonthsBetween)
IS_CONVERTED = "is_converted"
"""The note on what CONVERT_TIMEZONE to UTC is applied to."""


def spell_casts(node: Expr) -> Expr:
    """TO_TIMESTAMP and its like as casts; a format is refused."""
    if isinstance(node, exp.UnixToTime):
        return _cast(node.this, node.args.get("scale"), is_tried=False)
    if isinstance(node, exp.Anonymous) and str(node.this).upper() in _CASTS:
        value, *scale = node.expressions
        is_tried = str(node.this).upper().startswith("TRY_")
        return _cast(value, scale[0] if scale else None, is_tried=is_tried)
    if isinstance(node, exp.StrToTime):
        raise unsupported("TO_TIMESTAMP with a format")
    if isinstance(node, exp.ConvertTimezone):
        return _convert(node)
    if isinstance(node, exp.MonthsBetween):
        return _months(node)
    return node


def _cast(value: Expr, scale: Expr | None, *, is_tried: bool) -> Expr:
    if scale is not None and scale.name not in ("0", "3", "6", "9"):
        raise unsupported(f"TO_TIMESTAMP with {scale.sql()}")
    kind = exp.TryCast if is_tried else exp.Cast
    cast = kind(this=value, to=exp.DataType(this=_TIMESTAMP))
    cast.set("format", None)
    cast.meta["epoch_scale"] = int(scale.name) if scale is not None else 0
    return cast


def _months(node: exp.MonthsBetween) -> Expr:
    ends = [exp.cast(end.copy(), "timestamp") for end in (node.this, node.expression)]
    call = exp.Anonymous(this=MONTHS_BETWEEN, expressions=ends)
    return exp.cast(call, "decimal(38, 6)")


def _slice(node: Expr) -> Expr:
    """TIME_SLICE counts from 1970; DuckDB's time_bucket from 2000 for units below a month."""
    kind = node.args.get("kind")
    if kind is not None and kind.name.upper() != "START":
        raise unsupported("TIME_SLICE … 'END'")
    start = exp.cast(exp.Literal.string(_starts(node)), "timestamp")
    width = exp.Interval(this=node.expression.copy(), unit=exp.var(node.unit.name))
    return exp.Anonymous(this="time_bucket", expressions=[width, node.this.copy(), start])


def _convert(node: exp.ConvertTimezone) -> Expr:
    """CONVERT_TIMEZONE to UTC alone: a TIMESTAMP_TZ has no other zone here."""
    names = [node.args.get("source_tz"), node.args.get("target_tz")]
    if any(name is not None and name.name.upper() not in ("UTC", "ETC/UTC") for name in names):
        raise unsupported("CONVERT_TIMEZONE between other zones than UTC")
    kind = "timestamptz" if names[0] is None else "timestamp"
    moment = node.args["timestamp"].copy()
    moment.meta[IS_CONVERTED] = True
    return exp.cast(moment, kind)


def _starts(node: Expr) -> str:
    """The Monday of the week of 1970-01-01 for weeks."""
    return "1969-12-29" if node.unit.name.upper() == "WEEK" else "1970-01-01"  # type: ignore[attr-defined]


def operand(node: Expr) -> Sequence[Expr]:
    """Return the operand of a cast to a timestamp; empty where its form shows that it is text."""
    is_text = isinstance(node.this, exp.Literal | exp.JSONExtractScalar | exp.Null)
    is_number = isinstance(node.this, exp.Literal) and not node.this.is_string
    return () if is_text and not is_number else (node.this,)


def write(node: Expr, kinds: Sequence[str]) -> Expr:
    """A cast to TIMESTAMP_NTZ by what is cast."""
    if kinds[0] == JSON:
        node.set("this", text_of(node.this))
    elif number := Number.of(kinds[0]):
        return _from_epoch(node, number)
    return node


def _from_epoch(node: Expr, number: Number) -> Expr:
    if number.scale:
        raise unsupported("a timestamp of a NUMBER with a fraction", "cast it to whole seconds")
    scale = node.meta.get("epoch_scale", 0)
    if scale > 6:
        raise unsupported("a timestamp of nanoseconds", "microseconds are kept here")
    factor = exp.Literal.number(10 ** (6 - scale))
    micros = exp.Mul(this=exp.cast(node.this.copy(), "bigint"), expression=factor)
    return exp.Anonymous(this="make_timestamp", expressions=[micros])


def _shifted(node: Expr) -> Sequence[Expr]:
    unit = node.args.get("unit")
    is_whole_days = unit is not None and unit.name.upper() in _WHOLE_DAYS
    is_done = (
        isinstance(node.this, exp.Cast) and unit is not None and unit.name.upper() != "QUARTER"
    )
    return (node.this,) if is_whole_days and not is_done else ()


def _write_shifted(node: Expr, kinds: Sequence[str]) -> Expr:
    """A DATE moved by days or more stays a DATE; DuckDB makes a timestamp of it."""
    return exp.cast(node.copy(), "date") if kinds[0] == "DATE" else node


_WHOLE_DAYS = frozenset({"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"})


def _write_truncated(node: Expr, kinds: Sequence[str]) -> Expr:
    """A DATE that is cut stays a DATE; DuckDB makes a timestamp of it."""
    if isinstance(node, exp.TimeSlice):
        node = _slice(node)
    return exp.cast(node.copy(), "date") if kinds[0] == "DATE" else node


def _moved(node: Expr) -> Sequence[Expr]:
    interval = node.expression
    unit = interval.args.get("unit") if isinstance(interval, exp.Interval) else None
    return (node.this,) if unit is not None and unit.name.upper() in _WHOLE_DAYS else ()


_TRUNCATION = Rule(only, _write_truncated)
_MOVE = Rule(_moved, _write_shifted)
RULES: dict[type[Expr], Rule] = {
    exp.DateAdd: Rule(_shifted, _write_shifted),
    exp.TimestampTrunc: _TRUNCATION,
    exp.DateTrunc: _TRUNCATION,
    exp.TimeSlice: _TRUNCATION,
    exp.Add: _MOVE,
    exp.Sub: _MOVE,
}


def is_timestamp_cast(node: Expr) -> bool:
    """Tell whether a node is a cast to TIMESTAMP_NTZ, as fakesnow's transforms leave it."""
    return isinstance(node, exp.Cast | exp.TryCast) and node.to.this == _TIMESTAMP
