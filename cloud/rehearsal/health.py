"""Health checks of services, run as ECS runs them, with the timeout of their definition."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Self

from cloud.rehearsal.table import Row, holds
from local.console.errors import CommandFailed
from local.stack.engine import docker

REST_SECONDS = 1  # `healthy` rests by itself while a service is well


@dataclass
class Check:
    """The health check of one service, run again and again.

    Args:
        health: `healthCheck` of its task definition.
    """

    service: str
    container: str
    health: Mapping[str, Any]
    passed: list[bool] = field(default_factory=list[bool])
    _before: int = field(default=0, init=False)

    def begin(self) -> None:
        """Remember how often the container was restarted before: a stack may be days old."""
        self._before = self._restarts() or 0

    def run(self) -> None:
        """Run it once; a check that takes longer than its timeout has failed, as on ECS."""
        _, *command = self.health["command"]
        try:
            docker("exec", self.container, *command, patience_seconds=self.health["timeout"])
        except CommandFailed:
            self.passed.append(False)
        else:
            self.passed.append(True)

    @property
    def is_enough(self) -> bool:
        """True once it has run more often than ECS retries before it replaces a service."""
        return len(self.passed) > self.health["retries"]

    def rows(self) -> Iterator[Row]:
        """Rows on failed checks in a row, which make ECS replace a service, and on restarts."""
        most = self.health["retries"]
        worst = longest_streak(self.passed)
        yield holds(
            f"{self.service}: stays healthy",
            f"fewer than {most} checks in a row fail, each within {self.health['timeout']} s",
            f"{len(self.passed)} checks, {self.passed.count(False)} failed, {worst} in a row",
            is_so=self.is_enough and worst < most,
        )
        now = self._restarts()
        here = "it doesn't run" if now is None else str(now - self._before)
        yield holds(f"{self.service}: restarts", "none", here, is_so=here == "0")

    def _restarts(self) -> int | None:
        """The number of times that Docker restarted the container; None where it doesn't run."""
        form = "{{.RestartCount}} {{.State.Running}}"
        count, is_running = docker("inspect", "--format", form, self.container).split()
        return int(count) if is_running == "true" else None


def longest_streak(passed: Sequence[bool]) -> int:
    streaks = (len([*streak]) for is_well, streak in groupby(passed) if not is_well)
    return max(streaks, default=0)


class Watch:
    """Runs several checks side by side until it is closed."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self.checks = checks
        self._is_over = threading.Event()
        self._executor = ThreadPoolExecutor(len(checks))
        self._watching: list[Future[None]] = []

    def __enter__(self) -> Self:
        for one in self.checks:
            one.begin()
        self._watching = [self._executor.submit(self._watch, one) for one in self.checks]
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._executor.shutdown()

    def rows(self) -> Iterator[Row]:
        """The rows of all checks, once each has run often enough."""
        while not all(one.is_enough for one in self.checks):
            self._is_over.wait(REST_SECONDS)
            for watching in self._watching:
                if watching.done():
                    watching.result()
        for check in self.checks:
            yield from check.rows()

    def _watch(self, check: Check) -> None:
        while not self._is_over.wait(REST_SECONDS):
            check.run()
