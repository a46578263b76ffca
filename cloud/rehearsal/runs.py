"""Runs of the production deployment: started, waited for, killed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cloud.rehearsal import services
from cloud.rehearsal.emulated import Emulated
from local.console.errors import CommandFailed
from local.console.prefect_api import ENDED, PrefectApi
from local.stack.engine import docker

DEPLOYMENT = "canton-pipeline"
LOOK_SECONDS = 1.0
START_SECONDS = 120  # the worker polls every ten, and Python starts thrice on a busy machine
RUN_SECONDS = 900
CRASH_SECONDS = 60  # the heartbeats' automation takes ninety: whoever is sooner was another
BY_THE_OBSERVER = "The following containers stopped with a non-zero exit code"

Run = dict[str, Any]
Task = dict[str, Any]


@dataclass(frozen=True)
class Runs:
    """Runs on the emulated ECS."""

    api: PrefectApi
    emulated: Emulated
    project: str

    def start(self) -> str:
        """Request a run of the pipeline; its id."""
        return self.api.create_run(self.api.deployment(DEPLOYMENT), {})["id"]

    def wait_for_task(self, run_id: str, number: int = 1, *good: str) -> Task:
        """A run's task of this number, as soon as its flow runs there.

        Args:
            number: Of the task, from 1.
            good: Ends that the run may be in before, for it is recovered.

        Raises:
            CommandFailed: The run ends instead.
        """

        def found() -> list[Task]:
            is_running = self._check(run_id, *good)["state_type"] == "RUNNING"
            return self.emulated.tasks_of(run_id)[number - 1 : number] if is_running else []

        return self._first(found, START_SECONDS, f"run {run_id} doesn't run in task {number}")

    def wait_until_completed(self, run_id: str) -> Run:
        """The run when it is done; raises `CommandFailed` where it ends otherwise."""

        def found() -> list[Run]:
            run = self._check(run_id, "COMPLETED", "CRASHED")  # the stack recovers it
            return [run] if run["state_type"] == "COMPLETED" else []

        return self._first(found, RUN_SECONDS, f"run {run_id} isn't completed")

    def kill(self, run_id: str, container: str) -> tuple[float, str]:
        """Kill a run's container; the seconds until Prefect marks it as crashed, and its reason."""
        number = len(self._crashes(run_id)) + 1
        killed_at = datetime.now(UTC)
        docker("kill", container)
        crashed = self.wait_for_crash(run_id, number)
        at = datetime.fromisoformat(crashed["timestamp"])
        return (at - killed_at).total_seconds(), crashed["message"] or ""

    def wait_for_crash(self, run_id: str, number: int = 1) -> Run:
        """The state in which Prefect marks a run as crashed for the first time, or a later one."""
        return self._first(
            lambda: self._crashes(run_id)[number - 1 : number],
            CRASH_SECONDS,
            f"run {run_id} is not Crashed",
        )

    def _crashes(self, run_id: str) -> list[Run]:
        return [one for one in self.api.states(run_id) if one["type"] == "CRASHED"]

    def _check(self, run_id: str, *good: str) -> Run:
        run = self.api.run(run_id)
        if run["state_type"] in ENDED - {*good}:
            raise CommandFailed(
                f"run {run['name']} is {run['state_name']}: {run['state']['message']}\n"
                f"./pipeline logs --run {run['name']} shows its log"
            )
        return run

    def _first(self, found: Callable[[], list[Any]], seconds: float, what: str) -> Any:
        """The first thing found.

        Raises:
            CommandFailed: There is none in time, or a service of the rehearsal has died.
        """
        deadline = time.monotonic() + seconds
        while not (things := found()):
            if dead := services.dead(self.project):
                raise CommandFailed("\n".join([f"{', '.join(dead)} died", *services.last_words()]))
            if time.monotonic() > deadline:
                raise CommandFailed(
                    "\n".join([f"after {seconds:g} s {what}", *services.last_words()])
                )
            time.sleep(LOOK_SECONDS)
        return things[0]
