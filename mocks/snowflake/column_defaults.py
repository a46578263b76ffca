"""DEFAULT of a column: the types that Snowflake takes for a column's type, and no others.

CREATE TABLE takes an expression whose type goes into the column's family; ADD COLUMN takes a
constant of the family alone.
https://docs.snowflake.com/en/sql-reference/sql/create-table
https://docs.snowflake.com/en/release-notes/bcr-bundles/2023_08/bcr-1425
"""

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake import column_types
from mocks.snowflake.declared_columns import folded
from mocks.snowflake.dialect import pipeline, scopes
from mocks.snowflake.errors import StatementFailed, compilation, unsupported

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

_Type = exp.DataType.Type
_TEXT, _NUMBER, _BOOLEAN, _VARIANT = "VARCHAR", "NUMBER", "BOOLEAN", "VARIANT"
_DATE, _TIME, _TIMESTAMP, _BINARY = "DATE", "TIME", "TIMESTAMP", "BINARY"
_FAMILIES: dict[object, str] = {
    **dict.fromkeys(exp.DataType.TEXT_TYPES, _TEXT),
    **dict.fromkeys(exp.DataType.NUMERIC_TYPES, _NUMBER),
    _Type.BOOLEAN: _BOOLEAN, _Type.VARIANT: _VARIANT, _Type.DATE: _DATE, _Type.TIME: _TIME,
    **dict.fromkeys(
        (_Type.TIMESTAMP, _Type.TIMESTAMPNTZ, _Type.TIMESTAMPLTZ, _Type.TIMESTAMPTZ,
         _Type.DATETIME), _TIMESTAMP),
    **dict.fromkeys((_Type.BINARY, _Type.VARBINARY), _BINARY),
}  # fmt: skip
"""The family of a type; ARRAY and OBJECT are in none, and take what they are given."""
_REFUSED = {
    _TEXT: (_NUMBER, _DATE, _TIME, _TIMESTAMP),
    _BOOLEAN: (_NUMBER,),
    _VARIANT: (_NUMBER,),
    _NUMBER: (_TEXT,),
    _DATE: (_TEXT, _TIMESTAMP),
    _TIME: (_TEXT, _TIMESTAMP),
    _TIMESTAMP: (_TEXT,),
}
"""For each family of a column, the families that its DEFAULT may not have."""
_UNDOCUMENTED = {
    _BOOLEAN: (_DATE, _TIME, _TIMESTAMP),
    _NUMBER: (_DATE, _TIME, _TIMESTAMP),
    _DATE: (_NUMBER, _BOOLEAN, _TIME),
    _TIME: (_NUMBER, _BOOLEAN, _DATE),
    _TIMESTAMP: (_NUMBER, _BOOLEAN, _TIME),
}
"""Those that Snowflake takes, though no value of theirs is documented for the column."""


def of(column: exp.ColumnDef) -> Expr | None:
    """The DEFAULT of a column's definition; None without one."""
    default = column.find(exp.DefaultColumnConstraint)
    return default.this if default else None


def check(session: "Session", column: exp.ColumnDef) -> None:
    """Check the DEFAULT of a column of a new table; let one of another family become a cast.

    Raises:
        StatementFailed: 2262 for one of another type, 904 for a column, 2263 for a query or an
            aggregate, 2 for one whose value isn't documented.
    """
    default = of(column)
    if default is None or not isinstance(column.kind, exp.DataType):
        return
    _refuse_parts(default)
    family = _FAMILIES.get(column.kind.this, "")
    found = _family(session, default)
    if family == _BINARY:
        raise compilation(2262, "22000", "Default values are not allowed on 'BINARY' columns.")
    if found in _REFUSED.get(family, ()):
        raise _other_type(column)
    is_judged = bool(family) or not isinstance(default, exp.Literal | exp.Boolean)
    if found in _UNDOCUMENTED.get(family, ()) or not is_judged:
        kind = column.kind.sql(dialect="snowflake")
        raise unsupported(f"a DEFAULT of type {found} for a column of type {kind}", "cast it")
    if family and found and found != family:
        place = default.parent
        place.set("this", exp.Cast(this=default.copy(), to=column.kind.copy()))


def check_added(column: exp.ColumnDef) -> None:
    """Check the DEFAULT of a column that is added to a table: a constant of the column's family.

    Raises:
        StatementFailed: 2263 for an expression, 2023 for a constant of another type, 2262 for a
            number of a VARIANT.
    """
    default = of(column)
    if default is None or isinstance(default, exp.Null):
        return
    constant = default.this if isinstance(default, exp.Neg) else default
    if not isinstance(constant, exp.Literal | exp.Boolean):
        text = default.sql(dialect="snowflake")
        raise compilation(2263, "22000", f"Invalid column default expression [{text}]")
    family, found = _FAMILIES.get(column.kind.this, ""), _of_constant(constant)
    if family == _VARIANT and found == _NUMBER:
        raise _other_type(column)
    if family and found not in (family, _VARIANT) and family != _VARIANT:
        types = f"{column_types.spelled(column.kind)} but got {_spelled_constant(constant)}"
        message = f"Expression type does not match column data type, expecting {types}"
        raise compilation(2023, "22000", f"{message} for column {folded(column.this)}")
    if not family:
        kind = column.kind.sql(dialect="snowflake")
        raise unsupported(f"a DEFAULT of type {found} for a column of type {kind}")
    if family == _VARIANT:
        default.parent.set("this", exp.Cast(this=default.copy(), to=column.kind.copy()))


def _other_type(column: exp.ColumnDef) -> StatementFailed:
    name = folded(column.this)
    message = f"Default value data type does not match data type for column {name}"
    return compilation(2262, "22000", message)


def _refuse_parts(default: Expr) -> None:
    for kind, what in ((exp.Query, "sub-queries are not supported"),
                       (exp.AggFunc, "aggregate functions are not allowed")):  # fmt: skip
        if default.find(kind):
            where = "as part of the specification of a default value clause."
            raise compilation(2263, "22000", f"{what} {where}")
    for column in default.find_all(exp.Column):
        if column.name.upper() != "NEXTVAL" or not column.table:
            raise compilation(904, "42000", f"invalid identifier '{column.sql().upper()}'")


def _family(session: "Session", default: Expr) -> str:
    """The family of an expression's type; empty for NULL, and where its type isn't known."""
    if isinstance(default, exp.Literal | exp.Boolean):
        return _of_constant(default)
    if isinstance(default, exp.Cast):
        return _FAMILIES.get(default.to.this, "")
    query = pipeline.rewrite(exp.select(default.copy()), session, None)
    kinds = scopes.types_of_query(session, query)
    if not kinds or kinds[0] in ('"NULL"', "JSON"):
        return ""
    return _FAMILIES.get(exp.DataType.build(kinds[0], dialect="duckdb").this, "")


def _of_constant(constant: Expr) -> str:
    if isinstance(constant, exp.Boolean):
        return _BOOLEAN
    return _TEXT if constant.is_string else _NUMBER


def _spelled_constant(constant: Expr) -> str:
    if isinstance(constant, exp.Boolean):
        return _BOOLEAN
    if constant.is_string:
        return f"VARCHAR({len(constant.name)})"
    _, digits, exponent = Decimal(constant.name).as_tuple()
    scale = max(-int(exponent), 0)
    return f"NUMBER({max(len(digits), scale)},{scale})"
