"""The two places that `bench.month` lets grow: an hour of each, and how it is afterwards."""

import time
from collections.abc import Callable, Collection
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

import httpx

from bench.growing import Sample
from bench.stack import memory_by_service
from console.prefect_api import PrefectApi
from stack.last_runs import POOL
from tests.clone import Clone

SETTLE_SECONDS = 30  # caches fill, first heartbeats are sent
POLL_SECONDS = 1.0
PATIENCE_SECONDS = 3600  # a day of ledger on a busy machine
FOLLOW_SECONDS = 300  # until silver follows bronze, and gold follows silver
NEWEST = 50  # schedules have planned some, which come first
TABLES = ("flow_run", "task_run", "log", "artifact", "events", "event_resources")
OF_VOLUMES = ("postgres", "prefect-server", "localstack", "snowflake", "canton-scan", "slack")
_PSQL = (
    "PGPASSWORD=$(cat /run/secrets/postgres_password) exec psql --host 127.0.0.1 --username prefect"
    " --quiet --no-psqlrc --no-align --tuples-only --set ON_ERROR_STOP=1 prefect"
)
# A day passes for Prefect, whose clock is the machine's: all that it keeps is a day older.
_A_DAY_PASSES = """
    update flow_run set end_time = end_time - interval '{days} days' where end_time is not null;
    update events set occurred = occurred - interval '{days} days';
    update event_resources set occurred = occurred - interval '{days} days';"""


class StackPlace:
    """The stack of a clone."""

    def __init__(self, clone: Clone) -> None:
        self._clone = clone

    def start(self) -> None:
        """Start it, with its schedules on."""
        self._clone.makes("up")
        self._clone.makes("schedule", "ON=1")

    def pass_an_hour(self, step: str) -> None:
        """Run what the hourly schedule runs: bronze; silver and gold follow by events.

        Args:
            step: How much of the ledger's time passes before, as `make clock ADVANCE=` takes it.

        Raises:
            SystemExit: One of them failed, or didn't follow.
        """
        self._clone.makes("clock", f"ADVANCE={step}")
        with closing(self._api()) as api:
            found = _until(api.deployments, "deployments", PATIENCE_SECONDS)
            deployments = {one["name"]: one["id"] for one in found}
            before = {*_until(lambda: [*_begun(api), "none"], "the runs before", PATIENCE_SECONDS)}
            # Asked twice where the answer gets lost: the second run then finds nothing new.
            bronze = deployments["bronze"]
            asked = _until(lambda: api.create_run(bronze, {})["id"], "a run", PATIENCE_SECONDS)
            _until(lambda: _is_completed(api.run(asked)), "bronze's end", PATIENCE_SECONDS)
            for layer in ("silver", "gold"):
                follower = Follower(api, deployments[layer], before)
                _until(follower.has_begun, f"{layer}, which follows", FOLLOW_SECONDS)
                _until(follower.has_completed, f"{layer}'s end", PATIENCE_SECONDS)

    def pass_for_prefect(self, days: int) -> None:
        """Let some days pass for Prefect, then start its server, which deletes at each start."""
        self._psql(_A_DAY_PASSES.format(days=days))
        self._clone.composes("restart", "prefect-server")
        with closing(self._api()) as api:
            _until(api.deployments, "Prefect's server again", FOLLOW_SECONDS)

    def sample(self, runs: int) -> Sample:
        """Sample the stack at rest."""
        time.sleep(SETTLE_SECONDS)
        status = self._clone.status()
        bronze = [one["rows"] for one in status["layers"] if one["layer"] == "bronze"]
        return Sample(
            runs=runs,
            updates=sum(bronze),
            memory=memory_by_service(status),
            disk={
                **{name: self._volume_bytes(name) for name in OF_VOLUMES},
                "container logs": len(self._clone.composes("logs", "--no-color")),
                ".stack": _folder_bytes(self._clone, ".stack"),
            },
            rows=self.counts(),
            deaths={one["service"]: one["deaths"] for one in status["services"]},
        )

    def counts(self) -> dict[str, int]:
        """Rows of Prefect's tables."""
        counted = (f"select count(*) from {table}" for table in TABLES)  # noqa: S608 -- names of ours
        told = self._psql(" union all ".join(counted))
        return dict(zip(TABLES, map(int, told.split()), strict=True))

    def _volume_bytes(self, service: str) -> int:
        return int(self._clone.composes("exec", "-T", service, "du", "-sb", "/data").split()[0])

    def _psql(self, statements: str) -> str:
        command = f'{_PSQL} --command "{statements}"'
        return self._clone.composes("exec", "-T", "postgres", "sh", "-c", command)

    def _api(self) -> PrefectApi:
        settings = self._clone.settings
        url = f"http://127.0.0.1:{settings['PREFECT_PORT']}"
        return PrefectApi(url, settings["PREFECT_AUTH"])


@dataclass(frozen=True)
class Follower:
    """The run of a deployment that an automation starts, once those `before` are known."""

    api: PrefectApi
    deployment: str
    before: Collection[str]

    def has_begun(self) -> bool:
        """Tell if there is a stack."""
        return bool(self._found())

    def has_completed(self) -> bool:
        """Tell if a run has done its work."""
        return any(_is_completed(run) for run in self._found())

    def _found(self) -> list[dict[str, Any]]:
        begun = _begun(self.api)
        new = [one for number, one in begun.items() if number not in self.before]
        return [one for one in new if one["deployment_id"] == self.deployment]


def _begun(api: PrefectApi) -> dict[str, dict[str, Any]]:
    """The newest runs by id, but for those that schedules have only planned."""
    runs = api.newest_runs(POOL, NEWEST)
    return {one["id"]: one for one in runs if one["state_name"] != "Scheduled"}


def _is_completed(run: dict[str, Any]) -> bool:
    if run["state_type"] in {"FAILED", "CANCELLED"}:  # one that crashed is run again
        raise SystemExit(f"run {run['name']} {run['state_name']}: {run['state'].get('message')}")
    return run["state_type"] == "COMPLETED"


def _until(ask: Callable[[], Any], what: str, seconds: float) -> Any:
    """Return the answer as soon as it is true; a server that is away is asked again."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(httpx.HTTPError):
            if found := ask():
                return found
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {seconds:.0f} s: {what}; make logs there tells why")
        time.sleep(POLL_SECONDS)


def _folder_bytes(clone: Clone, name: str) -> int:
    folder = clone.path / name
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())
