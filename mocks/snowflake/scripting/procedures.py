"""Stored procedures in SQL: CREATE, DROP and CALL.

https://docs.snowflake.com/en/developer-guide/stored-procedure/stored-procedures-snowflake-scripting
"""

import contextlib
import re
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

import msgspec
from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake import sql_functions, statements
from mocks.snowflake.errors import compilation, does_not_exist, invalid, unsupported
from mocks.snowflake.results import Result, dropped, rows, status
from mocks.snowflake.scripting import running, values
from mocks.snowflake.scripting.reading import read
from mocks.snowflake.sql_definitions import SqlFunction

if TYPE_CHECKING:
    from mocks.snowflake.scripting.values import Value
    from mocks.snowflake.session import Cursor, Session

_CALL = re.compile(r"call\s+([\w.$\"]+)\s*\((.*)\)\s*;?\s*", re.IGNORECASE | re.DOTALL)
_WAITS = {"SECONDS": 1.0, "MILLISECONDS": 0.001, "MINUTES": 60.0}


def run_create(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """Define a procedure.

    Raises:
        StatementFailed: It exists, or its language or body isn't answered here.
    """
    language = expression.find(exp.LanguageProperty)
    if language is not None and language.name.upper() != "SQL":
        raise unsupported(f"procedures in {language.name.upper()}")
    session = cursor.session
    rights = expression.find(exp.ExecuteAsProperty)
    is_caller = rights is not None and rights.name.upper() == "CALLER"
    defined = msgspec.structs.replace(
        sql_functions.read_definition(cursor, expression),
        is_caller=is_caller,
        is_not_null=bool(expression.args.get(statements.NOT_NULL)),
    )
    read(defined.body)
    session.transaction.define(
        lambda: sql_functions.keep(session.local.procedures, session.duck, defined, expression)
    )
    return status(f"Function {defined.name} successfully created.")


def run_drop(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """DROP PROCEDURE."""
    session = cursor.session
    table = statements.dropped(expression)
    path, count = statements.full_name(table, session), len(expression.expressions)
    known = session.local.procedures
    is_there = known.find(path, count) is not None
    if not is_there and not expression.args.get("exists"):
        raise does_not_exist("Procedure", path)
    session.transaction.define(lambda: known.drop(session.duck, path, count))
    return dropped(path.rpartition(".")[2], was_there=is_there)


def call(cursor: "Cursor", text: str, inner: running.Inner | None) -> Result:
    """CALL, with values of the block that it stands in.

    Raises:
        StatementFailed: 2140 for a procedure that isn't there; whatever fails in it.
    """
    found = _CALL.fullmatch(text)
    if found is None:
        raise invalid("syntax error: CALL name(arguments)")
    query = statements.parse(f"SELECT _CALLED({found[2]})")
    given = query.selects[0].unalias().expressions  # type: ignore[attr-defined]
    session = cursor.session
    if found[1].upper() == "SYSTEM$WAIT":
        return _wait(session, given)
    path = statements.full_name(exp.to_table(found[1], dialect="snowflake"), session)
    procedure = session.local.procedures.find(path, len(given))
    if procedure is None:
        raise compilation(2140, "42601", f"Unknown user-defined function {found[1].upper()}.")
    frame = running.Frame(
        procedure.name,
        _arguments(cursor, procedure, given, inner),
        procedure.returns,
        not procedure.is_caller,
    )
    with _entered(session, procedure):
        result = running.run(session, procedure.body, frame)
    declared = [name for name, _ in procedure.columns]
    if declared and declared != result.table.column_names:
        raise unsupported("a procedure that returns a table with other names than it declares")
    if procedure.is_not_null and result.table.column(0).null_count:
        raise unsupported("a NULL of a procedure that RETURNS NOT NULL")
    return result


def _arguments(
    cursor: "Cursor",
    procedure: SqlFunction,
    given: Sequence[Expr],
    inner: running.Inner | None,
) -> "dict[str, Value]":
    """The values of the arguments by name, each of the type that is declared for it."""
    written = sql_functions.completed(procedure, given)
    if any(isinstance(argument, exp.Kwarg | exp.PropertyEQ) for argument in written):
        raise unsupported("CALL with names of arguments")
    arguments = {}
    for (name, kind), argument in zip(procedure.arguments, written, strict=True):
        result = cursor.session.cursor().run_parsed(
            values.query_of(argument, kind),
            lambda query: values.write(query, inner.values if inner else {}, is_bare=True),
        )
        arguments[name] = values.of_row(result, 0, kind)[0]
    return arguments


@contextlib.contextmanager
def _entered(session: "Session", procedure: SqlFunction) -> Generator[None]:
    """Give the owner's rights the procedure's schema, and no variables of the session."""
    deeper = session.deeper()
    before = session.database, session.schema, session.local_variables
    if not (before[0] and before[1]):
        raise unsupported("CALL without a current schema")
    session.depth = deeper
    try:
        if not procedure.is_caller:
            database, schema, _ = procedure.path.split(".", 2)
            session.use(database, schema)
            session.local_variables = {}
        yield
    finally:
        session.depth -= 1
        if not procedure.is_caller:
            session.use(before[0], before[1])
            session.local_variables = before[2]


def _wait(session: "Session", given: Sequence[Expr]) -> Result:
    amount, unit = given[0].name, given[1].name.upper() if len(given) > 1 else "SECONDS"
    if not amount.isdecimal() or unit not in _WAITS:
        raise unsupported("SYSTEM$WAIT of anything but a number of seconds or minutes")
    session.canceled.wait(int(amount) * _WAITS[unit])
    session.stop_if_canceled()
    return rows(("SYSTEM$WAIT",), [(f"waited {amount} {unit.lower()}",)], ("VARCHAR",))
