"""Tasks: statements that EXECUTE TASK runs, with the tasks that follow; SCHEDULE is only kept.

https://docs.snowflake.com/en/user-guide/tasks-intro
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from sqlglot import Dialect
from sqlglot.tokenizer_core import TokenType

from mocks.snowflake.continuous.definitions import Path, Task
from mocks.snowflake.continuous.listing import NAME, dropped, named, path_of, shown
from mocks.snowflake.continuous.task_runs import TaskRun
from mocks.snowflake.errors import StatementFailed, already_exists, invalid, unsupported
from mocks.snowflake.results import Result, status

if TYPE_CHECKING:
    from mocks.snowflake.session import Cursor, Session

_SNOWFLAKE = Dialect.get_or_raise("snowflake")
_CREATE = re.compile(
    rf"""create\s+(?P<replace>or\s+replace\s+)?task\s+(?P<exists>if\s+not\s+exists\s+)?
    (?P<name>{NAME})(?P<options>(?:\s.*)?)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_OPTION = re.compile(r"(\w+)\s*=\s*('(?:[^']|'')*'|\w+)\s*,?", re.IGNORECASE)
_AFTER = re.compile(rf"\bafter\s+({NAME}(?:\s*,\s*{NAME})*)", re.IGNORECASE)
_SCHEDULE = re.compile(
    r"\d+\s*(seconds?|s|minutes?|m|hours?|h)|using\s+cron(\s+[\w*,/?#-]+){5}\s+[\w/+-]+",
    re.IGNORECASE,
)
_KEPT = {"WAREHOUSE": "warehouse", "SCHEDULE": "schedule", "COMMENT": "comment"}
_WITHOUT_EFFECT = "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE"
_COLUMNS = {
    "created_on": "TIMESTAMP", "name": "VARCHAR", "id": "VARCHAR", "database_name": "VARCHAR",
    "schema_name": "VARCHAR", "owner": "VARCHAR", "comment": "VARCHAR", "warehouse": "VARCHAR",
    "schedule": "VARCHAR", "predecessors": "VARCHAR", "state": "VARCHAR", "definition": "VARCHAR",
    "condition": "VARCHAR", "allow_overlapping_execution": "VARCHAR", "owner_role_type": "VARCHAR",
}  # fmt: skip


def create(cursor: "Cursor", text: str) -> Result:
    """CREATE TASK; it is suspended, as on Snowflake.

    Raises:
        StatementFailed: 2 for options that aren't answered here, 2003 for a task that it is to
        follow and isn't there, 2002 for a name that is taken.
    """
    head, condition, body = _parts(text)
    asked = _CREATE.fullmatch(head)
    if asked is None or not body:
        raise invalid("syntax error: CREATE TASK name [options] [AFTER …] [WHEN …] AS statement")
    session = cursor.session
    known, path = session.local.definitions, path_of(asked["name"], session)
    if found := known.find(Task, path):
        if asked["exists"]:
            return status(f"{path[2]} already exists, statement succeeded.")
        if not asked["replace"]:
            raise already_exists(path[2])
    named = [
        name.strip() for names in _AFTER.findall(asked["options"]) for name in names.split(",")
    ]
    after = [path_of(name, session) for name in named]
    _refuse_graph([known.get(Task, one) for one in after], path)
    given = _options(_AFTER.sub("", asked["options"]))
    if after and given["schedule"]:
        raise invalid("a task has SCHEDULE or AFTER, and not both")
    task = Task(path, body, after=after, condition=condition, **given)
    if found:
        task = msgspec.structs.replace(task, id=found.id)
    known.keep(session, task)
    return status(f"Task {path[2]} successfully created.")


def _parts(text: str) -> tuple[str, str, str]:
    """A definition before WHEN and AS, the condition, and the statement."""
    depth, when = 0, None
    for token in _SNOWFLAKE.tokenize(text):
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if not depth and token.token_type == TokenType.WHEN and when is None:
            when = token
        if not depth and token.token_type == TokenType.ALIAS:
            body = text[token.end + 1 :].strip().removesuffix(";")
            if when is None:
                return text[: token.start], "", body
            return text[: when.start], text[when.end + 1 : token.start].strip(), body
    return text, "", ""


def _options(text: str) -> dict[str, str]:
    found = {name.upper(): value for name, value in _OPTION.findall(text)}
    if rest := _OPTION.sub("", text).strip():
        raise unsupported(f"CREATE TASK … {rest}")
    if others := found.keys() - _KEPT.keys() - {_WITHOUT_EFFECT}:
        raise unsupported(f"{', '.join(sorted(others))} of tasks")
    given = {
        name: found.get(option, "''").removeprefix("'").removesuffix("'").replace("''", "'")
        for option, name in _KEPT.items()
    }
    if given["schedule"] and not _SCHEDULE.fullmatch(given["schedule"].strip()):
        raise invalid(f"invalid value '{given['schedule']}' for property 'SCHEDULE'")
    return given | {"warehouse": given["warehouse"].upper()}


def _refuse_graph(after: list[Task], path: Path) -> None:
    for task in after:
        if task.path == path:
            raise invalid("a task can't follow itself")
        if task.after and task.condition:
            raise unsupported("tasks after one that itself has AFTER and WHEN")


def alter(cursor: "Cursor", text: str) -> Result:
    """ALTER TASK … RESUME and SUSPEND."""
    _, task, action = named(cursor.session, text, Task)
    if action.upper() not in ("RESUME", "SUSPEND"):
        raise unsupported(f"ALTER TASK … {action}")
    if task is not None:
        changed = msgspec.structs.replace(task, is_resumed=action.upper() == "RESUME")
        cursor.session.local.definitions.keep(cursor.session, changed)
    return status()


def drop(cursor: "Cursor", text: str) -> Result:
    """DROP TASK."""
    session = cursor.session
    known = session.local.definitions

    def alone(task: Task) -> None:
        if any(task.path in one.after for one in known.of(Task)):
            raise unsupported("DROP TASK of a task that others follow", "drop those first")
        known.drop(session, task)

    return dropped(session, text, Task, alone)


def show(cursor: "Cursor", text: str) -> Result:
    """SHOW TASKS."""
    found = []
    for task in cursor.session.local.definitions.of(Task):
        database, schema, name = task.path
        before = json.dumps([".".join(path) for path in task.after])
        row = (
            task.created_at.replace(tzinfo=None), name, task.id, database, schema, "SYSADMIN",
            task.comment, task.warehouse or None, task.schedule or None, before,
            "started" if task.is_resumed else "suspended", task.body, task.condition or None,
            "false", "ROLE",
        )  # fmt: skip
        found.append((task.path, row))
    return shown(cursor.session, text, _COLUMNS, found)


def execute(cursor: "Cursor", text: str) -> Result:
    """EXECUTE TASK: the task and those that follow, one after the other, before it answers.

    Raises:
        StatementFailed: 1003 for a task that follows others; a task's own failure is told by
        TASK_HISTORY alone.
    """
    session = cursor.session
    _, root, rest = named(session, text, Task)
    if root is None or rest:
        raise unsupported(f"EXECUTE TASK … {rest or 'IF EXISTS'}")
    if root.after:
        raise invalid(f"{root.path[2]} is no root task: it follows others")
    if session.transaction.is_open:
        raise unsupported("EXECUTE TASK in an open transaction", "its task would wait for you")
    now = datetime.now(UTC)
    states: dict[Path, str] = {}
    for task in _graph(session.local.definitions.of(Task), root, states):
        session.stop_if_canceled()
        run = _run(session, task, root, now)
        states[task.path] = run.state
        session.local.task_runs.add(run)
    return status(f"Task {root.path[2]} is scheduled to run immediately.")


def _graph(tasks: list[Task], root: Task, states: dict[Path, str]) -> Iterator[Task]:
    """The root and each task that may run by then; suspended ones are left out of the graph.

    https://docs.snowflake.com/en/user-guide/tasks-graphs
    """
    yield root
    active = {task.path for task in tasks if task.is_resumed} | {root.path}
    waiting = [task for task in tasks if task.after and task.path in active]
    while ready := [
        task
        for task in waiting
        if (before := active.intersection(task.after))
        and all(states.get(path) == "SUCCEEDED" for path in before)
    ]:
        waiting = [task for task in waiting if task not in ready]
        yield from ready


def _run(session: "Session", task: Task, root: Task, scheduled_at: datetime) -> TaskRun:
    """Run one task in a session of its own, in its schema."""
    depth = session.deeper()
    own = session.local.connect(*task.path[:2], identity=session.identity)
    own.depth = depth
    session.child = own
    started = datetime.now(UTC)
    told: dict[str, str | None] = {}
    try:
        if task.condition and not _holds(own, task.condition):
            return TaskRun(task, root, "SKIPPED", scheduled_at, datetime.now(UTC))
        told = {"query_id": own.cursor().run(task.body).query_id}
        state = "SUCCEEDED"
    except StatementFailed as error:
        told = {"error_code": f"{error.errno:06d}", "error_message": error.message}
        state = "FAILED"
    finally:
        session.child = None
        own.close()
    return TaskRun(task, root, state, scheduled_at, datetime.now(UTC), started, **told)


def _holds(session: "Session", condition: str) -> bool:
    result = session.cursor().run(f"select {condition}")
    return result.table.column(0).to_pylist() == [True]
