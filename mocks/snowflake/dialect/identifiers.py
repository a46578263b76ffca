"""Names: upper case unless quoted, also those that are words of DuckDB's own language."""

import functools
from collections.abc import Mapping

import duckdb
from fakesnow.params import MutableParams, pop_qmark_param
from sqlglot import Expr, exp

from mocks.snowflake import statements


@functools.cache
def _reserved() -> frozenset[str]:
    with duckdb.connect(":memory:") as duck:
        rows = duck.execute(
            """SELECT upper(keyword_name) FROM duckdb_keywords()
               WHERE keyword_category <> 'unreserved'"""
        ).fetchall()
    return frozenset(word for (word,) in rows)


def fold(node: Expr) -> Expr:
    """Upper case for what isn't quoted, quotes for what DuckDB would read as a keyword (AT)."""
    if isinstance(node.parent, exp.PropertyEQ) and isinstance(node.parent.parent, exp.Struct):
        return node  # the attribute of an object, {'a': 1}
    if isinstance(node, exp.Identifier) and not node.quoted and isinstance(node.this, str):
        node.set("this", node.this.upper())
        if node.this in _reserved():
            node.args["quoted"] = True
    return node


def resolve(expression: Expr, params: MutableParams | None, known: Mapping[str, Expr]) -> None:
    """Give tables their names in place of ``IDENTIFIER('a.b')``, ``(?)`` and ``($v)``, in place.

    https://docs.snowflake.com/en/sql-reference/identifier-literal

    Args:
        expression: The statement.
        params: Bound values, of which those of names are taken out.
        known: The session's variables.

    Raises:
        StatementFailed: 2003 for a text that names no table.
    """
    for table in list(expression.find_all(exp.Table, bfs=False)):
        if not isinstance(table.this, exp.DynamicIdentifier):
            continue
        named = table.this.this
        if isinstance(named, exp.Placeholder) and params:
            named = exp.Literal.string(str(pop_qmark_param(params, expression, named)))
        if isinstance(named, exp.Parameter):
            named = known.get(named.name.upper(), named)
        if isinstance(named, exp.Literal):
            found = statements.named(named.name)
            for part in ("this", "db", "catalog"):
                table.set(part, found.args.get(part))
