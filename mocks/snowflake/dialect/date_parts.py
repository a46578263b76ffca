"""The parts of dates and times, by Snowflake's names for them.

https://docs.snowflake.com/en/sql-reference/functions-date-time#supported-date-and-time-parts
"""

import re
from collections.abc import Callable

from sqlglot import Expr, exp
from sqlglot.dialects.snowflake import Snowflake

from mocks.snowflake.dialect.json_values import call
from mocks.snowflake.errors import invalid, unsupported

KINDS = (
    exp.Extract, exp.DateAdd, exp.DateDiff, exp.TimestampTrunc, exp.DateTrunc, exp.TimeSlice,
    exp.LastDay, exp.Interval, exp.TimeAdd,
)  # fmt: skip
_LENGTHS = frozenset(
    {"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND",
     "MICROSECOND", "NANOSECOND"}
)  # fmt: skip
_PARTS = _LENGTHS - {"MILLISECOND", "MICROSECOND"} | {
    "DAYOFWEEK", "DAYOFWEEKISO", "DAYOFYEAR", "WEEKISO", "YEAROFWEEK", "YEAROFWEEKISO",
    "EPOCH_SECOND", "EPOCH_MILLISECOND", "EPOCH_MICROSECOND", "EPOCH_NANOSECOND", "TIMEZONE_HOUR",
    "TIMEZONE_MINUTE",
}  # fmt: skip
_NAMES = Snowflake.DATE_PART_MAPPING | {
    "EPOCH": "EPOCH_SECOND", "YEARDAY": "DAYOFYEAR", "NANOSECONDS": "NANOSECOND",
    "WEEKS": "WEEK",
}  # fmt: skip


def name(node: Expr) -> Expr:
    """Give a part its one name.

    Raises:
        StatementFailed: 1003 for what is a part to DuckDB alone, such as a decade, or to nobody;
            2 for an interval of several parts.
    """
    if isinstance(node, exp.TimeAdd):  # TIMEADD is DATEADD
        return name(exp.DateAdd(**{key: part.copy() for key, part in node.args.items()}))
    given = node.this if isinstance(node, exp.Extract) else node.args.get("unit")
    if isinstance(node, exp.Interval) and given is None:
        raise unsupported("an interval of several parts, or without a unit", "add one by one")
    if given is None:
        return node
    found = _NAMES.get(given.name.upper(), given.name.upper())
    if found not in _known_of(node):
        raise invalid(f"'{given.name}' is not a valid date/time component")
    if found == "NANOSECOND" and type(node) in _IN_MICROSECONDS:
        found = "MICROSECOND"
        _IN_MICROSECONDS[type(node)](node)
    given.replace(exp.var(found))
    return node


def _known_of(node: Expr) -> frozenset[str]:
    if isinstance(node, exp.Extract):
        return _PARTS
    if isinstance(node, exp.LastDay):
        return _OF_DAYS
    return _LENGTHS - _SHORT if isinstance(node, exp.TimeSlice) else _LENGTHS


def _whole(number: str) -> Expr:
    if int(number) % _NANOS:
        raise unsupported(_TOO_SHORT)
    return exp.Literal.number(int(number) // _NANOS)


def _amount(node: Expr) -> None:
    """Write an amount of nanoseconds as one of microseconds, if it is a whole one."""
    given = node.expression
    number = given.this if isinstance(given, exp.Neg) else given
    if isinstance(number, exp.Literal) and re.fullmatch(r"\d+", number.name):
        whole = _whole(number.name)
        node.set("expression", exp.Neg(this=whole) if number is not given else whole)
        return
    unit = exp.Literal.number(_NANOS)
    amount = exp.paren(given.copy())
    rest = exp.NEQ(this=exp.Mod(this=amount, expression=unit), expression=exp.Literal.number(0))
    refused = call("error", exp.Literal.string(f"Unsupported feature '{_TOO_SHORT}'"))
    whole = exp.IntDiv(this=amount.copy(), expression=unit.copy())
    node.set("expression", exp.Case(ifs=[exp.If(this=rest, true=refused)], default=whole))


def _interval(node: Expr) -> None:
    if not re.fullmatch(r"-?\d+", node.name):
        raise unsupported(_TOO_SHORT)
    node.set("this", exp.Literal.string(str(_whole(node.name))))


_NANOS = 1000
_TOO_SHORT = "nanoseconds that are no whole microsecond"
_OF_DAYS = frozenset({"YEAR", "QUARTER", "MONTH", "WEEK"})
_SHORT = frozenset({"MILLISECOND", "MICROSECOND", "NANOSECOND"})
_IN_MICROSECONDS: dict[type[Expr], Callable[[Expr], None]] = {
    exp.DateAdd: _amount,
    exp.Interval: _interval,
    exp.TimestampTrunc: lambda _: None,
    exp.DateTrunc: lambda _: None,
}
"""Nodes that DuckDB has no nanoseconds of, or a type that is none of ours."""


def name_weekday(node: Expr) -> Expr:
    """NEXT_DAY and PREVIOUS_DAY of a day that the first two letters of its name tell.

    https://docs.snowflake.com/en/sql-reference/functions/next_day
    """
    day = node.expression
    if isinstance(day, exp.Literal):
        found = next((d for d in _WEEK if d[:2] == day.name.lstrip()[:2].upper()), None)
        if found is None:
            raise invalid(f"'{day.name}'{NO_WEEKDAY}")
        node.set("expression", exp.Literal.string(found))
        return node
    begin = exp.Upper(this=call("left", call("ltrim", day), exp.Literal.number(2)))
    known = exp.In(this=begin, expressions=[exp.Literal.string(d[:2]) for d in _WEEK])
    told = exp.DPipe(
        this=exp.DPipe(this=exp.Literal.string("'"), expression=day.copy()),
        expression=exp.Literal.string(f"'{NO_WEEKDAY}"),
    )
    refused = exp.If(this=exp.Not(this=known), true=call("error", told))
    node.set("expression", exp.Case(ifs=[refused], default=call("ltrim", day)))
    return node


WEEKDAYS = (exp.NextDay, exp.PreviousDay)
NO_WEEKDAY = " is not a valid day of the week"
_WEEK = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


def write_epoch(node: Expr) -> Expr:
    """EPOCH_SECOND of whole seconds, NANOSECOND without them.

    DuckDB's own number of the former has a fraction, or is rounded.
    """
    if node.this.name.upper() == "NANOSECOND":
        value = node.expression.copy()
        if value.is_string:
            value = exp.cast(value, "timestamp")
        micros = exp.Extract(this=exp.var("MICROSECOND"), expression=value)
        rest = exp.Mod(this=micros, expression=exp.Literal.number(1_000_000))
        nanos = exp.Mul(this=exp.paren(rest), expression=exp.Literal.number(_NANOS))
        return exp.cast(exp.paren(nanos), "bigint", dialect="duckdb")
    if node.this.name.upper() != "EPOCH_SECOND":
        return node
    million = exp.Literal.number(1_000_000)
    seconds = exp.Div(this=call("epoch_us", node.expression), expression=million)
    return exp.cast(call("floor", seconds), "bigint", dialect="duckdb")
