"""A task from its start to its end."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from docker.errors import APIError, NotFound

from mocks.fargate import containers, logs
from mocks.fargate.containers import NotStarted, TaskHost
from mocks.fargate.engine import Engine
from mocks.fargate.events import ESSENTIAL_EXITED, Bus, End, state_change


@dataclass(frozen=True)
class Cloud:
    """The AWS clients and the event bus that tasks need."""

    ecs: Any
    logs: Any
    secrets: Any
    bus: Bus


@dataclass(frozen=True)
class Started:
    """A container that runs."""

    id: str
    wait: Callable[[], int]
    log: threading.Thread


class TaskRun:
    """One task; `run` returns when it has ended."""

    def __init__(
        self, cloud: Cloud, engine: Engine, host: TaskHost, task: Mapping[str, Any]
    ) -> None:
        self._cloud = cloud
        self._engine = engine
        self._host = host
        self._task = task
        self._event_count = 0
        self._container = ""

    def run(self) -> None:
        """Start it, wait for its end, and publish each state."""
        self._publish("PROVISIONING")
        self._publish("PENDING")
        try:
            started = self._start(self._definition())
        except NotStarted as error:
            self._ended(End("TaskFailedToStart", str(error)))
            return
        self._publish("RUNNING")
        exit_code = started.wait()
        started.log.join()  # the driver sends its last lines before ECS publishes the end
        self._ended(End("EssentialContainerExited", ESSENTIAL_EXITED, exit_code))

    def stop(self, seconds: int | None = None) -> None:
        """Stop its container, if there is one, within the definition's timeout."""
        if not self._container:
            return
        timeout = seconds if seconds is not None else containers.stop_seconds(self._definition())
        try:
            self._engine.stop(self._container, timeout)
        except NotFound:
            return  # it has just ended by itself

    def _definition(self) -> Mapping[str, Any]:
        arn = self._task["taskDefinitionArn"]
        return self._cloud.ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]

    def _start(self, definition: Mapping[str, Any]) -> Started:
        container = containers.only_container(definition)
        image = self._image(container["image"])
        secrets = self._secrets(container)
        variables = containers.environment(self._task, container, secrets)
        try:
            self._container = self._engine.create(
                containers.create_arguments(self._task, definition, image, variables, self._host)
            )
            wait = self._engine.start(self._container)
        except APIError as error:
            raise NotStarted(f"CannotStartContainerError: {error.explanation}") from error
        return Started(self._container, wait, self._forward_log(container))

    def _image(self, image: str) -> str:
        """The image of the digest that a name ends with; there is no registry here."""
        image_ids = self._engine.image_ids(self._host.images)
        digest = image.rpartition("@")[2]
        if digest not in image_ids:
            there = ", ".join(image_ids) or "none"
            raise NotStarted(f"CannotPullContainerError: {image}: there is only {there}")
        return image_ids[digest]

    def _secrets(self, container: Mapping[str, Any]) -> dict[str, str]:
        read = self._cloud.secrets.get_secret_value
        try:
            return {
                one["name"]: read(SecretId=one["valueFrom"])["SecretString"]
                for one in container.get("secrets", [])
            }
        except ClientError as error:
            raise NotStarted(
                "ResourceInitializationError: unable to pull secrets or registry auth:"
                f" execution resource retrieval failed: {error}"
            ) from error

    def _forward_log(self, container: Mapping[str, Any]) -> threading.Thread:
        output = self._engine.output(self._container)
        arguments = (self._cloud.logs, container, containers.task_id(self._task), output)
        thread = threading.Thread(target=logs.forward, args=arguments, daemon=True)
        thread.start()
        return thread

    def _ended(self, end: End) -> None:
        """Report the end to ECS, which may know more: that somebody stopped the task."""
        ecs, task = self._cloud.ecs, self._task
        name = {"cluster": task["clusterArn"], "task": task["taskArn"]}
        stopped = ecs.stop_task(**name, reason=end.reason)["task"]
        if stopped["stoppedReason"] != end.reason:
            end = End(stopped["stopCode"], stopped["stoppedReason"], end.exit_code)
        self._publish("STOPPED", end)

    def _publish(self, status: str, end: End | None = None) -> None:
        self._event_count += 1
        self._cloud.bus.publish(state_change(self._task, status, self._event_count, end))
        ending = f": {end.reason}, exit code {end.exit_code}" if end else ""
        print(f"{containers.task_id(self._task)} is {status}{ending}", flush=True)
