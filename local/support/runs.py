"""The last runs from Prefect and the warehouse; from its files if a `make run` has ended."""

import json
from collections.abc import Iterable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from local.console.place import Place
from local.embedded.attach import attach
from local.embedded.state import StateFolder, networks, roots
from local.stack.compose import is_up
from local.stack.running import StackPlace
from local.stack.settings import kept_values, read_stack
from local.support.evidence import LAST_LINES, Evidence
from local.support.prefect_file import database_of, newest_log, newest_runs

_RUNS = 50
_BATCHES = "select * from ops.batches order by committed_at desc limit 20"
_QUARANTINE = """
    select network, count(*) as pages, sum(line_count) as line_count, max(created_at) as newest_at
    from ops.quarantine group by network"""


def add_stack_runs(evidence: Evidence, _: Mapping[str, str]) -> None:
    """Runs and batches of the stack that is up."""
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
    """The last runs, subflows too: how each ended, with its message."""
    fields = ("name", "state_name", "start_time", "end_time", "run_count", "parameters")
    with closing(place.prefect()) as api:
        return _lines(
            {
                **{name: run.get(name) for name in fields},
                "message": (run.get("state") or {}).get("message"),
            }
            for run in api.newest_of_all(_RUNS)
        )


def _lines(rows: Iterable[Mapping[str, Any]]) -> str:
    return "\n".join(json.dumps(dict(row), default=str, ensure_ascii=False) for row in rows)
