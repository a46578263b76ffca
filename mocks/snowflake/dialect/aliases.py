"""Aliases of columns in other columns of the same SELECT.

https://docs.snowflake.com/en/sql-reference/sql/select#usage-notes
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake.dialect import scopes

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

_MAY_FAIL = frozenset({"ERROR", "_REAL", "_UNHEX", "_VARIANT_TYPE"})
"""ERROR and our macros with it, which to DuckDB have effects; so no alias may stand for them."""


def unwritten(scope: Expr, waiting: Collection[int]) -> dict[str, Collection[int]]:
    """The aliases of columns with nodes to write, in them or in others that they name.

    Each has the ids of its own nodes.
    """
    aliased = _aliased(scope)
    found = _with_those_that_name(
        {name for name, value in aliased.items() if any(id(n) in waiting for n in value.walk())},
        aliased,
    )
    return {name: {id(node) for node in aliased[name].walk()} for name in found}


def _with_those_that_name(found: set[str], aliased: Mapping[str, Expr]) -> set[str]:
    """Some aliases, and all that stand for an expression with one of them."""
    size = -1
    while size < len(found):
        size = len(found)
        found |= {
            name for name, value in aliased.items() if any(is_one(n, found) for n in value.walk())
        }
    return found


def is_one(node: Expr, aliases: Collection[str]) -> bool:
    """Tell whether a node is one of these aliases, as far as its form shows."""
    return isinstance(node, exp.Column) and not node.table and node.name in aliases


def spell_out(session: "Session", scope: Expr, nodes: Sequence[Expr]) -> None:
    """Write, in place, what aliases in these nodes stand for where DuckDB has to see it.

    It has no TRY over aggregates, and no aliases of what may fail.
    """
    aliased = _aliased(scope)
    seen = _with_those_that_name({name for name in aliased if _is_seen(aliased[name])}, aliased)
    for _ in seen:  # one may stand for another
        found = [
            part
            for node in nodes
            for part in list(node.walk())
            if is_one(part, seen) and _is_free(part, aliased[part.name], scope)
        ]
        for column in found:
            if not scopes.is_column(session, scope, column):
                column.replace(exp.paren(aliased[column.name].copy()))
        if not found:
            return


def _aliased(scope: Expr) -> dict[str, Expr]:
    """The expressions with an alias that a column of the query may be, by their aliases."""
    selects = scope.selects if isinstance(scope, exp.Select) else []
    aliased = {one.alias: one.this for one in selects if isinstance(one, exp.Alias)}
    named = {node.name for node in scope.walk() if is_one(node, aliased)} if aliased else ()
    return {name: aliased[name] for name in aliased if name in named}


def _is_seen(value: Expr) -> bool:
    if value.find(exp.Rand, exp.Uuid):
        return False  # it would be drawn twice
    called = (str(one.this).upper() for one in value.find_all(exp.Anonymous))
    is_failing = any(name.rpartition(".")[2] in _MAY_FAIL for name in called)
    return is_failing or not scopes.is_of_a_row(value)


def _is_free(column: Expr, value: Expr, scope: Expr) -> bool:
    """Tell whether a column is of the scope itself, and not of the value that has its name."""
    if column.find_ancestor(exp.Select) is not scope or column.find_ancestor(exp.Where, exp.Group):
        return False
    node: Expr | None = column
    while node is not None and node is not scope:
        if node is value:
            return False
        node = node.parent
    return True
