"""Values on their way into columns: INSERT, UPDATE and MERGE convert to and from VARIANT.

https://docs.snowflake.com/en/sql-reference/data-type-conversion#data-types-that-can-be-cast
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake import statements
from mocks.snowflake.dialect import combining, scopes
from mocks.snowflake.dialect.json_values import JSON, text_of, variant_of

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

_AS_IT_IS = frozenset({'"NULL"', scopes.UNKNOWN})


def convert(expression: Expr, session: "Session") -> Expr:
    """Write the conversions that Snowflake makes by itself."""
    if isinstance(expression, exp.Insert):
        _convert_rows(expression, session)
    elif isinstance(expression, exp.Update | exp.Merge):
        _convert_values(expression, session)
    return expression


def _convert_values(scope: Expr, session: "Session") -> None:
    pairs = list(_pairs(scope))
    flat = [part for pair in pairs for part in pair]
    kinds = iter(scopes.types_of(session, scope, flat))
    for (_, value), column_type, kind in zip(pairs, kinds, kinds, strict=True):
        if _differ(column_type, kind):
            value.replace(variant_of(value, kind) if column_type == JSON else text_of(value))


def _pairs(scope: Expr) -> Iterator[tuple[Expr, Expr]]:
    """Each column that is set, under its table's name, with the value it's set to."""
    target = scope.this.alias_or_name
    updates = [scope] if isinstance(scope, exp.Update) else scope.find_all(exp.Update)
    for update in updates:
        for assignment in update.expressions:
            yield exp.column(assignment.this.this.copy(), table=target), assignment.expression
    inserts = scope.find_all(exp.Insert) if isinstance(scope, exp.Merge) else ()
    for insert in inserts:
        if isinstance(insert.this, exp.Tuple) and isinstance(insert.expression, exp.Tuple):
            for name, value in zip(
                insert.this.expressions, insert.expression.expressions, strict=False
            ):
                yield exp.column(name.this.copy(), table=target), value


def _differ(column_type: str, kind: str) -> bool:
    return (column_type == JSON) != (kind == JSON) and not {column_type, kind} & _AS_IT_IS


def _convert_rows(insert: exp.Insert, session: "Session") -> None:
    source = insert.expression
    if not isinstance(source, exp.Query | exp.Values):
        return
    wanted = _column_types(insert, session)
    query = _as_query(source)
    kinds = scopes.types_of_query(session, query)
    if len(kinds) != len(wanted):
        return  # DuckDB says what is wrong
    if any(_differ(column, kind) for column, kind in zip(wanted, kinds, strict=True)):
        insert.set("expression", _converted(query, kinds, wanted))


def _as_query(source: Expr) -> Expr:
    return exp.select("*").from_(source.copy()) if isinstance(source, exp.Values) else source


def _converted(query: Expr, kinds: Sequence[str], wanted: Sequence[str]) -> exp.Select:
    targets = [
        JSON if column == JSON and _differ(column, kind) else kind
        for column, kind in zip(wanted, kinds, strict=True)
    ]
    select = combining.with_types(query, kinds, targets)
    for chosen, column, kind in zip(select.selects, wanted, kinds, strict=True):
        if kind == JSON and _differ(column, kind):
            chosen.set("this", text_of(chosen.this))
    return select


def _column_types(insert: exp.Insert, session: "Session") -> list[str]:
    """DuckDB's types of the columns that are inserted into, in the order of the statement."""
    table = statements.target_table(insert).copy()
    session.duck.execute(exp.select("*").from_(table).limit(0).sql(dialect="duckdb"))
    types = {column[0]: str(column[1]) for column in session.duck.description or ()}
    if isinstance(insert.this, exp.Schema):
        return [types.get(column.name, scopes.UNKNOWN) for column in insert.this.expressions]
    return list(types.values())
