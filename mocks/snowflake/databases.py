"""CREATE and DROP DATABASE: a DuckDB file in the data folder, with what each keeps for itself."""

import re
from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Expr

from mocks.snowflake import catalog, leftovers, statements
from mocks.snowflake.declared_columns import folded
from mocks.snowflake.errors import already_exists, does_not_exist, unsupported
from mocks.snowflake.results import Result, dropped, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session


def run_create(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """CREATE [OR REPLACE] DATABASE: it has a schema PUBLIC, and becomes the current database.

    Raises:
        StatementFailed: 2 for a name that needs quotes, and what `run_drop` raises.
    """
    session = cursor.session
    name = expression.this.name.upper()
    if not re.fullmatch(r"[A-Z_][A-Z0-9_$]*", name):
        raise unsupported(f"a database with the name {name}", "letters, digits and _ alone")

    def create() -> Result:
        if session.local.has_schema(name, None):
            if expression.args.get("exists"):
                return status(f"{name} already exists, statement succeeded.")
            if not expression.args.get("replace"):
                raise already_exists(name)
            _drop(session, name)
        expression.set("replace", None)
        result = cursor.run_steps(expression, params)
        session.duck.execute(catalog.database_sql(name))
        session.duck.execute(f'CREATE SCHEMA "{name}"."PUBLIC"')
        session.use(name, "PUBLIC")
        return result

    return session.transaction.define(create)


def run_drop(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """DROP DATABASE [IF EXISTS]: with all that it holds; it is the current one no more.

    Raises:
        StatementFailed: 2003 for one that isn't there, 2 while another session may need it.
    """
    session = cursor.session
    name = folded(statements.dropped(expression).this)

    def drop() -> Result:
        was_there = session.local.has_schema(name, None)
        if was_there:
            _drop(session, name)
        elif not expression.args.get("exists"):
            raise does_not_exist("Database", name)
        return dropped(name, was_there=was_there)

    return session.transaction.define(drop)


def _drop(session: "Session", name: str) -> None:
    others = [other for other in session.local.connections.values() if other is not session]
    if any(other.database == name for other in others):
        raise unsupported("DROP DATABASE of another session's current database", "close it there")
    if any(other.transaction.has_begun for other in others):
        raise unsupported("DROP DATABASE while another session's transaction is open")
    found = session.duck.execute(
        "SELECT schema_name FROM duckdb_schemas() WHERE database_name = ? AND NOT internal", [name]
    )
    for (schema,) in found.fetchall():
        session.local.definitions.drop(session, *session.local.definitions.in_schema(name, schema))
        leftovers.forget_schema(session, name, schema)
    if session.database == name:
        session.leave()
    session.local.drop_database(name)
