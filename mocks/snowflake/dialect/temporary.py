"""Temporary tables: in a schema on Snowflake, apart from all schemas in DuckDB."""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake import statements

if TYPE_CHECKING:
    from mocks.snowflake.connection import LocalConnection


def unqualify(expression: Expr, session: "LocalConnection") -> Expr:
    """Name the session's temporary tables as DuckDB does, without database and schema."""
    if is_temporary(expression):
        table = statements.target_table(expression)
        session.temporary_tables.add(statements.full_name(table, session))
    if session.temporary_tables:
        for table in expression.find_all(exp.Table):
            if table.db and statements.full_name(table, session) in session.temporary_tables:
                table.set("db", None)
                table.set("catalog", None)
    return expression


def is_temporary(expression: Expr) -> bool:
    """Tell whether a statement creates a temporary table."""
    is_table = isinstance(expression, exp.Create) and str(expression.kind).upper() == "TABLE"
    return is_table and expression.find(exp.TemporaryProperty) is not None
