"""The last runs from Prefect and the warehouse; from its files if a `make run` has ended."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from local.console.errors import CommandFailed
from local.console.place import Place
from local.embedded.attach import attach
from local.embedded.state import StateFolder, networks, roots
from local.stack.compose import is_up
from local.stack.running import StackPlace
from local.stack.settings import kept_values, read_stack
from local.support.evidence import LAST_LINES, Evidence

_RUNS = 50
_BATCHES = "select * from ops.batches order by committed_at desc limit 20"
_QUARANTINE = """
    select network, count(*) as pages, sum(line_count) as line_count, max(created_at) as newest_at
    from ops.quarantine group by network"""
_RUNS_OF_FILE = """
    select run.name, flow.name as flow, run.state_name, run.start_time, run.end_time,
           run.run_count, run.parameters, state.message
    from flow_run run
    join flow on flow.id = run.flow_id
    left join flow_run_state state on state.id = run.state_id
    order by run.created desc limit ?"""
_LOG_OF_FILE = "select timestamp, name, message from log order by timestamp desc limit ?"


def add_stack_runs(evidence: Evidence, _: Mapping[str, str]) -> None:
    if not kept_values() or not is_up():
        evidence.miss("runs/stack", "the stack isn't up")
        return
    _add_place(evidence, "stack", StackPlace(read_stack()))


def add_embedded_runs(evidence: Evidence, environment: Mapping[str, str]) -> None:
    """Runs and batches of a `make run`, a `make dev` that works now; nothing is started for it."""
    for prefix, root in zip(("", "dev-"), roots(environment), strict=True):
        for network in networks(root):
            name, state = f"{prefix}{network}", StateFolder(network, root)
            if state.is_locked() and state.running_ports():
                place = {**environment, "NETWORK": network, "STATE": str(root)}
                with attach(place, []) as found:
                    _add_place(evidence, name, found)
            else:
                _add_files(evidence, name, database_of(state.path))


def _add_files(evidence: Evidence, name: str, database: Path) -> None:
    evidence.miss(f"warehouse/{name}", "nothing works there now: nobody can be asked")
    if not database.exists():
        evidence.miss(f"runs/{name}", "nothing has run there yet")
        return
    evidence.add(f"runs/{name}.jsonl", lambda: _lines(newest_runs(database, _RUNS)))
    evidence.add(f"runs/{name}.log", lambda: newest_log(database, LAST_LINES))


def _add_place(evidence: Evidence, name: str, place: Place) -> None:
    evidence.add(f"runs/{name}.jsonl", partial(_newest, place))
    evidence.add(f"warehouse/{name}-batches.jsonl", partial(_rows, place, _BATCHES))
    evidence.add(f"warehouse/{name}-quarantine.jsonl", partial(_rows, place, _QUARANTINE))


def _rows(place: Place, query: str) -> str:
    with place.warehouse().session() as session:
        return _lines(session.query(query))


def _newest(place: Place) -> str:
    fields = ("name", "state_name", "start_time", "end_time", "run_count", "parameters")
    with closing(place.prefect()) as api:
        return _lines(
            {
                **{name: run.get(name) for name in fields},
                "message": (run.get("state") or {}).get("message"),
            }
            for run in api.recent_runs(_RUNS)
        )


def _lines(rows: Iterable[Mapping[str, Any]]) -> str:
    return "\n".join(json.dumps(dict(row), default=str, ensure_ascii=False) for row in rows)


def database_of(folder: Path) -> Path:
    return folder / "prefect" / "prefect.db"


def newest_runs(database: Path, count: int) -> list[dict[str, Any]]:
    """The last runs, newest first: how each ended, with its message."""
    return _read(database, _RUNS_OF_FILE, count)


def newest_log(database: Path, count: int) -> str:
    """The last lines that runs logged, oldest first."""
    rows = _read(database, _LOG_OF_FILE, count)
    return "\n".join(f"{row['timestamp']} {row['name']} | {row['message']}" for row in rows[::-1])


def _read(database: Path, query: str, count: int) -> list[dict[str, Any]]:
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as found:
            found.row_factory = sqlite3.Row
            return [dict(row) for row in found.execute(query, (count,))]
    except sqlite3.Error as error:
        raise CommandFailed(f"{database} can't be read ({error})") from error
