"""Snowflake's types as DuckDB's."""

from fakesnow import transforms
from sqlglot import exp

from mocks.snowflake.dialect.numbers import whole_numbers


def duck_type(kind: exp.DataType) -> str:
    """DuckDB's name of the type that stands for a Snowflake type."""
    for transform in (
        transforms.semi_structured_types,
        transforms.timestamp_ntz,
        transforms.float_to_double,
        whole_numbers,
    ):
        kind = kind.transform(transform)
    return kind.sql(dialect="duckdb")
