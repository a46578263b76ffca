"""DROP of views and sequences; those of other objects are with the objects."""

from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Expr

from mocks.snowflake import statements, tables
from mocks.snowflake.results import Result, dropped

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session

_SEQUENCE = """
    SELECT 1 FROM duckdb_sequences()
    WHERE database_name = ? AND schema_name = ? AND sequence_name = ?
"""


def run(cursor: "Cursor", expression: Expr, params: MutableParams | None) -> Result:
    """DROP VIEW and DROP SEQUENCE [IF EXISTS]."""
    session = cursor.session
    name = statements.name_parts(statements.dropped(expression), session)
    is_there = tables.is_there if expression.args["kind"] == "VIEW" else is_sequence

    def drop() -> Result:
        if expression.args.get("exists") and not is_there(session, name):
            return dropped(name[2], was_there=False)
        return cursor.run_steps(expression, params)

    return session.transaction.define(drop)


def is_sequence(session: "Session", name: tables.Name) -> bool:
    """Tell whether a sequence exists."""
    with session.probe() as duck:
        return duck.execute(_SEQUENCE, name).fetchone() is not None
