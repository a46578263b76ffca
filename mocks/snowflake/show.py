"""SHOW: fakesnow's answers, with LIKE, STARTS WITH and LIMIT for every kind of object."""

from typing import TYPE_CHECKING

import pyarrow as pa
from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake.results import Result
from mocks.snowflake.session_statements import like

if TYPE_CHECKING:
    from mocks.snowflake.cursor import LocalCursor


def run(cursor: "LocalCursor", expression: Expr, params: MutableParams | None) -> Result:
    """Run a SHOW; fakesnow heeds LIKE for tables and views alone."""
    pattern, prefix, limit = (
        expression.args.get(name) for name in ("like", "starts_with", "limit")
    )
    for name in ("like", "starts_with", "limit"):
        expression.set(name, None)
    result = cursor.session.transaction.read(lambda: cursor.run_steps(expression, params))
    table = result.table
    name_of = table.column(_name_column(table)).to_pylist()
    if isinstance(pattern, exp.Expression):
        table = _kept(table, [like(pattern.name)(name) for name in name_of])
        name_of = table.column(_name_column(table)).to_pylist()
    if isinstance(prefix, exp.Expression):
        table = _kept(table, [str(name).startswith(prefix.name) for name in name_of])
    if isinstance(limit, exp.Expression):
        table = table.slice(0, int(limit.expression.name))
    return Result(table, result.types, table.num_rows)


def _kept(table: pa.Table, is_kept: list[bool]) -> pa.Table:
    return table.filter(pa.array(is_kept, pa.bool_()))


def _name_column(table: pa.Table) -> str:
    return next(name for name in ("name", "column_name", "key") if name in table.column_names)
