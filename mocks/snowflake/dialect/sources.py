"""The columns of what a query reads, where a statement means all of them without naming them.

``OBJECT_CONSTRUCT(*)``, ``COUNT(t.*)``, ``$1`` and PIVOT are written with the names of the columns.
"""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake.dialect import scopes
from mocks.snowflake.errors import compilation, unsupported

if TYPE_CHECKING:
    from mocks.snowflake.session import Session


def columns_of(source: Expr, session: "Session") -> list[str]:
    """The names of a table's or subquery's columns, as DuckDB tells them for the whole of it."""
    from mocks.snowflake.dialect import pipeline  # noqa: PLC0415 -- which this is a step of

    query = scopes.with_ctes(exp.select("*").from_(_alone(source)), source)
    query = pipeline.rewrite(query, session, None)
    with session.probe() as duck:
        found = scopes.columns_of_sql(duck, query.sql(dialect="duckdb", copy=False))
    return [name for name, _ in found]


def _alone(source: Expr) -> Expr:
    copied = source.copy()
    for part in ("joins", "laterals", "pivots"):
        copied.set(part, None)
    return copied


def sources_of(select: Expr | None) -> list[Expr]:
    """The sources of a SELECT, in order."""
    if not isinstance(select, exp.Select) or not select.args.get("from_"):
        return []
    return [select.args["from_"].this, *(join.this for join in select.args.get("joins") or [])]


def write(expression: Expr, session: "Session") -> Expr:
    """Name the columns that OBJECT_CONSTRUCT(*) and COUNT(t.*) mean."""
    for node in list(expression.find_all(exp.StarMap, exp.Count)):
        star = node.this
        if isinstance(node, exp.StarMap) and isinstance(star, exp.Star):
            _construct(node, star, session)
        elif isinstance(star, exp.Column) and isinstance(star.this, exp.Star):
            _count(node, star, session)
    return expression


def _named(node: Expr, table: str, session: "Session") -> list[tuple[str, Expr]]:
    """Names and columns of all sources of a query, or of the one that is named."""
    sources = sources_of(node.find_ancestor(exp.Select))
    asked = [s for s in sources if not table or s.alias_or_name.upper() == table.upper()]
    if not asked:
        raise compilation(904, "42000", f"invalid identifier '{table.upper()}'")
    found = []
    for source in asked:
        place = source.args["alias"].this if source.args.get("alias") else source.this
        qualifier = place.copy() if isinstance(place, exp.Identifier) else None
        for name in columns_of(source, session):
            column = exp.Column(this=exp.to_identifier(name, quoted=True), table=qualifier)
            found.append((name, column.copy()))
    return found


def _construct(node: exp.StarMap, star: exp.Star, session: "Session") -> None:
    if star.args.get("rename") or star.args.get("replace"):
        raise unsupported("OBJECT_CONSTRUCT(*) with REPLACE or RENAME")
    left_out = {column.name.upper() for column in star.args.get("except_") or ()}
    pairs = [
        exp.PropertyEQ(this=exp.Literal.string(name), expression=column)
        for name, column in _named(node, "", session)
        if name.upper() not in left_out
    ]
    node.replace(exp.Struct(expressions=sorted(pairs, key=lambda pair: pair.this.name)))


def _count(node: Expr, star: exp.Column, session: "Session") -> None:
    """The rows of a table in which no column is NULL."""
    present = [column.is_(exp.null()).not_() for _, column in _named(node, star.table, session)]
    counted = exp.If(this=exp.and_(*present), true=exp.Literal.number(1))
    node.set("this", exp.Case(ifs=[counted]))
