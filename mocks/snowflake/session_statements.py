"""Statements about the session itself: ALTER SESSION, USE, SHOW PARAMETERS, SET."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake.declared_columns import folded
from mocks.snowflake.errors import invalid, missing, unsupported
from mocks.snowflake.results import Result, rows, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor

_SHOW_PARAMETERS = re.compile(
    r"parameters(\s+like\s+'([^']*)')?(\s+(in|for)\s+session)?\s*", re.IGNORECASE
)


def run_alter(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """ALTER SESSION SET and UNSET."""
    (alter,) = expression.find_all(exp.AlterSession)
    parameters = cursor.session.parameters
    for item in alter.expressions:
        if alter.args.get("unset"):
            parameters.unset(item.name)
        else:
            parameters.set(item.this.this.name, _constant(item.this.expression))
    return status()


def _constant(value: Expr) -> object:
    if isinstance(value, exp.Boolean):
        return value.this
    if isinstance(value, exp.Neg):
        return f"-{value.this.name}"
    return value.name


def is_show_parameters(expression: Expr) -> bool:
    """Tell whether a statement is SHOW PARAMETERS, which sqlglot doesn't parse."""
    return (
        isinstance(expression, exp.Command)
        and str(expression.this).upper() == "SHOW"
        and str(expression.expression).strip().upper().startswith("PARAMETERS")
    )


def run_show_parameters(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """SHOW PARAMETERS [LIKE '…'] [IN SESSION]."""
    asked = _SHOW_PARAMETERS.fullmatch(str(expression.expression).strip())
    if asked is None:
        raise unsupported("SHOW PARAMETERS of anything but the session")
    wanted = like(asked[2] or "%")
    found = [(*row, "", "", "STRING") for row in cursor.session.parameters.rows() if wanted(row[0])]
    names = ("key", "value", "default", "level", "description", "type")
    return rows(names, found, ("VARCHAR",) * len(names))


def like(pattern: str):  # noqa: ANN201 -- a predicate
    """A predicate for names that match a LIKE pattern, whatever their case."""
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern)
    matches = re.compile("".join(parts), re.IGNORECASE | re.DOTALL).fullmatch
    return lambda name: matches(name) is not None


def run_use(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """USE DATABASE, SCHEMA, ROLE and WAREHOUSE.

    Raises:
        StatementFailed: 2003 for a database or schema that is not there; roles and warehouses all
        are.
    """
    kind = str(expression.args["kind"] or "").upper() if expression.args.get("kind") else "DATABASE"
    name = (
        expression.this.name
        if expression.this.this.args.get("quoted")
        else expression.this.name.upper()
    )
    session = cursor.session
    if kind == "WAREHOUSE":
        session.identity = replace(session.identity, warehouse=name)
    elif kind == "ROLE":
        session.identity = replace(session.identity, role=name)
    else:
        _use_namespace(cursor, expression, kind)
    return status()


def _use_namespace(cursor: "Cursor", expression: Expr, kind: str) -> None:
    table = expression.this
    session = cursor.session
    parts = [folded(part) for part in table.parts]
    if kind == "DATABASE" and len(parts) == 1:
        database, schema = parts[0], None
    elif len(parts) == 2:
        database, schema = parts
    else:
        database, schema = session.database, parts[0]
    if not database or not session.local.has_schema(database, schema):
        raise missing()
    session.use(database, schema)


def is_variable(expression: Expr) -> bool:
    """Tell whether a statement sets or unsets a session variable."""
    return isinstance(expression, exp.Set) or (
        isinstance(expression, exp.Alias)
        and isinstance(expression.this, exp.Column)
        and expression.this.name.upper() == "UNSET"
    )


def run_variable(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """SET x = … and UNSET x."""
    variables = cursor.session.local_variables
    if isinstance(expression, exp.Alias):
        variables.pop(expression.alias.upper(), None)
        return status()
    for item in expression.expressions:
        if not isinstance(item.this, exp.EQ):
            raise invalid("syntax error: SET name = value, or SET (a, b) = (1, 2)")
        named, values = (_parts(side) for side in (item.this.this, item.this.expression))
        if len(named) != len(values):
            raise invalid(f"SET names {len(named)} variables and has {len(values)} values")
        # All values are computed with what the variables were before.
        given = [_value(cursor, value) for value in values]
        variables.update(
            (name.name.upper(), value) for name, value in zip(named, given, strict=True)
        )
    return status()


def _parts(side: Expr) -> list[Expr]:
    return side.expressions if isinstance(side, exp.Tuple) else [side]


def _value(cursor: "Cursor", expression: Expr) -> Expr:
    """Evaluate an expression now and return its value as a literal."""
    if isinstance(expression, exp.Literal):
        return expression
    query = exp.select(exp.alias_(expression.copy(), "value"))
    result = cursor.session.transaction.read(lambda: cursor.run_steps(query, None))
    (found,) = result.table.column(0).to_pylist()
    return exp.convert(found.normalize() if isinstance(found, Decimal) else found)
