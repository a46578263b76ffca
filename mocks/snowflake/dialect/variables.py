"""``$name`` and ``$1``: session variables, and columns by position."""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake.dialect import sources
from mocks.snowflake.errors import compilation, unsupported

if TYPE_CHECKING:
    from mocks.snowflake.session import Session


def replace(expression: Expr, session: "Session") -> Expr:
    """Put values in the place of variables, and columns in the place of positions.

    Raises:
        StatementFailed: 2211 for a variable that isn't set.
    """
    for parameter in list(expression.find_all(exp.Parameter)):
        if isinstance(parameter.this, exp.Literal):
            parameter.replace(_column(parameter, session))
            continue
        name = parameter.name.upper()
        if name not in session.local_variables:
            raise compilation(2211, "02000", f"Session variable '${name}' does not exist")
        parameter.replace(session.local_variables[name].copy())
    return expression


def _column(parameter: exp.Parameter, session: "Session") -> Expr:
    """``$1`` or ``t.$1``: the first column of the only table, or of the named one."""
    column = parameter.parent if isinstance(parameter.parent, exp.Column) else None
    named = column.table.upper() if column is not None else ""
    asked = [s for s in sources.sources_of(parameter.find_ancestor(exp.Select))
             if not named or s.alias_or_name.upper() == named]  # fmt: skip
    if len(asked) == 1 and isinstance(asked[0], exp.Values) and not named:
        return exp.column(f"COLUMN{parameter.name}", quoted=True)
    if len(asked) != 1:
        raise unsupported(f"${parameter.name} of several tables", "name the column")
    columns, number = sources.columns_of(asked[0], session), int(parameter.name)
    if not 1 <= number <= len(columns):
        raise compilation(904, "42000", f"invalid identifier '${number}'")
    identifier = exp.to_identifier(columns[number - 1], quoted=True)
    return identifier if named else exp.Column(this=identifier)
