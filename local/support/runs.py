"""The last runs from Prefect and the warehouse; from its files if a `make run` has ended."""

import json
from collections.abc import Iterable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from local.console.place import Place
from local.console.prefect_api import PrefectApi
from local.embedded.attach import attach
from local.embedded.state import StateFolder, networks, roots
from local.stack.compose import is_up
from local.stack.running import StackPlace
from local.stack.settings import kept_values, read_stack
from local.support.evidence import LAST_LINES, Evidence, Gather
from local.support.prefect_file import database_of, newest_log, newest_runs
from services.adapters.snowflake import Session

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
    target = StackPlace(read_stack())
    evidence.add("runs/stack.jsonl", lambda: _newest(target.prefect()))
    _add_warehouse(evidence, "stack", target)


def add_embedded_runs(evidence: Evidence, environment: Mapping[str, str]) -> None:
    """Runs and batches of a `make run`, a `make dev` that works now; nothing is started for it."""
    for prefix, root in zip(("", "dev-"), roots(environment), strict=True):
        for network in networks(root):
            place = {**environment, "NETWORK": network, "STATE": str(root)}
            _add_network(evidence, f"{prefix}{network}", StateFolder(network, root), place)


def _add_network(
    evidence: Evidence, name: str, state: StateFolder, environment: Mapping[str, str]
) -> None:
    if not state.is_locked() or not state.running_ports():
        _add_files(evidence, name, database_of(state.path))
        return
    with attach(environment, []) as found:
        evidence.add(f"runs/{name}.jsonl", partial(_newest, found.prefect()))
        _add_warehouse(evidence, name, found)


def _add_files(evidence: Evidence, name: str, database: Path) -> None:
    evidence.miss(f"warehouse/{name}", "nothing works there now: nobody can be asked")
    if not database.exists():
        evidence.miss(f"runs/{name}", "nothing has run there yet")
        return
    evidence.add(f"runs/{name}.jsonl", lambda: _lines(newest_runs(database, _RUNS)))
    evidence.add(f"runs/{name}.log", lambda: newest_log(database, LAST_LINES))


def _add_warehouse(evidence: Evidence, name: str, target: Place) -> None:
    evidence.add(f"warehouse/{name}-batches.jsonl", _query(target, _BATCHES))
    evidence.add(f"warehouse/{name}-quarantine.jsonl", _query(target, _QUARANTINE))


def _query(target: Place, query: str) -> Gather:
    def answer() -> str:
        with target.warehouse().session() as session:
            return _lines(_rows(session, query))

    return answer


def _rows(session: Session, query: str) -> list[dict[str, Any]]:
    return [dict(row) for row in session.query(query)]


def _newest(api: PrefectApi) -> str:
    """The last runs, subflows too: how each ended, with its message."""
    with closing(api):
        return _lines(_brief(run) for run in api.newest_of_all(_RUNS))


def _brief(run: Mapping[str, Any]) -> dict[str, Any]:
    state: Mapping[str, Any] = run.get("state") or {}
    fields = ("name", "state_name", "start_time", "end_time", "run_count", "parameters")
    return {**{name: run.get(name) for name in fields}, "message": state.get("message")}


def _lines(rows: Iterable[Mapping[str, Any]]) -> str:
    return "\n".join(json.dumps(dict(row), default=str, ensure_ascii=False) for row in rows)
