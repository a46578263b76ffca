"""CURRENT_USER() and its like: answered from the session, DuckDB knows nothing of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from fakesnow.transforms import SERVER_VERSION
from sqlglot import Expr, exp

if TYPE_CHECKING:
    from mocks.snowflake.connection import LocalConnection

ACCOUNT = "LOCAL"
REGION = "LOCAL"
_ANSWERS: dict[str, Callable[["LocalConnection"], str | None]] = {
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
    "LAST_QUERY_ID": lambda session: session.last_query_id,
}


def replace(expression: Expr, session: "LocalConnection") -> Expr:
    """Put the session's answers where the functions stand."""

    def answer(node: Expr) -> Expr:
        name = _name(node)
        if name not in _ANSWERS:
            return node
        text = _ANSWERS[name](session)
        literal = exp.null() if text is None else exp.Literal.string(text)
        value = exp.cast(literal, "text")
        if isinstance(node.parent, exp.Select) and node.arg_key == "expressions":
            return exp.alias_(value, f"{name}()", quoted=True)
        return value

    return expression.transform(answer, copy=False)


def _name(node: Expr) -> str:
    if isinstance(node, exp.Anonymous) and isinstance(node.this, str):
        return node.this.upper()
    return (
        node.sql_name()
        if isinstance(node, exp.Func) and not isinstance(node, exp.Anonymous)
        else ""
    )
