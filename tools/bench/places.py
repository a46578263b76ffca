"""The two things that `tools.bench.month` lets grow: an hour of each, and how it is afterwards."""

import sqlite3
import time
from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from local.console.prefect_api import PrefectApi
from local.console.retention import DAYS
from local.console.steering import move_clock
from local.stack.status import POOL
from local.support.runs import database_of
from tests.clone import Clone
from tools.bench.bounds import EMBEDDED, STACK
from tools.bench.growing import RUNS_A_DAY, Sample
from tools.bench.processes import most_memory
from tools.bench.stack import api_of, memory_by_service, until

SETTLE_SECONDS = 60  # caches fill, heartbeats are sent, the warehouse gives memory back
PATIENCE_SECONDS = 3600  # a day of ledger on a busy machine
FOLLOW_SECONDS = 300  # until silver follows bronze, and gold follows silver
NEWEST = 50  # schedules have planned some, which come first
TABLES = ("flow_run", "task_run", "log", "artifact", "events", "event_resources")
OF_VOLUMES = ("postgres", "prefect-server", "localstack", "snowflake", "canton-scan", "slack")
IN_A_STATE = ("s3", "snowflake", "prefect", "logs", "scan.json", "slack.jsonl")
UPDATES = "select count(*) as updates from bronze.canton_transactions_raw"
_PSQL = (
    "PGPASSWORD=$(cat /run/secrets/postgres_password) exec psql --host 127.0.0.1 --username prefect"
    " --quiet --no-psqlrc --no-align --tuples-only --set ON_ERROR_STOP=1 prefect"
)
# A day passes for Prefect, whose clock is the machine's: all that it keeps is a day older.
_TIMES = {"flow_run": "end_time", "events": "occurred", "event_resources": "occurred"}
# In one row: Postgres counts side by side, and gives the rows of a `union all` in any order.
_COUNTS = f"select {', '.join(f'(select count(*) from {table})' for table in TABLES)}"  # noqa: S608 -- names of ours


class GrowingStack:
    """The stack of a clone.

    As `GrowingState` it has a name that AT= takes, bounds of what it may need and grow by, and a
    mark: a file of the clone that is there as soon as it has a state.
    """

    name, bounds, mark = "stack", STACK, ".stack/env"

    def __init__(self, clone: Clone, settle_seconds: float = SETTLE_SECONDS) -> None:
        self._clone = clone
        self._settle_seconds = settle_seconds
        self._hours = 0

    @property
    def keep_days(self) -> int:
        return int(self._clone.settings["KEEP_RUNS"])

    def start(self) -> None:
        self._clone.makes("up")
        self._clone.makes("schedule", "ON=1")

    def pass_an_hour(self, step: str) -> None:
        """Run all layers in one run, once a day as schedules do, which takes twice as long.

        Args:
            step: How much of the ledger's time passes before, as `./pipeline clock` takes it.

        Raises:
            SystemExit: A run failed, or didn't follow.
        """
        move_clock(f"http://127.0.0.1:{self._clone.settings['SCAN_PORT']}", {"ADVANCE": step})
        with closing(api_of(self._clone)) as api:
            found = until(api.deployments, "deployments", PATIENCE_SECONDS)
            deployments = {one["name"]: one["id"] for one in found}
            if self._hours % RUNS_A_DAY:
                _run(api, deployments["pipeline"])
            else:
                _run_as_scheduled(api, deployments)
        self._hours += 1

    def pass_for_prefect(self, days: int) -> None:
        """Let some days pass for Prefect, then start its server, which deletes at each start."""
        self._psql(older(f"{{column}} - interval '{days} days'"))
        self._clone.composes("restart", "prefect-server")
        with closing(api_of(self._clone)) as api:
            until(api.deployments, "Prefect's server again", FOLLOW_SECONDS)

    def sample(self, runs: int) -> Sample:
        time.sleep(self._settle_seconds)
        memory = memory_by_service(self._clone.project)  # before any request
        status = self._clone.status()
        bronze = [one["rows"] for one in status["layers"] if one["layer"] == "bronze"]
        return Sample(
            runs=runs,
            updates=sum(bronze),
            memory=memory,
            disk={
                **{name: self._volume_bytes(name) for name in OF_VOLUMES},
                "container logs": len(self._clone.composes("logs", "--no-color")),
                ".stack": bytes_below(self._clone.path / ".stack"),
            },
            rows=self.counts(),
            deaths={one["service"]: one["deaths"] for one in status["services"]},
        )

    def counts(self) -> dict[str, int]:
        return dict(zip(TABLES, map(int, self._psql(_COUNTS).split("|")), strict=True))

    def _volume_bytes(self, service: str) -> int:
        return int(self._clone.composes("exec", "-T", service, "du", "-sb", "/data").split()[0])

    def _psql(self, statements: str) -> str:
        command = f'{_PSQL} --command "{statements}"'
        return self._clone.composes("exec", "-T", "postgres", "sh", "-c", command)


class GrowingState:
    """The state of `make run` in a clone, whose services live as long as each run."""

    name, bounds, mark = "embedded", EMBEDDED, ".local/current"
    keep_days = int(DAYS)

    def __init__(self, clone: Clone) -> None:
        self._clone = clone
        self._memory: dict[str, float] = {}

    def start(self) -> None:
        if not (self._clone.path / self.mark).exists():
            self._clone.makes("run")

    def pass_an_hour(self, step: str) -> None:
        self._clone.makes("clock", f"ADVANCE={step}")
        with most_memory() as self._memory:
            self._clone.makes("run")

    def pass_for_prefect(self, days: int) -> None:
        """Let some days pass for Prefect, which deletes what is old in the next run."""
        with closing(sqlite3.connect(database_of(self._state()))) as database, database:
            database.executescript(older(f"datetime({{column}}, '-{days} days')"))

    def sample(self, runs: int) -> Sample:
        """Sample the state between two runs, with the memory that the last one took."""
        (found,) = self._clone.rows(UPDATES)
        return sample_of_state(self._state(), runs, found["updates"], self._memory)

    def _state(self) -> Path:
        current = self._clone.path / self.mark
        return current.parent / current.read_text().strip()


Growing = GrowingStack | GrowingState


def sample_of_state(state: Path, runs: int, updates: int, memory: dict[str, float]) -> Sample:
    """Sample a network's folder. It counts no deaths: a service that dies fails its `make run`."""
    with closing(sqlite3.connect(database_of(state))) as database:
        counts = database.execute(_COUNTS).fetchone()
    return Sample(
        runs=runs,
        updates=updates,
        memory=memory,
        disk={name: bytes_below(state / name) for name in IN_A_STATE},
        rows=dict(zip(TABLES, counts, strict=True)),
        deaths={},
    )


def older(value: str) -> str:
    """Statements that set each time at which something ended or occurred.

    Args:
        value: The new value, in the database's own words, with ``{column}`` for the present one.
    """
    return "".join(
        f"update {table} set {column} = {value.format(column=column)}"  # noqa: S608 -- names of ours
        f" where {column} is not null;"
        for table, column in _TIMES.items()
    )


def bytes_below(path: Path) -> int:
    return sum(one.stat().st_size for one in (path, *path.rglob("*")) if one.is_file())


def _run(api: PrefectApi, deployment: str) -> None:
    # Requested twice if the answer gets lost: the second run then finds nothing new.
    run_id = until(lambda: api.create_run(deployment, {})["id"], "a run", PATIENCE_SECONDS)
    until(lambda: _is_completed(api.run(run_id)), "its end", PATIENCE_SECONDS)


def _run_as_scheduled(api: PrefectApi, deployments: Mapping[str, str]) -> None:
    """Run bronze, which the hourly schedule runs; silver and gold follow by events."""
    before = {*until(lambda: [*_begun(api), "none"], "the runs before", PATIENCE_SECONDS)}
    _run(api, deployments["bronze"])
    for layer in ("silver", "gold"):
        _wait_for(layer, api, deployments[layer], before)


def _wait_for(layer: str, api: PrefectApi, deployment: str, before: Collection[str]) -> None:
    def following() -> list[dict[str, Any]]:
        new = [one for number, one in _begun(api).items() if number not in before]
        return [one for one in new if one["deployment_id"] == deployment]

    until(following, f"{layer}, which follows", FOLLOW_SECONDS)
    until(lambda: any(map(_is_completed, following())), f"{layer}'s end", PATIENCE_SECONDS)


def _begun(api: PrefectApi) -> dict[str, dict[str, Any]]:
    runs = api.newest_runs(POOL, NEWEST)
    return {one["id"]: one for one in runs if one["state_name"] != "Scheduled"}


def _is_completed(run: dict[str, Any]) -> bool:
    if run["state_type"] in {"FAILED", "CANCELLED"}:  # one that crashed is run again
        raise SystemExit(f"run {run['name']} {run['state_name']}: {run['state'].get('message')}")
    return run["state_type"] == "COMPLETED"
