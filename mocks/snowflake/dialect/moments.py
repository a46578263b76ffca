"""Aggregates that DuckDB computes for other types than Snowflake, or answers in another one."""

from collections.abc import Sequence

from sqlglot import Expr, exp

from mocks.snowflake.dialect.json_values import FLOATS, is_fraction
from mocks.snowflake.dialect.typed import Rule, only
from mocks.snowflake.errors import unsupported

_TWELVE_DIGITS = "decimal(38, 12)"


def _kurtosis(node: Expr, kinds: Sequence[str]) -> Expr:
    """KURTOSIS: of NUMBERs with twelve digits after the point."""
    value = exp.Kurtosis(this=exp.cast(node.this.copy(), "double"))
    return value if kinds[0] in FLOATS else exp.cast(value, _TWELVE_DIGITS)


def _skew(node: Expr, kinds: Sequence[str]) -> Expr:
    """SKEW: of FLOATs, or in a cast, because the type of its answer is documented nowhere."""
    if kinds[0] not in FLOATS and not isinstance(node.parent, exp.Cast | exp.TryCast):
        raise unsupported("SKEW of NUMBERs", "cast it")
    return exp.Skewness(this=exp.cast(node.this.copy(), "double"))


def _whole(node: Expr, kinds: Sequence[str]) -> Expr:
    """BITAND_AGG and the like: of rounded numbers."""
    if is_fraction(kinds[0]):
        node.set("this", exp.cast(node.this.copy(), "hugeint"))
    return node


RULES = {
    exp.Kurtosis: Rule(only, _kurtosis),
    exp.Skewness: Rule(only, _skew),
    **dict.fromkeys((exp.BitwiseAndAgg, exp.BitwiseOrAgg, exp.BitwiseXorAgg), Rule(only, _whole)),
}
