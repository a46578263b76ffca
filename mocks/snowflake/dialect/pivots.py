"""PIVOT as a grouped query, an aggregate of a CASE for each value.

DuckDB's own PIVOT has no ANY, no queries, no DEFAULT, and no AVG of NUMBERs as Snowflake has it.
https://docs.snowflake.com/en/sql-reference/constructs/pivot
"""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake.dialect import scopes
from mocks.snowflake.dialect.sources import columns_of
from mocks.snowflake.errors import compilation, unsupported

if TYPE_CHECKING:
    from mocks.snowflake.session import Session


def write(expression: Expr, session: "Session") -> Expr:
    """Write each PIVOT of one aggregate in another way; UNPIVOT is DuckDB's.

    Raises:
        StatementFailed: 1044 for an UNPIVOT of columns of several types; 2.
    """
    for pivot in reversed(list(expression.find_all(exp.Pivot))):
        source = pivot.parent
        if pivot.args.get("unpivot"):
            _refuse_several_types(pivot, source, session)  # type: ignore[arg-type]
        is_ours = not pivot.args.get("unpivot") and len(source.args["pivots"]) == 1  # type: ignore[union-attr]
        if is_ours:
            _write(pivot, source, session)  # type: ignore[arg-type]
    return expression


def _refuse_several_types(pivot: exp.Pivot, source: Expr, session: "Session") -> None:
    read = source.copy()
    read.set("pivots", None)
    read.set("joins", None)
    columns = [column for over in pivot.args["fields"] for column in over.expressions]
    query = exp.select(*(column.copy() for column in columns)).from_(read)
    kinds = scopes.types_of_query(session, scopes.with_ctes(query, source))
    for column, kind in zip(columns, kinds, strict=False):
        if kind != kinds[0]:
            raise compilation(
                1044,
                "42P13",
                f"The type of column '{column.name.upper()}' conflicts with the type of other"
                " columns in the UNPIVOT list.",
            )


def _write(pivot: exp.Pivot, source: Expr, session: "Session") -> None:
    aggregate, over = pivot.expressions[0], pivot.args["fields"][0]
    if len(pivot.expressions) != 1 or len(pivot.args["fields"]) != 1:
        raise unsupported("PIVOT of several aggregates")
    if not isinstance(aggregate, exp.AggFunc) or not isinstance(aggregate.this, exp.Column):
        raise unsupported("PIVOT of anything but an aggregate of a column")
    read = source.copy()
    read.set("pivots", None)
    read.set("joins", None)
    used = {_folded(column.this) for column in (aggregate.this, over.this)}
    keys = [exp.column(name, quoted=True) for name in columns_of(source, session)
            if name not in used]  # fmt: skip
    query = exp.select(*keys).from_(read).group_by(*keys)
    if not keys:
        query = query.having("count(*) > 0")
    for value, name in _values(over, read, session):
        chosen = exp.Case(ifs=[exp.If(this=over.this.copy().eq(value), true=aggregate.this.copy())])
        column: Expr = type(aggregate)(this=chosen)
        if default := pivot.args.get("default_on_null"):
            column = exp.Coalesce(this=column, expressions=[default.copy()])
        query = query.select(exp.alias_(column, name, quoted=True))
    alias = pivot.args.get("alias")
    if alias is None and source.alias_or_name:
        alias = exp.TableAlias(this=exp.to_identifier(source.alias_or_name))
    written = exp.Subquery(this=query, alias=alias.copy() if alias else None)
    written.set("joins", source.args.get("joins"))
    source.replace(written)


def _folded(identifier: Expr) -> str:
    return identifier.name if identifier.args.get("quoted") else identifier.name.upper()


def _values(over: Expr, source: Expr, session: "Session") -> list[tuple[Expr, str]]:
    """The values that columns are made for, and the columns' names."""
    first = over.expressions[0]
    if isinstance(first, exp.PivotAny):
        query = exp.select(over.this.copy()).distinct().from_(source.copy())
        order = first.this or exp.Order(expressions=[exp.Ordered(this=over.this.copy())])
        query.set("order", order.copy())
        return _found(query, over, session)
    if isinstance(first, exp.Query):
        return _found(first.copy(), over, session)
    return [_value(value) for value in over.expressions]


def _found(query: Expr, over: Expr, session: "Session") -> list[tuple[Expr, str]]:
    if over.find_ancestor(exp.Create) is not None:
        raise unsupported("PIVOT of values that a query tells, in a definition")
    found = session.cursor().run_parsed(query).table.column(0).to_pylist()
    if None in found:
        raise unsupported("PIVOT of ANY value where one is NULL")
    return [_value(exp.convert(value)) for value in found]


def _value(value: Expr) -> tuple[Expr, str]:
    if isinstance(value, exp.PivotAlias):
        name = value.args["alias"]
        is_word = isinstance(name, exp.Identifier)
        return value.this.copy(), _folded(name) if is_word else name.name
    if not isinstance(value, exp.Literal | exp.Neg):
        raise unsupported(f"PIVOT of the value {value.sql(dialect='snowflake')}")
    return value.copy(), value.sql(dialect="snowflake")
