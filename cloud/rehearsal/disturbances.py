"""Disturbances of a run on ECS, each with a row on its result."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cloud.infra.environment import SLACK_SECRET
from cloud.rehearsal import services
from cloud.rehearsal.compare import environment
from cloud.rehearsal.deploys import Deploys
from cloud.rehearsal.runs import BY_THE_OBSERVER, Runs, Task
from cloud.rehearsal.table import Row, holds

NOTICED_SECONDS = 15  # of a killed task; 0.5 s were measured
ROTATED = "http://slack:8090/services/rotated"
HANDED_OVER = "AwaitingRetry"


@dataclass(frozen=True)
class Disturbances:
    """One run, the second, that needs four tasks; and the run after it."""

    runs: Runs
    deploys: Deploys
    report: Callable[[str], None]

    def rows(self) -> Iterator[Row]:
        """Its first task can't start, ECS stops the second, the third is killed."""
        self.runs.emulated.lose_secret(SLACK_SECRET)
        run = self.runs.start()
        yield self._never_starts(run)
        self.runs.emulated.rotate_secret(SLACK_SECRET, ROTATED)
        second = self.runs.wait_for_task(run, 2, "CRASHED")
        yield self._rotated(second)
        yield self.deploys.began("the next run after a second deploy", second, self.deploys.second)
        yield self._stopped(run, second)
        yield self._killed(run)
        yield from self._rolled_back(run)

    def _never_starts(self, run: str) -> Row:
        message = self.runs.wait_for_crash(run)["message"] or ""
        self.report("run 2 was Crashed, for its task could not start without a secret")
        return holds(
            "a task that never starts", "Crashed, by the observer", message,
            is_so=message.startswith(BY_THE_OBSERVER),
        )  # fmt: skip

    def _rotated(self, task: Task) -> Row:
        found = environment(services.inspect_task(self.runs.project, task["taskArn"]))
        is_new = found.get("SLACK_WEBHOOK_URL") == ROTATED
        read = "its new value" if is_new else "the one before"
        return holds("a rotated secret", "the next task reads its new value", read, is_so=is_new)

    def _stopped(self, run: str, task: Task) -> Row:
        before = len(self.runs.api.states(run))
        self.runs.emulated.stop(task)
        self.runs.wait_for_task(run, 3)
        self.report("run 2 was stopped by ECS, and runs as another task")
        states = [one["name"] for one in self.runs.api.states(run)[before:]]
        return holds(
            "a stopped task", "hands its run to another", f"{HANDED_OVER}, then Running",
            is_so=HANDED_OVER in states and "Crashed" not in states,
        )  # fmt: skip

    def _killed(self, run: str) -> Row:
        third = self.runs.wait_for_task(run, 3)
        container = services.inspect_task(self.runs.project, third["taskArn"])
        seconds, message = self.runs.kill(run, container["Id"])
        self.report(f"run 2 was killed, and is Crashed {seconds:.1f} s later")
        return holds(
            "a killed task",
            f"Crashed within {NOTICED_SECONDS} s, by the observer",
            f"after {seconds:.1f} s: {message}",
            is_so=seconds < NOTICED_SECONDS and message.startswith(BY_THE_OBSERVER),
        )

    def _rolled_back(self, run: str) -> Iterator[Row]:
        """While the run goes on in its fourth task, the second deploy is gone back on."""
        fourth = self.runs.wait_for_task(run, 4, "CRASHED")
        with services.paused(self.runs.project, fourth["taskArn"]):
            self.deploys.roll_back()
        self.report("the deploy was rolled back while run 2 goes on")
        ended = self.runs.wait_until_completed(run)
        count = len(self.runs.emulated.tasks_of(run))
        self.report(f"run 2 is {ended['state_name']}, in its task number {count}")
        yield holds(
            "a crashed run", "runs again by itself", f"{ended['state_name']} in task {count}",
            is_so=count == 4,
        )  # fmt: skip
        yield self.deploys.ended("a run during a rollback", run, fourth, self.deploys.second)
        yield self._after_rollback()

    def _after_rollback(self) -> Row:
        run = self.runs.start()
        task = self.runs.wait_for_task(run)
        row = self.deploys.began("the next run after a rollback", task, self.deploys.first)
        ended = self.runs.wait_until_completed(run)
        self.report(f"run 3 is {ended['state_name']}")
        return row
