"""The status of the stack: health, memory, last runs, and how far each layer has come."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from local.console.errors import CommandFailed
from local.console.person import utc
from local.console.prefect_api import PrefectApi
from local.console.report import row_counts
from local.stack.checks.here import Here
from local.stack.checks.life import LIFE
from local.stack.compose import containers, health_by_service, is_up, is_well, memory
from local.stack.engine import container_states, engine
from local.stack.running import StackPlace
from local.stack.settings import read_stack
from local.stack.start import refusal_of
from services.adapters.snowflake import Session
from services.errors import PipelineError
from services.tables import print_table

Rows = list[dict[str, Any]]
POOL = "docker"  # recovery runs in a pool of its own
UNDER_WAY = ("RUNNING", "PENDING", "CANCELLING", "PAUSED")
BAD = ("FAILED", "CRASHED")
ENDED = ("COMPLETED", *BAD, "CANCELLED")
WAITING = ("SCHEDULED",)
_MOST, _MOST_WAITING = 5, 3

_BATCHES = """
    select network, layer, max(batch_id) as batch_id, max(committed_at) as committed_at
    from ops.batches group by network, layer order by network, min(committed_at)"""

_WATERMARKS = """
    select stream, network, migration_id, record_time, consumed_batch_id, batch_id
    from ops.cdc_watermarks order by network, stream"""


def status(environment: Mapping[str, str]) -> int:
    """Print the status; FORMAT=json prints one JSON object. 1 if something is wrong."""
    form = environment.get("FORMAT", "")
    target = StackPlace(read_stack())
    rows = _services(target.stack.project)
    if all(one["health"] == "missing" for one in rows) and not is_up():
        raise CommandFailed("the stack is down: make up starts it")
    here = Here(target.stack, engine())
    warnings = [
        {"warning": one.result, "type": one.type_this}
        for check in LIFE
        for one in check(here)
        if one.state != "ok"
    ]
    health = {one["service"]: one["health"] for one in rows}
    found = {"services": rows, **_inside(target, health), "warnings": warnings}
    if form == "json":
        print(json.dumps(found, default=str))
    else:
        _print(found)
    return 1 if found["problems"] else 0


def _print(found: Mapping[str, Rows]) -> None:
    for title, rows in found.items():
        if title not in {"problems", "warnings"} and (rows or title != "waiting_runs"):
            print_table(rows, title.replace("_", " "))
    for one in found["problems"]:
        print(f"{one['service']} is {one['problem']}")
    if found["problems"]:
        print("./pipeline logs service tells more; make up starts what is missing")
    for one in found["warnings"]:
        print(f"{one['warning']}\n  → {one['type']}")


def _inside(target: StackPlace, health: Mapping[str, str]) -> dict[str, Rows]:
    problems: dict[str, str] = {}
    for name, word in health.items():
        if not is_well(word):
            refused = None if word == "missing" else refusal_of(name)
            problems[name] = f"{word}: {refused}" if refused else word

    def query(service: str, question: Callable[[], Rows]) -> Rows:
        if service in problems:
            return []
        try:
            return question()
        except (httpx.HTTPError, PipelineError) as error:
            problems[service] = f"{health[service]}, but: {error}"
            return []

    def warehouse(question: Callable[[Session], Rows]) -> Rows:
        with target.warehouse().session() as session:
            return question(session)

    return {
        "last_runs": query("prefect-server", lambda: last_runs(target.prefect())),
        "waiting_runs": query("prefect-server", lambda: waiting_runs(target.prefect())),
        "layers": query("snowflake", lambda: warehouse(_layers)),
        "watermarks": query("snowflake", lambda: warehouse(lambda s: s.query(_WATERMARKS))),
        "problems": [{"service": name, "problem": word} for name, word in problems.items()],
    }


def _services(project: str) -> Rows:
    """Every service of docker-compose.yml, also those that have no container."""
    found = containers()
    used = memory([one["Name"] for one in found.values() if one["State"] == "running"])
    died = {one.name: one.restarts for one in container_states(project)}
    return [
        {
            "service": name,
            "health": health,
            "deaths": died.get(found[name]["Name"], 0) if name in found else 0,
            "memory": used.get(found[name]["Name"], "") if name in found else "",
        }
        for name, health in health_by_service(found).items()
    ]


def _layers(session: Session) -> Rows:
    counts = row_counts(session)
    return [
        {
            "network": row["network"],
            "layer": row["layer"],
            "batch_id": row["batch_id"],
            "rows": counts.get((row["network"], row["layer"]), 0),
            "committed_at": row["committed_at"],
        }
        for row in session.query(_BATCHES)
    ]


def last_runs(api: PrefectApi) -> Rows:
    """Runs under way, the newest that ended, bad ends first, and the first of those that wait."""
    under_way = api.runs_in(POOL, UNDER_WAY, "START_TIME_DESC", _MOST)
    ended = api.runs_in(POOL, ENDED, "END_TIME_DESC", _MOST)
    waiting = api.runs_in(POOL, WAITING, "EXPECTED_START_TIME_ASC", _MOST_WAITING)
    ended.sort(key=lambda run: run["state_type"] not in BAD)
    return [_row(run) for run in (*under_way, *ended, *waiting)]


def waiting_runs(api: PrefectApi) -> Rows:
    if not (count := api.count_in(POOL, WAITING)):
        return []
    first = api.runs_in(POOL, WAITING, "EXPECTED_START_TIME_ASC", 1)
    return [
        {"count": count, "first": run["name"], "since": utc(run["expected_start_time"])}
        for run in first
    ]


def _row(run: dict[str, Any]) -> dict[str, Any]:
    return {
        "run": run["name"],
        "state": run["state_name"],
        "started": utc(run["start_time"]),
        "seconds": round(run["estimated_run_time"], 1),
    }
