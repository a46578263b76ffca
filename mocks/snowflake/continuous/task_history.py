"""The latest runs of tasks, and INFORMATION_SCHEMA.TASK_HISTORY, which tells them.

https://docs.snowflake.com/en/sql-reference/functions/task_history
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mocks.snowflake.continuous.task_runs import TaskRun
from mocks.snowflake.results import Result, rows

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

PARAMETERS = {"TASK_NAME": "VARCHAR", "RESULT_LIMIT": "NUMBER"}
_LIMIT = 100  # Snowflake's RESULT_LIMIT
_COLUMNS = {
    "QUERY_ID": "VARCHAR", "NAME": "VARCHAR", "DATABASE_NAME": "VARCHAR", "SCHEMA_NAME": "VARCHAR",
    "QUERY_TEXT": "VARCHAR", "CONDITION_TEXT": "VARCHAR", "STATE": "VARCHAR",
    "ERROR_CODE": "VARCHAR", "ERROR_MESSAGE": "VARCHAR", "SCHEDULED_TIME": "TIMESTAMP",
    "QUERY_START_TIME": "TIMESTAMP", "NEXT_SCHEDULED_TIME": "TIMESTAMP",
    "COMPLETED_TIME": "TIMESTAMP", "ROOT_TASK_ID": "VARCHAR", "RUN_ID": "BIGINT",
    "SCHEDULED_FROM": "VARCHAR", "ATTEMPT_NUMBER": "BIGINT",
}  # fmt: skip


def rows_of(session: "Session", database: str, given: Mapping[str, Any]) -> Result:
    """The runs of a database's tasks, the latest first."""
    name = given["TASK_NAME"].upper() if "TASK_NAME" in given else None
    of_database = (run for run in session.local.task_runs if run.task.path[0] == database)
    found = [_row(run) for run in of_database if name in (None, run.task.path[2].upper())]
    limit = given.get("RESULT_LIMIT", _LIMIT)
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
