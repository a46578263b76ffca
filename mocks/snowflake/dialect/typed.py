"""Rewriting by type: operators whose meaning depends on what their operands are.

Each rule names its nodes, the operands whose types it needs, and what it writes for them. Inner
nodes come first, so that the type of an outer operand is that of what was written.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake.dialect import aliases, scopes
from mocks.snowflake.errors import StatementFailed

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

DONE = "is_typed"
"""The note on a node that no rule is to look at (again)."""


@dataclass(frozen=True)
class Rule:
    """The rule that writes one kind of node in DuckDB, given its operands' types."""

    operands: Callable[[Expr], Sequence[Expr]]
    """The operands that matter; none where the node may stay as it is."""
    write: Callable[[Expr, Sequence[str]], Expr]
    """The node that says the same in DuckDB; types are DuckDB's names, or `scopes.UNKNOWN`."""
    is_check: bool = False
    """True if the node stays as it is, or is refused: nodes around it need not wait for it."""


Rules = Mapping[type[Expr], Rule]


def only(node: Expr) -> Sequence[Expr]:
    """The operands of a node with one operand."""
    return (node.this,)


def rewrite(expression: Expr, session: "Session", rules: Rules) -> Expr:
    """Apply the rules to a whole statement, in place.

    Raises:
        StatementFailed: A rule refuses what it would get wrong.
    """
    for scope in scopes.scopes(expression):
        _rewrite_scope(scope, session, rules)
    return expression


def _rewrite_scope(scope: Expr, session: "Session", rules: Rules) -> None:
    while wave := _next_wave(scope, rules):
        aliases.spell_out(session, scope, wave)
        operands = [list(rules[type(node)].operands(node)) for node in wave]
        flat = [operand for of_node in operands for operand in of_node]
        kinds = iter(scopes.types_of(session, scope, flat))
        for node, of_node in zip(wave, operands, strict=True):
            node.meta[DONE] = True
            if not of_node:
                continue
            try:
                written = rules[type(node)].write(node, [next(kinds) for _ in of_node])
            except StatementFailed:
                scopes.refuse_unknown_columns(session, scope, of_node)
                raise
            for part in written.walk():
                part.meta[DONE] = True
            if written is not node:
                node.replace(written)
    aliases.spell_out(session, scope, scope.selects if isinstance(scope, exp.Select) else ())


def _next_wave(scope: Expr, rules: Rules) -> list[Expr]:
    """Nodes to write that have no other such node inside, nor in a column that they name.

    Columns that name each other by their aliases are columns of a table as well, which are meant.
    """
    waiting = [n for n in scopes.nodes_of(scope) if type(n) in rules and not n.meta.get(DONE)]
    ids = {id(node) for node in waiting if not rules[type(node)].is_check}
    free = [n for n in waiting if not any(id(c) in ids for c in _read(n, rules) if c is not n)]
    unwritten = aliases.unwritten(scope, ids)
    return [n for n in free if not _names(n, rules, unwritten)] or free


def _names(node: Expr, rules: Rules, unwritten: Mapping[str, Collection[int]]) -> bool:
    """Tell whether a node is written from one of these aliases, but for that of its own column."""
    others = {name for name, nodes in unwritten.items() if id(node) not in nodes}
    return bool(others) and any(aliases.is_one(part, others) for part in _read(node, rules))


def _read(node: Expr, rules: Rules) -> Iterator[Expr]:
    """All that a node is written from: ORDER BY a place or an alias reads another expression."""
    yield from node.walk()
    for operand in rules[type(node)].operands(node):
        if operand.parent is not node:
            yield from operand.walk()
