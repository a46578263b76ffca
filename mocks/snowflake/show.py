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
    table = _counted(cursor, result.table) if expression.name.upper() == "TABLES" else result.table
    name_of = table.column(_name_column(table)).to_pylist()
    if isinstance(pattern, exp.Expression):
        table = _kept(table, [like(pattern.name)(name) for name in name_of])
        name_of = table.column(_name_column(table)).to_pylist()
    if isinstance(prefix, exp.Expression):
        table = _kept(table, [str(name).startswith(prefix.name) for name in name_of])
    if isinstance(limit, exp.Expression):
        table = table.slice(0, int(limit.expression.name))
    return Result(table, result.types, table.num_rows)


def _counted(cursor: "LocalCursor", table: pa.Table) -> pa.Table:
    """SHOW TABLES with each table's comment and number of rows."""
    if not {"rows", "comment"} <= set(table.column_names):
        return table  # TERSE
    counts, comments = [], []
    with cursor.session.probe() as duck:
        for row in table.to_pylist():
            name = [row[part] for part in ("database_name", "schema_name", "name")]
            place = ".".join(f'"{part}"' for part in name)
            counts.append(duck.execute(f"SELECT count(*) FROM {place}").fetchall()[0][0])  # noqa: S608 -- names alone
            found = duck.execute(_COMMENT, name).fetchone()
            comments.append(found[0] if found else "")
    for column, values in (("rows", counts), ("comment", comments)):
        number = table.column_names.index(column)
        table = table.set_column(number, column, pa.array(values, table.schema.field(number).type))
    return table


_COMMENT = """
    SELECT comment FROM _fs_global._fs_information_schema._fs_tables_ext
    WHERE ext_table_catalog = ? AND ext_table_schema = ? AND ext_table_name = ?
"""


def _kept(table: pa.Table, is_kept: list[bool]) -> pa.Table:
    return table.filter(pa.array(is_kept, pa.bool_()))


def _name_column(table: pa.Table) -> str:
    return next(name for name in ("name", "column_name", "key") if name in table.column_names)
