"""The last runs and their log from the database of a Prefect server that isn't up: `make run`'s."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from local.console.errors import CommandFailed

_RUNS = """
    select run.name, flow.name as flow, run.state_name, run.start_time, run.end_time,
           run.run_count, run.parameters, state.message
    from flow_run run
    join flow on flow.id = run.flow_id
    left join flow_run_state state on state.id = run.state_id
    order by run.created desc limit ?"""
_LOG = "select timestamp, name, message from log order by timestamp desc limit ?"


def database_of(folder: Path) -> Path:
    return folder / "prefect" / "prefect.db"


def newest_runs(database: Path, count: int) -> list[dict[str, Any]]:
    """The last runs, newest first: how each ended, with its message."""
    return list(_rows(database, _RUNS, count))


def newest_log(database: Path, count: int) -> str:
    """The last lines that runs logged, oldest first."""
    rows = list(_rows(database, _LOG, count))
    return "\n".join(f"{row['timestamp']} {row['name']} | {row['message']}" for row in rows[::-1])


def _rows(database: Path, query: str, count: int) -> Iterator[dict[str, Any]]:
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as found:
            found.row_factory = sqlite3.Row
            yield from (dict(row) for row in found.execute(query, (count,)))
    except sqlite3.Error as error:
        raise CommandFailed(f"{database} can't be read ({error})") from error
