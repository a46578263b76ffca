"""CREATE and DROP TABLE, ALTER TABLE RENAME: a table's load history goes where the table goes."""

from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Expr

from mocks.snowflake import statements
from mocks.snowflake.errors import unsupported
from mocks.snowflake.load_history import LoadHistory
from mocks.snowflake.results import Result, status

if TYPE_CHECKING:
    from mocks.snowflake.cursor import LocalCursor


def run_create(cursor: "LocalCursor", expression: Expr, params: MutableParams | None) -> Result:
    """CREATE TABLE; only a table that is really made has loaded nothing."""
    session = cursor.session
    name = statements.name_parts(statements.target_table(expression), session)
    is_kept = bool(expression.args.get("exists")) and session.has_table(name)

    def create() -> Result:
        if is_kept:
            return status(f"{name[2]} already exists, statement succeeded.")
        result = cursor.run_steps(expression, params)
        LoadHistory(session.duck, name).forget()
        return result

    return session.transaction.define(create)


def run_drop(cursor: "LocalCursor", expression: Expr, params: MutableParams | None) -> Result:
    """DROP TABLE."""
    session = cursor.session
    targets = expression.args.get("tables") or [expression.this]
    if len(targets) > 1:
        raise unsupported("DROP TABLE of several tables")
    name = statements.name_parts(targets[0], session)

    def drop() -> Result:
        is_there = session.has_table(name) or session.has_table(("temp", "main", name[2]))
        if expression.args.get("exists") and not is_there:
            return status(f"Drop statement executed successfully ({name[2]} already dropped).")
        result = cursor.run_steps(expression, params)
        if session.local.has_schema(name[0], None):
            LoadHistory(session.duck, name).forget()
        return result

    return session.transaction.define(drop)
