"""CREATE and DROP SCHEMA: what a schema held is gone with it."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake import identities, leftovers, statements
from mocks.snowflake.continuous.changes import Log
from mocks.snowflake.continuous.definitions import Stream
from mocks.snowflake.errors import already_exists, does_not_exist, unsupported
from mocks.snowflake.results import Result, dropped, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session

Place = tuple[str, str]


def run(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """CREATE [OR REPLACE] SCHEMA and DROP SCHEMA; a new one is the current one.

    Raises:
        StatementFailed: 2002 or 2003 for a schema that is there or not.
    """
    session = cursor.session
    is_drop = isinstance(expression, exp.Drop)
    name = statements.dropped(expression) if is_drop else expression.this
    within = exp.table_("_", db=name.args["db"], catalog=name.args.get("catalog"))
    place = statements.name_parts(within, session)[:2]
    change = _drop if is_drop else _create
    return session.transaction.define(lambda: change(session, expression, place))


def _create(session: "Session", expression: Expr, place: Place) -> Result:
    if not session.local.has_schema(place[0], None):
        raise does_not_exist("Database", place[0])
    is_there = session.local.has_schema(*place)
    if is_there and not expression.args.get("replace"):
        if expression.args.get("exists"):
            return status(f"{place[1]} already exists, statement succeeded.")
        raise already_exists(place[1])
    _change(session, place, is_there=is_there, is_made=True)
    session.use(*place)
    return status(f"Schema {place[1]} successfully created.")


def _drop(session: "Session", expression: Expr, place: Place) -> Result:
    is_there = session.local.has_schema(*place)
    if is_there:
        _change(session, place, is_there=True, is_made=False)
    elif not expression.args.get("exists"):
        raise does_not_exist("Schema", ".".join(place))
    return dropped(place[1], was_there=is_there)


def _change(session: "Session", place: Place, *, is_there: bool, is_made: bool) -> None:
    known = session.local.definitions
    if any(stream.table[:2] == place != stream.path[:2] for stream in known.of(Stream)):
        raise unsupported("a schema with a table that a stream elsewhere follows")
    if is_there:
        identities.refuse_others(session.duck, *place)
    gone = known.in_schema(*place)
    logs = [Log(session.duck, one.path, one.table, one.is_append_only)
            for one in gone if isinstance(one, Stream)]  # fmt: skip
    quoted = ".".join(f'"{part}"' for part in place)

    def change() -> None:
        if is_there:
            session.duck.execute(f"DROP SCHEMA {quoted} CASCADE")
            leftovers.forget_tables_of(session, *place)
        if is_made:
            session.duck.execute(f"CREATE SCHEMA {quoted}")
        for log in logs:
            log.drop()

    with _nowhere(session):
        known.drop(session, *gone, after=change)
    if is_there:
        leftovers.forget_schema(session, *place)


@contextlib.contextmanager
def _nowhere(session: "Session") -> Iterator[None]:
    """Leave the current schema: DuckDB finds what has the name of its own database ambiguous."""
    database, schema = session.database, session.schema
    session.leave()
    try:
        yield
    finally:
        if database:
            is_left = schema and session.local.has_schema(database, schema)
            session.use(database, schema if is_left else None)
