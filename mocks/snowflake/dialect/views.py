"""The columns that a view, or a table made of a query, declares.

https://docs.snowflake.com/en/sql-reference/sql/create-view#usage-notes
"""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake.declared_columns import folded
from mocks.snowflake.dialect import scopes
from mocks.snowflake.errors import duplicate_column, invalid_column_list

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

NAMED = "names_of_columns"
"""The key of the names in a CREATE … AS whose columns are named, and nothing more."""


def declare(expression: Expr, session: "Session") -> Expr:
    """Refuse columns that don't fit the query; a view of ``*`` keeps the number of its columns.

    Raises:
        StatementFailed: 2026 for another number of names, 2025 for a name that is there twice.
    """
    query = expression.expression if isinstance(expression, exp.Create) else None
    if not isinstance(query, exp.Query):
        return expression
    columns = scopes.columns_of_sql(session.duck, query.sql(dialect="duckdb"))
    names = _given(expression) or [name for name, _ in columns]
    if len(names) != len(columns):
        raise invalid_column_list()
    if repeated := [name for name in names if names.count(name) > 1]:
        raise duplicate_column(repeated[0])
    if str(expression.kind).upper() == "VIEW" and query.is_star:
        expression.set("expression", _of_width(query, len(names)))
    return expression


def _given(expression: Expr) -> list[str]:
    if not isinstance(expression.this, exp.Schema):
        return list(expression.meta.get(NAMED, ()))
    columns = expression.this.expressions
    return [folded(c.this if isinstance(c, exp.ColumnDef) else c) for c in columns]


def _of_width(query: exp.Query, width: int) -> exp.Union:
    """The query beside one without rows, which fails once the query has other columns."""
    nothing = exp.select(*(exp.null() for _ in range(width))).where(exp.false())
    return exp.Union(this=exp.Subquery(this=query), expression=nothing, distinct=False)


def of_star(query: Expr) -> Expr:
    """The query of a view as it was written, if `declare` put another one beside it."""
    nothing = query.expression.unnest() if isinstance(query, exp.Union) else None
    if isinstance(nothing, exp.Select) and not nothing.args.get("from_"):
        condition = nothing.args.get("where")
        if condition is not None and condition.this == exp.false():
            return query.this.unnest()
    return query
