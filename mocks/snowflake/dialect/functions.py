"""Calls of Python functions: resolved as Snowflake does, called under DuckDB's name for them."""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake.dialect.typed import DONE
from mocks.snowflake.errors import unknown_function
from mocks.snowflake.handlers.workers import SESSION_VARIABLE

if TYPE_CHECKING:
    from mocks.snowflake.session import Session


def replace(expression: Expr, session: "Session") -> Expr:
    """Call what the names stand for, with arguments and result cast to the declared types.

    Raises:
        StatementFailed: 2140 for a qualified name, or a name of ours, without such a function.
    """
    for node in reversed(list(expression.find_all(exp.Anonymous, exp.Dot))):
        called = _call(node, session)
        if called is not node:
            node.replace(called)
    return expression


def _call(node: Expr, session: "Session") -> Expr:
    if not isinstance(node, exp.Anonymous | exp.Dot) or isinstance(node.parent, exp.Dot):
        return node
    call = node.expression if isinstance(node, exp.Dot) else node
    if not isinstance(call, exp.Anonymous) or not isinstance(call.this, str):
        return node
    path = _path(node, session)
    if not isinstance(node, exp.Dot) and not session.local.functions.exists(path):
        return node
    arguments = call.expressions
    found = session.local.functions.find(path, len(arguments))
    if found is None:
        raise unknown_function(path)
    function, registered_as = found
    casts = [
        exp.cast(argument, kind, dialect="snowflake")
        for argument, (kind, _) in zip(arguments, function.arguments, strict=True)
    ]
    session_number = exp.func("GETVARIABLE", exp.Literal.string(SESSION_VARIABLE))
    called = exp.Anonymous(this=registered_as, expressions=[session_number, *casts])
    result = exp.cast(called, function.returns[0], dialect="snowflake")
    result.meta[DONE] = True  # its text is JSON already where a VARIANT is declared
    if isinstance(node.parent, exp.Select) and node.arg_key == "expressions":
        return exp.alias_(result, node.sql(dialect="snowflake").upper(), quoted=True)
    return result


def _path(node: Expr, session: "Session") -> str:
    names = [node.name.upper()] if isinstance(node, exp.Anonymous) else _names(node)
    current = [session.database or "", session.schema or ""]
    return ".".join([*current[: 3 - len(names)], *names])


def _names(node: Expr) -> list[str]:
    if isinstance(node, exp.Dot):
        return [*_names(node.this), *_names(node.expression)]
    is_quoted = isinstance(node, exp.Identifier) and node.quoted
    return [node.name if is_quoted else node.name.upper()]
