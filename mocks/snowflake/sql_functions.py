"""``create function … as 'expression or query'``: SQL functions, written into each statement.

A call becomes the function's body with the arguments, cast to the declared types, in it.
https://docs.snowflake.com/en/developer-guide/udf/sql/udf-sql-introduction
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import msgspec
from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake import function_statements, grammar, names, statements
from mocks.snowflake.declared_columns import folded
from mocks.snowflake.errors import (
    StatementFailed,
    already_exists,
    does_not_exist,
    invalid,
    unsupported,
)
from mocks.snowflake.results import Result, dropped, status
from mocks.snowflake.sql_definitions import SqlFunction, SqlFunctions

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session

_MOST_DEEP = 20
_QUERIES = ("SELECT", "WITH", "(SELECT")


@dataclass(frozen=True)
class _Call:
    """A call in a statement: the node that it is, its function, its arguments."""

    node: Expr
    function: SqlFunction
    arguments: Sequence[Expr]


def is_create(expression: Expr) -> bool:
    """Tell whether a statement defines a function in SQL."""
    if not isinstance(expression, exp.Create) or str(expression.kind).upper() != "FUNCTION":
        return False
    language = expression.find(exp.LanguageProperty)
    return language is None or language.name.upper() == "SQL"


def run_create(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """Define a function.

    Raises:
        StatementFailed: It exists, its body isn't answered here, or a name means two things in it.
    """
    session = cursor.session
    function = read_definition(cursor, expression)
    function = msgspec.structs.replace(function, body=function.body.strip().removesuffix(";"))
    if session.local.functions.exists(function.path):
        raise unsupported("functions of one name in SQL and Python")
    _check_body(cursor, function)
    if session.transaction.define(
        lambda: keep(session.local.sql_functions, session.duck, function, expression)
    ):
        return status(f"Function {function.name} successfully created.")
    return status(f"{function.name} already exists, statement succeeded.")


def keep(
    known: SqlFunctions, duck: duckdb.DuckDBPyConnection, function: SqlFunction, expression: Expr
) -> bool:
    """Keep what a CREATE defines; False if it is there already and may be.

    Raises:
        StatementFailed: 2002 if it is there and may not be.
    """
    most = len(function.arguments)
    there = next((f for f in known.at(function.path) if len(f.arguments) == most), None)
    if there is not None and [k for _, k in there.arguments] != [k for _, k in function.arguments]:
        raise unsupported("functions of one name that differ in the types of arguments alone")
    if any(_is_ambiguous(function, other) for other in known.at(function.path)):
        raise unsupported("functions of one name that DEFAULT makes ambiguous")
    if there is not None and not expression.args.get("replace"):
        if expression.args.get("exists"):
            return False
        raise already_exists(function.name)
    known.keep(duck, function)
    return True


def _is_ambiguous(one: SqlFunction, other: SqlFunction) -> bool:
    """Tell whether a number of arguments would fit both of two overloads."""
    counts = [range(len(f.arguments) - len(f.defaults), len(f.arguments) + 1) for f in (one, other)]
    is_same = len(one.arguments) == len(other.arguments)
    return not is_same and not set(counts[0]).isdisjoint(counts[1])


def read_definition(cursor: "Cursor", expression: Expr) -> SqlFunction:
    """The definition of a function or procedure in a CREATE."""
    signature, body = expression.this, expression.args.get("expression")
    database, schema, name = statements.name_parts(signature.this, cursor.session)
    if not cursor.session.local.has_schema(database, schema):
        raise does_not_exist("Schema", f"{database}.{schema}")
    path = f"{database}.{schema}.{name}"
    if expression.find(exp.StrictProperty):
        raise unsupported("STRICT of a function in SQL")
    returns = expression.find(exp.ReturnsProperty)
    if body is None or returns is None:
        raise invalid("a function in SQL needs RETURNS and a body")
    if isinstance(body, exp.Alias):  # a word before AS that sqlglot doesn't read
        raise unsupported(f"{body.this.name.upper()} of a function in SQL")
    if isinstance(body, exp.Block):  # as sqlglot reads a procedure's
        body = body.expressions[0]
    is_table = isinstance(returns.this, exp.Schema)
    columns = [_column(c) for c in returns.this.expressions] if is_table else []
    return SqlFunction(
        path,
        [_column(column) for column in signature.expressions],
        "" if is_table else returns.this.sql(dialect="snowflake"),
        body.name,
        [c.this.sql(dialect="snowflake")
         for c in signature.find_all(exp.DefaultColumnConstraint)],
        columns,
    )  # fmt: skip


def _column(column: Expr) -> tuple[str, str]:
    return folded(column.this), column.args["kind"].sql(dialect="snowflake")


def _check_body(cursor: "Cursor", function: SqlFunction) -> None:
    session, body = cursor.session, _body(function)
    grammar.refuse(body)
    names.refuse_foreign(body, session)
    arguments = {name for name, _ in function.arguments}
    for table in body.find_all(exp.Table):
        same = arguments & set(session.column_names(statements.name_parts(table, session)))
        if same:
            raise unsupported(f"{same.pop()} as an argument and a column in the body of a function")
    _check_names(cursor, function, body)


def _check_names(cursor: "Cursor", function: SqlFunction, body: Expr) -> None:
    """Bind a body whose arguments are NULL, for the names in it alone.

    Raises:
        StatementFailed: 904 or 2003 for a column or table that isn't there.
    """
    query = body.copy() if isinstance(body, exp.Query) else exp.select(body.copy())
    values = dict(function.arguments)
    for column in list(query.find_all(exp.Column)):
        name = folded(column.this)
        if not column.table and name in values:
            column.replace(exp.cast(exp.null(), values[name], dialect="snowflake"))
    try:
        cursor.describe_columns(query.sql(dialect="snowflake"))
    except StatementFailed as failed:
        if failed.errno in _UNKNOWN_NAMES:
            raise


_UNKNOWN_NAMES = (904, 2003)


def _body(function: SqlFunction) -> Expr:
    """The body, its tables named in full, as a query."""
    is_query = function.body.upper().startswith(_QUERIES)
    query = statements.parse(function.body if is_query else f"SELECT {function.body}")
    database, schema, _ = function.path.split(".", 2)
    statements.qualify_tables(query, database, schema)
    return query if is_query or function.columns else query.selects[0].unalias()


def run_drop(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """DROP FUNCTION of one in SQL; any other is left to `function_statements`."""
    session = cursor.session
    table = statements.dropped(expression)
    path, count = statements.full_name(table, session), len(expression.expressions)
    known = session.local.sql_functions
    if known.find(path, count) is None:
        return function_statements.run_drop(cursor, expression, params)
    session.transaction.define(lambda: known.drop(session.duck, path, count))
    return dropped(path.rpartition(".")[2], was_there=True)


def write(expression: Expr, session: "Session", depth: int = 0) -> Expr:
    """Write the bodies of the functions that a statement calls in the places of the calls.

    Raises:
        StatementFailed: 1003 for a table function where a value is wanted, or the other way round.
    """
    known = {function.name for function in session.local.sql_functions}
    if not known:
        return expression
    for node in reversed(list(expression.find_all(exp.Anonymous))):
        call = _call(node, session) if node.name.upper() in known else None
        if call is not None:
            if depth > _MOST_DEEP:
                raise invalid(f"the function {call.function.name} calls itself")
            _write(call, session, depth)
    return expression


def _call(node: exp.Anonymous, session: "Session") -> _Call | None:
    whole: Expr = node
    while isinstance(whole.parent, exp.Dot) and whole.arg_key == "expression":
        whole = whole.parent
    given = [folded(part)
             for part in whole.find_all(exp.Identifier)
             if isinstance(whole, exp.Dot) and not part.find_ancestor(exp.Anonymous)]  # fmt: skip
    current = [session.database or "", session.schema or ""]
    path = ".".join([*current[: 2 - len(given)], *given, node.name.upper()])
    function = session.local.sql_functions.find(path, len(node.expressions))
    return _Call(whole, function, node.expressions) if function else None


def _write(call: _Call, session: "Session", depth: int) -> None:
    function = call.function
    values = {
        name: exp.cast(value.copy(), kind, dialect="snowflake")
        for (name, kind), value in zip(
            function.arguments, completed(function, call.arguments), strict=True
        )
    }
    body = write(exp.Paren(this=_body(function)), session, depth + 1).this
    is_source = isinstance(call.node.parent, exp.TableFromRows)
    if is_source != bool(function.columns):
        raise invalid(
            f"{function.name} is {'a table' if function.columns else 'no table'} function"
        )
    body = exp.Paren(this=body)
    bound = _bound(body, values, depth)
    for column in list(body.find_all(exp.Column)):
        name = folded(column.this)
        if not column.table and name in values:
            column.replace(
                exp.column(name, table=bound.alias, quoted=True) if bound else values[name].copy()
            )
    if is_source:
        _write_source(call.node.parent, body.this, function, bound)
        return
    value = exp.Subquery(this=body.this) if isinstance(body.this, exp.Query) else body
    if bound:
        value = exp.Subquery(this=exp.select(value).from_(bound))
    call.node.replace(exp.cast(value, function.returns, dialect="snowflake"))


def _bound(body: Expr, values: Mapping[str, Expr], depth: int) -> exp.Subquery | None:
    """The arguments as a row of their own, where the body's tables could have their columns.

    Raises:
        StatementFailed: 2 for an aggregate, which would be one of that row.
    """
    if not body.find(exp.From) or not any(value.find(exp.Column) for value in values.values()):
        return None
    if any(value.find(exp.AggFunc, exp.Window) for value in values.values()):
        raise unsupported("an aggregate as an argument of a function that reads a table")
    row = exp.select(*(exp.alias_(value, name, quoted=True) for name, value in values.items()))
    return row.subquery(f"_ARGUMENTS_{depth}")


def completed(function: SqlFunction, given: Sequence[Expr]) -> list[Expr]:
    """The arguments of a call, with the defaults of those that it leaves out."""
    missing = len(function.arguments) - len(given)
    defaults = function.defaults[len(function.defaults) - missing :] if missing else []
    parsed = (statements.parse(f"SELECT {text}") for text in defaults)
    return [*given, *(query.selects[0].unalias() for query in parsed)]


def _write_source(
    source: Expr, body: Expr, function: SqlFunction, bound: exp.Subquery | None
) -> None:
    """A table function: its query as a subquery with the declared columns."""
    inner = exp.TableAlias(
        this=exp.to_identifier("_BODY"),
        columns=[exp.to_identifier(name, quoted=True) for name, _ in function.columns],
    )
    columns = [
        exp.alias_(
            exp.cast(exp.column(name, quoted=True), kind, dialect="snowflake"), name, quoted=True
        )
        for name, kind in function.columns
    ]
    query = exp.select(*columns)
    if bound:
        query = query.from_(bound).join(exp.Subquery(this=body, alias=inner), join_type="cross")
    else:
        query = query.from_(exp.Subquery(this=body, alias=inner))
    alias = source.args.get("alias") or exp.TableAlias(this=exp.to_identifier(function.name))
    source.replace(exp.Subquery(this=query, alias=alias))
