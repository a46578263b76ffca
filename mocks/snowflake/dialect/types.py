"""Snowflake's types as DuckDB's."""

from fakesnow import transforms
from sqlglot import Expr, exp

from mocks.snowflake.dialect.numbers import whole_numbers

_CONVERSIONS = (
    transforms.semi_structured_types,
    transforms.timestamp_ntz,
    transforms.float_to_double,
    whole_numbers,
)


def convert(kind: Expr) -> Expr:
    """The DuckDB type that stands for a Snowflake type."""
    for conversion in _CONVERSIONS:
        kind = conversion(kind)
    return kind


def duck_type(kind: exp.DataType) -> str:
    """DuckDB's name of the type that stands for a Snowflake type."""
    return convert(kind.copy()).sql(dialect="duckdb")
