"""The runs of tasks, as TASK_HISTORY tells them."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mocks.snowflake.continuous.definitions import Task

KEPT = 1000


@dataclass(frozen=True)
class TaskRun:
    """One run of a task; times are UTC."""

    task: Task
    root: Task
    state: str
    """SUCCEEDED, FAILED or SKIPPED."""
    scheduled_at: datetime
    """The time when the run of the whole graph was requested."""
    completed_at: datetime
    started_at: datetime | None = None
    query_id: str | None = None
    error_code: str | None = None
    error_message: str | None = None


class TaskRuns:
    """The latest runs, newest first; a restart forgets them."""

    def __init__(self) -> None:
        self._runs: deque[TaskRun] = deque(maxlen=KEPT)

    def add(self, run: TaskRun) -> None:
        """Keep a run, letting the oldest go."""
        self._runs.appendleft(run)

    def __iter__(self) -> Iterator[TaskRun]:
        return iter(list(self._runs))
