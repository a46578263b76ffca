"""Names of columns in a derived table or a new one: twice the same, or fewer than columns.

DuckDB takes the first of one name, and calls the others `ID_1` and so on.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake.dialect import scopes
from mocks.snowflake.errors import ambiguous, compilation, duplicate_column, invalid_column_list

if TYPE_CHECKING:
    from mocks.snowflake.session import Session


def refuse(expression: Expr, session: "Session") -> Expr:
    """Return for a statement that names no column which a derived table has twice.

    Raises:
        StatementFailed: 2028 for such a column, 904 for DuckDB's name of the other one, 2025 for a
            table or view that would have two of one name, 2026 for a common table expression
            that names another number of columns than it has.
    """
    if isinstance(expression, exp.Create) and isinstance(expression.expression, exp.Query):
        is_named = isinstance(expression.this, exp.Schema)
        for name in () if is_named else _repeated(expression.expression, session):
            raise duplicate_column(name)
    ctes = {cte.alias: cte for cte in expression.find_all(exp.CTE)}
    for cte in ctes.values():
        _refuse_other_number(cte, session)
    for select in expression.find_all(exp.Select):
        for alias, query in _derived(select, ctes):
            if repeated := _repeated(query, session):
                _refuse_columns(select, alias, repeated)
    return expression


def _refuse_other_number(cte: exp.CTE, session: "Session") -> None:
    names = cte.args["alias"].columns
    if names:
        columns = scopes.columns_of_query(session, cte.this)
        if columns and len(columns) != len(names):
            raise invalid_column_list()


def _derived(select: exp.Select, ctes: dict[str, exp.CTE]) -> Iterator[tuple[str, Expr]]:
    """The derived tables that a query reads from, by their aliases."""
    first = select.args.get("from_")
    joins = select.args.get("joins") or []
    for source in [*([first.this] if first else []), *(join.this for join in joins)]:
        is_cte = isinstance(source, exp.Table) and not source.db and source.name in ctes
        derived = ctes[source.name] if is_cte else source
        aliased = derived.args.get("alias")
        has_names = isinstance(aliased, exp.TableAlias) and aliased.columns
        if isinstance(derived, exp.CTE | exp.Subquery) and not has_names:
            yield source.alias_or_name, derived.this


def _repeated(query: Expr, session: "Session") -> set[str]:
    """The names that several columns of a query have."""
    query = query.unnest()
    while isinstance(query, exp.SetOperation):
        query = query.this.unnest()
    if not isinstance(query, exp.Select):
        return set()
    names = [name for name in query.named_selects if name]
    if query.is_star:
        is_all_of_one = len(query.selects) == 1 and not query.args.get("joins")
        names = [] if is_all_of_one else _described(query, session)
    return {name for name in names if names.count(name) > 1}


def _described(query: exp.Select, session: "Session") -> list[str]:
    return [name for name, _ in scopes.columns_of_query(session, query)]


def _refuse_columns(select: exp.Select, alias: str, repeated: set[str]) -> None:
    for column in scopes.nodes_of(select):
        if not isinstance(column, exp.Column) or column.table not in ("", alias):
            continue
        is_sorted = column.find_ancestor(exp.Order, exp.Select) is not select
        if is_sorted and column.name in select.named_selects:
            continue  # an alias
        if column.name in repeated:
            raise ambiguous(column.name)
        name, _, number = column.name.rpartition("_")
        if number.isdigit() and name in repeated:
            raise compilation(904, "42000", f"invalid identifier '{column.name}'")
