"""The parts of dates and times, by Snowflake's names for them.

https://docs.snowflake.com/en/sql-reference/functions-date-time#supported-date-and-time-parts
"""

from sqlglot import Expr, exp
from sqlglot.dialects.snowflake import Snowflake

from mocks.snowflake.dialect.json_values import call
from mocks.snowflake.errors import invalid, unsupported

KINDS = (
    exp.Extract, exp.DateAdd, exp.DateDiff, exp.TimestampTrunc, exp.DateTrunc, exp.TimeSlice,
    exp.LastDay, exp.Interval,
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
    is_part = isinstance(node, exp.Extract)
    given = node.this if is_part else node.args.get("unit")
    if isinstance(node, exp.Interval) and given is None:
        raise unsupported("an interval of several parts, or without a unit", "add one by one")
    if given is None:
        return node
    found = _NAMES.get(given.name.upper(), given.name.upper())
    if found not in (_PARTS if is_part else _LENGTHS):
        raise invalid(f"'{given.name}' is not a valid date/time component")
    given.replace(exp.var(found))
    return node


def write_epoch(node: Expr) -> Expr:
    """EPOCH_SECOND of whole seconds: DuckDB's own number has a fraction, or is rounded."""
    if node.this.name.upper() != "EPOCH_SECOND":
        return node
    million = exp.Literal.number(1_000_000)
    seconds = exp.Div(this=call("epoch_us", node.expression), expression=million)
    return exp.cast(call("floor", seconds), "bigint", dialect="duckdb")
