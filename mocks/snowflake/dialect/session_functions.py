"""CURRENT_USER() and its like: answered from the session, DuckDB knows nothing of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from fakesnow.transforms import SERVER_VERSION
from sqlglot import Expr, exp

from mocks.snowflake.errors import unsupported

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

ACCOUNT = "LOCAL"
REGION = "LOCAL"
_ANSWERS: dict[str, Callable[["Session"], str | None]] = {
    "CURRENT_ACCOUNT": lambda _: ACCOUNT,
    "CURRENT_ACCOUNT_NAME": lambda _: ACCOUNT,
    "CURRENT_DATABASE": lambda session: session.database,
    "CURRENT_ORGANIZATION_NAME": lambda _: ACCOUNT,
    "CURRENT_REGION": lambda _: REGION,
    "CURRENT_ROLE": lambda session: session.identity.role,
    "CURRENT_SCHEMA": lambda session: session.schema,
    "CURRENT_SESSION": lambda session: str(session.identity.session_id),
    "CURRENT_USER": lambda session: session.identity.user,
    "CURRENT_VERSION": lambda _: SERVER_VERSION,
    "CURRENT_WAREHOUSE": lambda session: session.identity.warehouse,
}


def replace(expression: Expr, session: "Session") -> Expr:
    """Put the session's answers where the functions stand."""
    for node in list(expression.find_all(exp.Func)):
        name = _name(node)
        if name == "LAST_QUERY_ID":
            number = node.expressions[0] if node.expressions else None
            node.replace(_literal(node, name, session.query_id(number)))
        elif name == "GETVARIABLE":
            node.replace(_variable(node, session))
        elif name in _ANSWERS:
            node.replace(_literal(node, name, _ANSWERS[name](session)))
    return expression


def _variable(node: exp.Func, session: "Session") -> Expr:
    """GETVARIABLE('NAME'): a session variable's value as text, NULL for none."""
    asked = node.expressions[0] if node.expressions else None
    if not isinstance(asked, exp.Literal):
        raise unsupported("GETVARIABLE of what is no constant")
    value = session.local_variables.get(asked.name)
    return exp.cast(exp.null() if value is None else value.copy(), "text")


def _literal(node: Expr, name: str, text: str | None) -> Expr:
    value = exp.cast(exp.null() if text is None else exp.Literal.string(text), "text")
    if isinstance(node.parent, exp.Select) and node.arg_key == "expressions":
        return exp.alias_(value, f"{name}()", quoted=True)
    return value


def _name(node: exp.Func) -> str:
    if not isinstance(node, exp.Anonymous):
        return node.sql_name()
    return node.this.upper() if isinstance(node.this, str) else ""
