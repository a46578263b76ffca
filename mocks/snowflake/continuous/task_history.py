"""The latest runs of tasks, and INFORMATION_SCHEMA.TASK_HISTORY, which tells them.

https://docs.snowflake.com/en/sql-reference/functions/task_history
"""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from mocks.snowflake import result_scan
from mocks.snowflake.continuous.task_runs import TaskRun
from mocks.snowflake.errors import unsupported
from mocks.snowflake.results import Result, rows

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

_LIMIT = 100  # Snowflake's RESULT_LIMIT
_COLUMNS = {
    "QUERY_ID": "VARCHAR", "NAME": "VARCHAR", "DATABASE_NAME": "VARCHAR", "SCHEMA_NAME": "VARCHAR",
    "QUERY_TEXT": "VARCHAR", "CONDITION_TEXT": "VARCHAR", "STATE": "VARCHAR",
    "ERROR_CODE": "VARCHAR", "ERROR_MESSAGE": "VARCHAR", "SCHEDULED_TIME": "TIMESTAMP",
    "QUERY_START_TIME": "TIMESTAMP", "NEXT_SCHEDULED_TIME": "TIMESTAMP",
    "COMPLETED_TIME": "TIMESTAMP", "ROOT_TASK_ID": "VARCHAR", "RUN_ID": "BIGINT",
    "SCHEDULED_FROM": "VARCHAR", "ATTEMPT_NUMBER": "BIGINT",
}  # fmt: skip


@contextlib.contextmanager
def as_tables(session: "Session", expression: Expr) -> Iterator[None]:
    """Give a statement the runs in place of its calls of TASK_HISTORY, in place."""
    with contextlib.ExitStack() as lent:
        for number, source in enumerate(list(expression.find_all(exp.TableFromRows))):
            *qualifiers, call = source.this.flatten(unnest=False)
            names = [part.name.upper() for part in qualifiers]
            if call.name.upper() != "TASK_HISTORY" or names[-1:] != ["INFORMATION_SCHEMA"]:
                continue
            database = names[0] if names[1:] else session.database
            result = _runs(session, str(database), call)
            name = f"_runs_{number}"
            query = lent.enter_context(result_scan.typed_rows(session, result, name))
            alias = source.args.get("alias") or exp.TableAlias(this=exp.to_identifier(name))
            source.replace(exp.Subquery(this=query, alias=alias))
        yield


def _runs(session: "Session", database: str, call: exp.Anonymous) -> Result:
    given = {argument.name.upper(): argument.expression for argument in call.expressions}
    if not given.keys() <= {"TASK_NAME", "RESULT_LIMIT"} or not all(
        isinstance(value, exp.Literal) for value in given.values()
    ):
        raise unsupported("TASK_HISTORY with other arguments than TASK_NAME and RESULT_LIMIT")
    name = given["TASK_NAME"].name.upper() if "TASK_NAME" in given else None
    limit = int(given["RESULT_LIMIT"].name) if "RESULT_LIMIT" in given else _LIMIT
    of_database = (run for run in session.local.task_runs if run.task.path[0] == database)
    found = [_row(run) for run in of_database if name in (None, run.task.path[2].upper())]
    return rows(list(_COLUMNS), found[:limit], list(_COLUMNS.values()))


def _row(run: TaskRun) -> tuple:
    database, schema, name = run.task.path
    scheduled, started, completed = (
        at.replace(tzinfo=None) if at else None
        for at in (run.scheduled_at, run.started_at, run.completed_at)
    )
    return (
        run.query_id, name, database, schema, run.task.body, run.task.condition or None, run.state,
        run.error_code, run.error_message, scheduled, started, None, completed, run.root.id,
        int(run.scheduled_at.timestamp() * 1000), "EXECUTE TASK", 1,
    )  # fmt: skip
