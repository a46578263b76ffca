"""Temporary tables and views: in a schema on Snowflake, apart from all schemas in DuckDB."""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp, parse_one

from mocks.snowflake import statements
from mocks.snowflake.declared_columns import Declared, of_definition

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

_KINDS = ("TABLE", "VIEW")


def unqualify(expression: Expr, session: "Session") -> Expr:
    """Name the session's temporary tables as DuckDB does, without database and schema."""
    known = session.temporary_tables
    lasting = None
    if is_temporary(expression):
        name = statements.full_name(statements.target_table(expression), session)
        known[name] = _declared(expression.this)
    elif _is_of_table(expression, exp.Create):
        lasting = statements.target_table(expression)
    if not known or str(expression.args.get("kind")).upper() in ("DATABASE", "SCHEMA"):
        return expression
    bare = {name.rpartition(".")[2] for name in known}
    queries = {cte.alias for cte in expression.find_all(exp.CTE)}
    # Without a current schema, a name alone is of the query itself, or of rows that are lent.
    named = [table for table in expression.find_all(exp.Table) if table.db or session.schema]
    for table in named:
        database, schema, last = parts = statements.name_parts(table, session)
        name = ".".join(parts)
        if table is not lasting and name in known:
            if _is_of_table(expression, exp.Drop):
                del known[name]
            table.set("db", None)
            table.set("catalog", None)
        elif last in bare and not table.db and table.name not in queries:
            # DuckDB would find the temporary table of another schema.
            table.set("db", exp.to_identifier(schema, quoted=True))
            table.set("catalog", exp.to_identifier(database, quoted=True))
    return expression


def _declared(schema: Expr) -> dict[str, Declared]:
    columns = of_definition(schema, lengths=True) if isinstance(schema, exp.Schema) else []
    return {column.column: column for column in columns}


def is_temporary(expression: Expr) -> bool:
    """Tell whether a statement creates a temporary table or view."""
    is_table = _is_of_table(expression, exp.Create)
    return is_table and expression.find(exp.TemporaryProperty) is not None


def locate(table: exp.Table, session: "Session") -> exp.Table:
    """A table as DuckDB's catalog has it: temporary ones in a schema of their own."""
    if statements.full_name(table, session) not in session.temporary_tables:
        return table
    name = statements.name_parts(table, session)[2]
    return exp.table_(name, db="main", catalog="temp", quoted=True)


def list_own(expression: Expr, session: "Session") -> Expr:
    """Let SHOW TABLES and INFORMATION_SCHEMA.TABLES have the session's temporary tables in place.

    https://docs.snowflake.com/en/user-guide/tables-temp-transient
    """
    if not session.temporary_tables:
        return expression
    for table in list(expression.find_all(exp.Table)):
        if table.name.lower() in _LISTS and table.db.lower() == "_fs_information_schema":
            table.replace(_in_place(table, session))
    return expression


def _in_place(table: exp.Table, session: "Session") -> exp.Subquery:
    view = table.name.lower()
    database, schema, name = _LISTS[view]
    own = exp.values([tuple(full.split(".", 2)) for full in session.temporary_tables])
    query = _IN_PLACE.format(
        view=view, own=own.sql(dialect="duckdb"), database=database, schema=schema, name=name
    )
    listed = parse_one(query, read="duckdb")
    if view == "_fs_tables":
        listed = listed.where(exp.column(database).eq(table.catalog or session.database))
    alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier("TABLES"))
    return exp.Subquery(this=listed, alias=alias)


_LISTS = {
    "_fs_tables": ("TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME"),
    "_fs_show_tables": ("database_name", "schema_name", "name"),
}
"""The views of tables, with their columns for database, schema and name."""
_IN_PLACE = """
    SELECT * FROM (
        SELECT listed.* REPLACE (
            coalesce(d, {database}) AS {database}, coalesce(s, {schema}) AS {schema}
        )
        FROM _fs_global._fs_information_schema.{view} listed
        LEFT JOIN ({own}) own(d, s, t) ON {database} = 'temp' AND {name} = t
    )
"""


def _is_of_table(expression: Expr, statement: type[Expr]) -> bool:
    return isinstance(expression, statement) and str(expression.args.get("kind")).upper() in _KINDS
