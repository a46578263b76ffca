"""The numbers of rows in INFORMATION_SCHEMA.TABLES, which DuckDB estimates: they are counted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb
from sqlglot import Expr, exp, parse_one

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

_TABLES = """
    SELECT database_name, schema_name, table_name FROM duckdb_tables()
    WHERE database_name <> '_fs_global' AND schema_name <> '_fs_information_schema'
"""
_COUNTED = """
    SELECT estimated.* REPLACE (coalesce(n, "ROW_COUNT") AS "ROW_COUNT")
    FROM estimated LEFT JOIN counted AS counted(d, s, t, n)
    ON "TABLE_CATALOG" = d AND "TABLE_SCHEMA" = s AND "TABLE_NAME" = t
"""


def rows_of(duck: duckdb.DuckDBPyConnection, name: Sequence[str]) -> int:
    """The number of rows of a table (database, schema, name) that a connection sees."""
    place = exp.table_(*name[::-1], quoted=True).sql(dialect="duckdb")
    ((number,),) = duck.execute(f"SELECT count(*) FROM {place}").fetchall()  # noqa: S608 -- a name
    return number


def count(expression: Expr, session: "Session") -> Expr:
    """Count the rows of all tables for a statement that may read their numbers."""
    if not any(_may_be_number(node) for node in expression.find_all(exp.Star, exp.Column)):
        return expression
    for table in list(expression.find_all(exp.Table)):
        if table.name.lower() == "_fs_tables" and table.db.lower() == "_fs_information_schema":
            table.replace(_counted(table, session))
    return expression


def _may_be_number(node: Expr) -> bool:
    """Tell whether a node may stand for the number of rows."""
    return isinstance(node, exp.Star) or node.name.upper() == "ROW_COUNT"


def _counted(table: exp.Table, session: "Session") -> exp.Subquery:
    names = session.duck.execute(_TABLES).fetchall()
    rows = [(*name, rows_of(session.duck, name)) for name in names]
    counts = exp.values(rows or [(None, None, None, None)])
    query = parse_one(_COUNTED, read="duckdb")
    alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier("TABLES"))
    estimated = table.copy()
    estimated.set("alias", exp.TableAlias(this=exp.to_identifier("estimated")))
    for source in list(query.find_all(exp.Table)):
        named = {"estimated": estimated, "counted": counts}[source.name]
        if source.name == "counted":
            named.set("alias", source.args["alias"].copy())
        source.replace(named)
    return exp.Subquery(this=query, alias=alias.copy())
