"""``$name`` and ``$1``: session variables, and columns by position."""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake.errors import compilation, unsupported

if TYPE_CHECKING:
    from mocks.snowflake.connection import LocalConnection


def replace(expression: Expr, session: "LocalConnection") -> Expr:
    """Put values in the place of variables, and columns in the place of positions.

    Raises:
        StatementFailed: 2211 for a variable that isn't set.
    """
    for parameter in list(expression.find_all(exp.Parameter)):
        if isinstance(parameter.this, exp.Literal):
            parameter.replace(_column(parameter))
            continue
        name = parameter.name.upper()
        if name not in session.local_variables:
            raise compilation(2211, "02000", f"Session variable '${name}' does not exist")
        parameter.replace(session.local_variables[name].copy())
    return expression


def _column(parameter: exp.Parameter) -> Expr:
    """``$1`` of ``VALUES``, whose columns are COLUMN1, COLUMN2 and so on."""
    select = parameter.find_ancestor(exp.Select)
    source = select.args["from_"].this if select is not None and select.args.get("from_") else None
    if not isinstance(source, exp.Values):
        raise unsupported(f"${parameter.name} of what is no VALUES", "name the column")
    return exp.column(f"COLUMN{parameter.name}", quoted=True)
