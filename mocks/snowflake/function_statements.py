"""CREATE FUNCTION … LANGUAGE PYTHON, DROP FUNCTION, SHOW USER FUNCTIONS."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake import statements
from mocks.snowflake.continuous.listing import shown
from mocks.snowflake.dialect import types
from mocks.snowflake.errors import compilation, does_not_exist, unsupported
from mocks.snowflake.python_functions import PythonFunction
from mocks.snowflake.results import Result, dropped, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor

_IGNORED = frozenset({"RUNTIME_VERSION", "HANDLER"})


def run_create(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """Define a Python function.

    Raises:
        StatementFailed: Another language, packages, imports, a table function, or code that fails.
    """
    function = _function(cursor, expression)
    create = cursor.session.local.functions.create
    made = cursor.session.transaction.define(
        lambda: create(
            function,
            cursor.session.worker,
            replace=bool(expression.args.get("replace")),
            if_not_exists=bool(expression.args.get("exists")),
        )
    )
    said = "successfully created" if made else "already exists, statement succeeded"
    return status(f"Function {function.name} {said}.")


def _function(cursor: "Cursor", expression: Expr) -> PythonFunction:
    signature = expression.this
    database, schema, name = statements.name_parts(signature.this, cursor.session)
    if not cursor.session.local.has_schema(database, schema):
        raise does_not_exist("Schema", f"{database}.{schema}")
    properties = _properties(expression)
    body = expression.args.get("expression")
    if str(properties.get("LANGUAGE", "SQL")).upper() != "PYTHON":
        raise unsupported("functions in another language than Python")
    if body is None or "HANDLER" not in properties:
        raise compilation(1003, "42000", "a Python function needs a HANDLER and a body")
    return PythonFunction(
        database,
        schema,
        name,
        tuple(_kind(column.args["kind"]) for column in signature.expressions),
        _kind(properties["RETURNS"]),
        str(properties["HANDLER"]),
        body.name,
        is_strict="STRICT" in properties,
        comment=str(properties.get("COMMENT", "")),
    )


def _properties(expression: Expr) -> dict[str, object]:
    found: dict[str, object] = {}
    for item in expression.args["properties"].expressions:
        name = _NAMED.get(type(item))
        if isinstance(item, exp.ReturnsProperty):
            if item.args.get("is_table"):
                raise unsupported("table functions")
            found["RETURNS"] = item.this
        elif name:
            found[name] = item.name or True
        elif type(item) is exp.Property:
            _refuse_option(item)
    return found


_NAMED: dict[type[Expr], str] = {  # VOLATILE, IMMUTABLE, SECURE change no answer: passed over
    exp.LanguageProperty: "LANGUAGE",
    exp.HandlerProperty: "HANDLER",
    exp.StrictProperty: "STRICT",
    exp.SchemaCommentProperty: "COMMENT",
}


def _refuse_option(item: exp.Property) -> None:
    name, value = item.name.upper(), item.args["value"]
    if name in _IGNORED:
        return
    if name in ("PACKAGES", "IMPORTS") and not list(value.find_all(exp.Literal)):
        return
    raise unsupported(f"{name} of a Python function", "it has the standard library alone")


def _kind(kind: exp.DataType) -> tuple[str, str]:
    """A type under Snowflake's name and under DuckDB's."""
    return kind.sql(dialect="snowflake"), types.duck_type(kind)


def run_drop(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """DROP FUNCTION [IF EXISTS] name(types)."""
    table = statements.dropped(expression)
    path = statements.full_name(table, cursor.session)
    kinds = ", ".join(_kind(kind)[0] for kind in expression.expressions)
    signature = f"{table.name.upper()}({kinds})"
    drop = cursor.session.local.functions.drop
    found = cursor.session.transaction.define(lambda: drop(path, signature))
    if not found and not expression.args.get("exists"):
        raise does_not_exist("Function", signature)
    return dropped(table.name.upper(), was_there=found)


def is_show(expression: Expr) -> bool:
    """Tell whether a statement is SHOW [USER] FUNCTIONS."""
    if isinstance(expression, exp.Show):
        return expression.name.upper() == "FUNCTIONS"
    words = f"{expression.this} {expression.args.get('expression')}".upper().split()
    return isinstance(expression, exp.Command) and words[:3] == ["SHOW", "USER", "FUNCTIONS"]


def run_show(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """SHOW [USER] FUNCTIONS: those that users have made."""
    local = cursor.session.local
    found = []
    for f in local.functions:
        signature = _signature(f.name, [kind for kind, _ in f.arguments], f.returns[0])
        row = (f.name, f.schema, f.database, signature, f.comment, "N", "PYTHON")
        found.append(((f.database, f.schema, f.name), row))
    for function in local.sql_functions:
        database, schema, name = function.path.split(".")
        columns = ", ".join(f"{column} {_family(kind)}" for column, kind in function.columns)
        signature = _signature(
            name,
            [kind for _, kind in function.arguments],
            f"TABLE ({columns})" if columns else function.returns,
        )
        row = (name, schema, database, signature, "", "Y" if columns else "N", "SQL")
        found.append(((database, schema, name), row))
    text = expression.sql(dialect="snowflake")
    return shown(cursor.session, text, _COLUMNS, sorted(found))


_COLUMNS = dict.fromkeys(
    ("name", "schema_name", "catalog_name", "arguments", "description", "is_table_function",
     "language"), "VARCHAR",
)  # fmt: skip


def _signature(name: str, arguments: Iterable[str], returns: str) -> str:
    is_table = returns.startswith("TABLE ")
    kinds = ", ".join(_family(kind) for kind in arguments)
    return f"{name}({kinds}) RETURN {returns if is_table else _family(returns)}"


def _family(kind: str) -> str:
    """The name that Snowflake tells of a type: NUMBER for INT, VARCHAR for STRING."""
    family = exp.DataType.build(kind, dialect="snowflake")
    names = (name for types, name in _FAMILIES if family.this in types)
    return next(names, family.sql(dialect="snowflake").partition("(")[0])


_FAMILIES = (
    ({*exp.DataType.INTEGER_TYPES, exp.DataType.Type.DECIMAL}, "NUMBER"),
    (exp.DataType.TEXT_TYPES, "VARCHAR"),
    ({exp.DataType.Type.FLOAT, exp.DataType.Type.DOUBLE}, "FLOAT"),
)
