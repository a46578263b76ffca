"""Values of variables: literals with a type, which are written into expressions and statements."""

import re
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import Expr, exp

from mocks.snowflake import statements
from mocks.snowflake.errors import compilation, invalid, unsupported
from mocks.snowflake.results import Result

_TYPES = {
    "VARCHAR": "VARCHAR",
    "BOOLEAN": "BOOLEAN",
    "DOUBLE": "FLOAT",
    "DATE": "DATE",
    "TIME": "TIME",
    "TIMESTAMP": "TIMESTAMP_NTZ",
    "JSON": "VARIANT",
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"), "NUMBER(38,0)"),
}
"""Snowflake's type for each of DuckDB's of which a value can be written."""
_WHOLE = "NUMBER(38,0)"
_IS_WHOLE = re.compile(
    r"|BIGINT|INT|INTEGER|SMALLINT|(NUMBER|DECIMAL)(\(38,\s*0\))?", re.IGNORECASE
)
_DECIMAL = re.compile(r"DECIMAL\(\d+,\s*(\d+)\)")


@dataclass(frozen=True)
class Value:
    """The value of a variable."""

    kind: str
    """Its type as Snowflake writes it; the precision of numbers is 38."""
    written: Expr
    """The value as an expression."""
    plain: Any
    """The value as Python has it."""
    is_inferred: bool = False
    """True: the type is that of the variable's first value."""

    def inferred(self) -> "Value":
        """The value in a variable without a declared type."""
        return replace(self, is_inferred=True)


def of_row(result: Result, row: int, declared: str = "") -> list[Value]:
    """The values of a result's row."""
    return [
        _value(column[row].as_py(), type_, declared)
        for column, type_ in zip(result.table.columns, result.types, strict=True)
    ]


def _value(plain: Any, type_: str, declared: str) -> Value:
    kind = _kind(type_)
    if plain is None:
        written: Expr = exp.cast(exp.null(), declared or kind, dialect="snowflake")
    elif kind == "BOOLEAN":
        written = exp.convert(bool(plain))
    elif kind == _WHOLE and _IS_WHOLE.fullmatch(declared):
        written = exp.convert(int(plain))  # of a cast, DATE + 1 would not be answered
    else:
        text = exp.Literal.string(str(plain))
        if kind == "VARIANT":
            written = exp.ParseJSON(this=text)
        else:
            written = text if kind == "VARCHAR" else exp.cast(text, kind, dialect="snowflake")
        if declared and kind != "VARCHAR":
            written = exp.cast(written, declared, dialect="snowflake")
    return Value(declared or kind, written, plain)


def _kind(type_: str) -> str:
    if found := _DECIMAL.fullmatch(type_):
        return f"NUMBER(38,{found[1]})"
    if type_ not in _TYPES:
        raise unsupported(f"a variable of the type {type_}")
    return _TYPES[type_]


def write(expression: Expr, values: dict[str, Value], *, is_bare: bool) -> None:
    """Write values in the places of variables: ``:x``, and ``x`` outside of queries if `is_bare`.

    Raises:
        StatementFailed: 904 for a variable that is not there.
    """
    for node in list(expression.find_all(exp.Placeholder)):
        name = str(node.args.get("this") or "").upper()
        if not name:
            continue
        if name not in values or isinstance(node.parent, exp.Dot):
            raise compilation(904, "42000", f"invalid identifier '{name}'")
        node.replace(values[name].written.copy())
    if not is_bare:
        return
    for column in list(expression.find_all(exp.Column)):
        name = ".".join(part.name.upper() for part in column.parts)
        is_ours = isinstance(column.this, exp.Identifier) and name in values
        if is_ours and column.find_ancestor(exp.Query) is expression:
            column.replace(values[name].written.copy())


def of_expression(text: str) -> Expr:
    """The expression that a text is."""
    query = statements.parse(f"SELECT {text}")
    if not isinstance(query, exp.Select) or len(query.selects) != 1 or query.args.get("from_"):
        raise invalid(f"syntax error: '{text}' is not an expression")
    value = query.selects[0].unalias()
    if isinstance(value, exp.Subquery):  # which keeps its name itself
        value.set("alias", None)
    return value


def query_of(value: Expr, type_: str = "") -> exp.Select:
    """The query for an expression's value, cast to a type if there is one."""
    value = exp.cast(value.copy(), type_, dialect="snowflake") if type_ else value.copy()
    return exp.select(exp.alias_(value, "V"))
