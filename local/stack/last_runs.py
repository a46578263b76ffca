"""The stack's runs as `make status` shows them: first those that matter, however many wait."""

from typing import Any

from local.console.prefect_api import PrefectApi
from local.console.times import utc

POOL = "docker"  # recovery runs in a pool of its own
UNDER_WAY = ("RUNNING", "PENDING", "CANCELLING", "PAUSED")
BAD = ("FAILED", "CRASHED")
ENDED = ("COMPLETED", *BAD, "CANCELLED")
WAITING = ("SCHEDULED",)
_MOST, _MOST_WAITING = 5, 3

Rows = list[dict[str, Any]]


def last_runs(api: PrefectApi) -> Rows:
    """Runs under way, the newest that ended, bad ends first, and the first of those that wait."""
    under_way = api.runs_in(POOL, UNDER_WAY, "START_TIME_DESC", _MOST)
    ended = api.runs_in(POOL, ENDED, "END_TIME_DESC", _MOST)
    waiting = api.runs_in(POOL, WAITING, "EXPECTED_START_TIME_ASC", _MOST_WAITING)
    ended.sort(key=lambda run: run["state_type"] not in BAD)
    return [_row(run) for run in (*under_way, *ended, *waiting)]


def waiting_runs(api: PrefectApi) -> Rows:
    """Return the number of runs that wait for a worker or for other runs, and the first of them."""
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
