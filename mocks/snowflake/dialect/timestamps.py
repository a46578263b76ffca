"""Timestamps: casts by what is cast, TRY_ forms that don't fail, slices from 1970.

TIMESTAMP_NTZ holds microseconds here, nanoseconds on Snowflake.
"""

import functools
import re
from collections.abc import Sequence

from sqlglot import Expr, exp, parse_one

from mocks.snowflake.dialect.arithmetic import Number, with_numbers
from mocks.snowflake.dialect.json_values import FLOATS, JSON, call, is_fraction, text_of
from mocks.snowflake.dialect.names_of_functions import IN_ZONE, MONTHS_BETWEEN, TIME_PARSED
from mocks.snowflake.dialect.tried import tried
from mocks.snowflake.dialect.typed import DONE, Rule, only
from mocks.snowflake.dialect.variants import may_be_variant
from mocks.snowflake.duck_types import in_snowflakes_words
from mocks.snowflake.errors import StatementFailed, compilation, unsupported

_TIMESTAMP = exp.DataType.Type.TIMESTAMP
_CASTS = frozenset({"TO_TIMESTAMP", "TO_TIMESTAMP_NTZ", "TRY_TO_TIMESTAMP", "TRY_TO_TIMESTAMP_NTZ"})
KINDS = (
    exp.TsOrDsToDate,
    exp.TsOrDsToTime,
    exp.UnixToTime,
    exp.Anonymous,
    exp.StrToTime,
    exp.ConvertTimezone,
    exp.MonthsBetween,
    exp.Time,
)
IS_CONVERTED = "is_converted"
"""The note on what CONVERT_TIMEZONE to UTC is applied to."""


def spell_casts(node: Expr) -> Expr:
    """TO_TIMESTAMP and its like as casts, or by their formats."""
    if isinstance(node, exp.UnixToTime):
        at = _cast(node.this, node.args.get("scale"), is_tried=False)
        target = node.args.get("target_type")
        is_zoned = target is not None and target.this in _WITH_ZONE
        return exp.cast(at, target.copy()) if is_zoned else at
    if isinstance(node, exp.Anonymous) and str(node.this).upper() in _CASTS:
        value, *scale = node.expressions
        is_tried = str(node.this).upper().startswith("TRY_")
        return _cast(value, scale[0] if scale else None, is_tried=is_tried)
    if type(node) in _OF_PARTS:
        return _part(node)
    return _WRITERS[type(node)](node) if type(node) in _WRITERS else node


_AUTO = "AUTO"
_OF_PARTS = {exp.TsOrDsToDate: "Date", exp.TsOrDsToTime: "Time", exp.Time: "Time"}


def _part(node: Expr) -> Expr:
    """TO_DATE and TO_TIME, TRY_… and their aliases, with a format or without."""
    form, kind = node.args.get("format") or node.args.get("zone"), _OF_PARTS[type(node)]
    cast = exp.TryCast if node.args.get("safe") else exp.Cast
    if form is None or form.name.upper() == _AUTO:
        return cast(this=node.this.copy(), to=exp.DataType.build(kind))
    return exp.cast(_by_format(node, form, kind), kind)


def _by_format(node: Expr, form: Expr, kind: str) -> Expr:
    text = exp.cast(node.this.copy(), "text")

    def read(text: Expr) -> Expr:
        return call(TIME_PARSED, text, form, exp.Literal.string(kind))

    return tried(read, text) if node.args.get("safe") else read(text)


def _parsed(node: exp.StrToTime) -> Expr:
    """TO_TIMESTAMP[_NTZ] and TRY_… of a text with a format."""
    target, form = node.args.get("target_type"), node.args["format"]
    if target is not None and target.this not in (_TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ):
        raise unsupported("TO_TIMESTAMP_TZ and TO_TIMESTAMP_LTZ with a format")
    is_tried = bool(node.args.get("safe"))
    if form.name.upper() == _AUTO:
        return _cast(node.this, None, is_tried=is_tried)
    return _by_format(node, form, "Timestamp")


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


def from_parts(node: Expr) -> Expr:
    """TIMESTAMP_FROM_PARTS and its like: parts beyond their ranges go over into the larger ones.

    https://docs.snowflake.com/en/sql-reference/functions/timestamp_from_parts#usage-notes
    """
    zone = node.args.get("zone")
    if zone is not None and zone.name.upper() not in _UTC:
        raise unsupported("TIMESTAMP_TZ_FROM_PARTS of another zone than UTC")
    if node.args.get("year") is None:
        return node  # of a date and a time
    day = {part: node.args[part].copy() for part in ("year", "month", "day")}
    at = exp.cast(exp.DateFromParts(**day, allow_overflow=True), "timestamp")
    parts = [exp.cast(node.args[part].copy(), "bigint") for part in ("hour", "min", "sec")]
    nanos = node.args.get("nano") or exp.Literal.number(0)
    steps = [call(f"to_{unit}", part) for unit, part in zip(_UNITS, parts, strict=True)]
    micros = exp.Div(this=exp.cast(nanos.copy(), "bigint"), expression=exp.Literal.number(1000))
    micros.meta[DONE] = True
    steps.append(call("to_microseconds", exp.cast(call("floor", micros), "bigint")))
    for step in steps:
        at = exp.Add(this=at, expression=step)
        at.meta[DONE] = True
    is_plain = isinstance(node, exp.TimestampFromParts)
    return exp.paren(at) if is_plain else exp.cast(at, "timestamptz")


PARTS = (exp.TimestampFromParts, exp.TimestampLtzFromParts, exp.TimestampTzFromParts)
_UNITS = ("hours", "minutes", "seconds")


def _slice(node: Expr) -> Expr:
    """TIME_SLICE counts from 1970; DuckDB's time_bucket from 2000 for units below a month."""
    kind, length = node.args.get("kind"), node.expression
    number = length.this if isinstance(length, exp.Neg) else length
    if isinstance(number, exp.Literal) and (number is not length or not _int_of(number)):
        raise _no_length(length.sql())
    start = exp.cast(exp.Literal.string(_starts(node)), "timestamp")
    width = exp.Interval(this=node.expression.copy(), unit=exp.var(node.unit.name))
    begin = exp.Anonymous(this="time_bucket", expressions=[width, node.this.copy(), start])
    if kind is None or kind.name.upper() == "START":
        return begin
    return exp.Add(this=begin, expression=width.copy())


def _int_of(literal: exp.Literal) -> int:
    """The whole number that a constant is; 0 for any other."""
    return int(literal.name) if re.fullmatch(r"\d+", literal.name) else 0


def _no_length(told: str) -> StatementFailed:
    """Return the error of a slice that isn't as long as a whole number of its unit."""
    return compilation(1008, "22023", f"invalid value [{told}] for parameter 'TIME_SLICE'")


def _convert(node: exp.ConvertTimezone) -> Expr:
    """CONVERT_TIMEZONE of a wall clock's time; of a moment to UTC, or to what is cast at once.

    A TIMESTAMP_TZ has no other zone than UTC here.
    """
    names = [node.args.get("source_tz"), node.args.get("target_tz")]
    is_elsewhere = any(n is not None and n.name.upper() not in _UTC for n in names)
    if is_elsewhere and (names[0] is not None or _is_wall_clock(node)):
        moment = node.args["timestamp"].copy()
        if names[0] is None:
            moment.meta[IS_CONVERTED] = True
            moment = exp.cast(exp.cast(moment, "timestamptz"), "timestamp")
        elif isinstance(moment, exp.Cast) and moment.to.this in _WITH_ZONE:
            raise compilation(
                1044, "42P13", "Invalid argument types for function 'CONVERT_TIMEZONE'"
            )
        return call(IN_ZONE, moment, names[0] or exp.Literal.string("UTC"), names[1])
    if is_elsewhere:
        raise unsupported("CONVERT_TIMEZONE between other zones than UTC")
    kind = "timestamptz" if names[0] is None else "timestamp"
    moment = node.args["timestamp"].copy()
    moment.meta[IS_CONVERTED] = True
    return exp.cast(moment, kind)


_UTC = ("UTC", "ETC/UTC")
_WITH_ZONE = (exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMPLTZ)
_WALL_CLOCKS = (_TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ, exp.DataType.Type.DATE)


def _is_wall_clock(node: Expr) -> bool:
    """Tell whether only the date and time in its zone is used of a TIMESTAMP_TZ."""
    return isinstance(node.parent, exp.Cast) and node.parent.to.this in _WALL_CLOCKS


def _starts(node: Expr) -> str:
    """The Monday of the week of 1970-01-01 for weeks."""
    return "1969-12-29" if node.unit.name.upper() == "WEEK" else "1970-01-01"  # type: ignore[attr-defined]


def operand(node: Expr) -> Sequence[Expr]:
    """Return the operand of a cast to a timestamp; empty where its form shows that it is text."""
    is_text = isinstance(node.this, exp.Literal | exp.Null)
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
    scale = node.meta.get("epoch_scale", 0)
    if not number.scale and scale <= _MICROS:
        factor = exp.Literal.number(10 ** (_MICROS - scale))
        micros = exp.Mul(this=exp.cast(node.this.copy(), "bigint"), expression=factor)
        return exp.Anonymous(this="make_timestamp", expressions=[micros])
    unit = exp.Literal.number(10 ** max(scale - _MICROS, 0))
    whole = exp.paren(exp.IntDiv(this=exp.cast(node.this.copy(), "bigint"), expression=unit))
    exact = exp.EQ(
        this=exp.Mul(this=whole.copy(), expression=unit.copy()), expression=node.this.copy()
    )
    refused = call("error", exp.Literal.string(
        "Unsupported feature 'a timestamp of a fraction of what is kept here'"))  # fmt: skip
    is_there = exp.Or(this=exact, expression=exp.Is(this=node.this.copy(), expression=exp.null()))
    factor = exp.Literal.number(10 ** max(_MICROS - scale, 0))
    made = call("make_timestamp", exp.Mul(this=whole, expression=factor))
    return exp.Case(ifs=[exp.If(this=exp.paren(is_there), true=made)], default=refused)


def _is_shifted_by_days(node: Expr) -> bool:
    unit = node.args.get("unit")
    is_whole_days = unit is not None and unit.name.upper() in _WHOLE_DAYS
    is_done = _is_cast_to_date(node.parent) or not _is_cast_to_date(node.this)
    return is_whole_days and not (is_done and isinstance(node.this, exp.Cast))


def _is_cast_to_date(node: Expr | None) -> bool:
    return isinstance(node, exp.Cast) and node.to.this == exp.DataType.Type.DATE


def _shifted(node: Expr) -> Sequence[Expr]:
    amount = node.expression
    number = amount.this if isinstance(amount, exp.Neg) else amount
    is_whole = isinstance(number, exp.Literal) and (number.is_string or number.is_int)
    moved = (node.this,) if _is_shifted_by_days(node) else ()
    return moved if is_whole else (*moved, amount)


def _write_added(node: Expr, kinds: Sequence[str]) -> Expr:
    """DATEADD of an amount that is rounded, half away from zero."""
    if len(_shifted(node)) > _is_shifted_by_days(node):
        node.set("expression", _rounded(node.expression, kinds[-1]))
    return _write_shifted(node, kinds) if _is_shifted_by_days(node) else node


def _rounded(amount: Expr, kind: str) -> Expr:
    if kind in FLOATS or is_fraction(kind):
        return exp.cast(call("round", amount), "bigint", dialect="duckdb")
    return amount


def _write_months_later(node: Expr, kinds: Sequence[str]) -> Expr:
    """ADD_MONTHS: a DATE stays one, and the last day of a month becomes the last of another.

    https://docs.snowflake.com/en/sql-reference/functions/add_months
    """
    if kinds[0] not in ("DATE", "TIMESTAMP"):
        raise unsupported(f"ADD_MONTHS of {in_snowflakes_words(kinds[0])}", "cast it")
    made = _months_later().copy()
    for place in list(made.find_all(exp.Column)):
        place.replace(exp.paren((node.this if place.name == "_at" else node.expression).copy()))
    return exp.cast(made, kinds[0])


@functools.cache
def _months_later() -> Expr:
    """`_at` moved by `_n` months, parsed once."""
    moved = "(_at + to_months(CAST(round(_n) AS INTEGER)))"
    rest = f"last_day({moved}) - CAST({moved} AS DATE)"
    is_last = "last_day(_at) = CAST(_at AS DATE)"
    days = f"to_days(CAST(CASE WHEN {is_last} THEN {rest} ELSE 0 END AS INTEGER))"
    return parse_one(f"{moved} + {days}", read="duckdb")


def _write_shifted(node: Expr, kinds: Sequence[str]) -> Expr:
    """A DATE moved by days or more stays a DATE; DuckDB makes a timestamp of it."""
    return exp.cast(node.copy(), "date") if kinds[0] == "DATE" else node


def _texts(node: Expr) -> Sequence[Expr]:
    are_cast = all(isinstance(e, exp.Cast | exp.Literal) for e in (node.this, node.expression))
    return () if are_cast else (node.this, node.expression)


def _write_difference(node: Expr, kinds: Sequence[str]) -> Expr:
    """DATEDIFF reads texts as timestamps."""
    for side, kind in zip((node.this, node.expression), kinds, strict=True):
        if kind == "VARCHAR":
            side.replace(exp.cast(side.copy(), "timestamp"))
    return node


_MICROS = 6
_WHOLE_DAYS = frozenset({"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"})


def _write_truncated(node: Expr, kinds: Sequence[str]) -> Expr:
    """A DATE that is cut stays a DATE; DuckDB makes a timestamp of it."""
    if isinstance(node, exp.TimeSlice):
        node = _slice(node)
    return exp.cast(node.copy(), "date") if kinds[0] == "DATE" else node


def _moved(node: Expr) -> Sequence[Expr]:
    sides = (node.this, node.expression)
    if not isinstance(node.expression, exp.Interval):
        return sides if any(may_be_variant(side) for side in sides) else ()
    unit = node.expression.args.get("unit")
    return (node.this,) if unit is not None and unit.name.upper() in _WHOLE_DAYS else ()


def _write_moved(node: Expr, kinds: Sequence[str]) -> Expr:
    is_moved = isinstance(node.expression, exp.Interval)
    if is_moved:
        return _write_shifted(node, kinds)
    if "DATE" in kinds:  # and a number of days, of which DuckDB takes INTEGERs alone
        for side, kind in zip((node.this, node.expression), kinds, strict=True):
            if kind == "HUGEINT":
                side.replace(exp.cast(side.copy(), "int", dialect="duckdb"))
    return with_numbers(node, kinds)


_WRITERS = {
    exp.StrToTime: _parsed, exp.ConvertTimezone: _convert, exp.MonthsBetween: _months,
}  # fmt: skip
_TRUNCATION = Rule(only, _write_truncated)
_MOVE = Rule(_moved, _write_moved)
RULES: dict[type[Expr], Rule] = {
    exp.DateAdd: Rule(_shifted, _write_added),
    exp.AddMonths: Rule(only, _write_months_later),
    exp.TimestampTrunc: _TRUNCATION,
    exp.DateTrunc: _TRUNCATION,
    exp.TimeSlice: _TRUNCATION,
    exp.DateDiff: Rule(_texts, _write_difference),
    exp.Add: _MOVE,
    exp.Sub: _MOVE,
}


def is_timestamp_cast(node: Expr) -> bool:
    """Tell whether a node is a cast to TIMESTAMP_NTZ, as fakesnow's transforms leave it."""
    return isinstance(node, exp.Cast | exp.TryCast) and node.to.this == _TIMESTAMP
