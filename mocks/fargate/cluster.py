"""All tasks of a cluster, polled in place of the messages that ECS sends its own agent."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from mocks.fargate.task import TaskRun

LEAVE_SECONDS = 3  # for each container when this ends; it has ten itself


class Fargate:
    """The tasks of one cluster."""

    def __init__(
        self, cluster: str, ecs: Any, make_run: Callable[[Mapping[str, Any]], TaskRun]
    ) -> None:
        self._cluster = cluster
        self._ecs = ecs
        self._make_run = make_run
        self._runs: dict[str, TaskRun] = {}
        self._stopped: set[str] = set()

    def look(self) -> None:
        """Start new tasks, and stop those that somebody stopped."""
        task_arns = set(self._ecs.list_tasks(cluster=self._cluster)["taskArns"])
        for task in self._describe(task_arns - self._runs.keys()):
            run = self._runs[task["taskArn"]] = self._make_run(task)
            threading.Thread(target=run.run, daemon=True).start()
        for arn in self._runs.keys() - task_arns - self._stopped:  # most have ended by themselves
            self._stopped.add(arn)
            threading.Thread(target=self._runs[arn].stop, daemon=True).start()

    def leave(self) -> None:
        """End every container."""
        for run in self._runs.values():
            run.stop(LEAVE_SECONDS)

    def _describe(self, arns: set[str]) -> list[Mapping[str, Any]]:
        if not arns:
            return []
        return self._ecs.describe_tasks(cluster=self._cluster, tasks=sorted(arns))["tasks"]
