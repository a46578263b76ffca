"""Docker's arguments for a task's container, from the task's definition and overrides.

A key that isn't known here is refused and not passed over: what Fargate would do of it, this can't.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MIB = 2**20
CPU_UNITS = 1024  # a core
TASK_LABEL = "com.amazonaws.ecs.task-arn"  # as ECS's own agent labels containers
DEFAULT_STOP_SECONDS = 30
MOST_PIDS = 1024  # a task on Fargate has a machine of its own to fill; here it shares one

# In the place of the task role's keys, which Fargate serves at 169.254.170.2.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}

_CONTAINER_KEYS = {
    *("name", "image", "command", "essential", "environment", "secrets", "user", "stopTimeout"),
    *("readonlyRootFilesystem", "linuxParameters", "logConfiguration"),
}
_LINUX_KEYS = {"initProcessEnabled", "capabilities", "tmpfs"}

Definition = Mapping[str, Any]


class NotStarted(Exception):
    """The task can't be started; the message is what ECS would give as the reason."""


@dataclass(frozen=True)
class TaskHost:
    """The project, images and network with which tasks become containers.

    Attributes:
        project: The Compose project whose containers they are.
        images: The images that there may be, by their names on this machine.
        network: The one network.
    """

    project: str
    images: tuple[str, ...]
    network: str


def only_container(definition: Definition) -> Definition:
    """The definition of a task's container.

    Raises:
        NotStarted: There are several, or it has a key that isn't supported here.
    """
    if len(definition["containerDefinitions"]) != 1 or definition.get("volumes"):
        raise NotStarted("this Fargate knows tasks of one container, without volumes")
    container = definition["containerDefinitions"][0]
    linux = container.get("linuxParameters") or {}
    unknown = _set(container) - _CONTAINER_KEYS | _set(linux) - _LINUX_KEYS
    if unknown:
        raise NotStarted(f"this Fargate doesn't know {', '.join(sorted(unknown))}")
    return container


def _set(values: Definition) -> set[str]:
    return {name for name, value in values.items() if value}


def override(task: Definition, name: str) -> Definition:
    """Return the overrides for a container from the call that ran the task; empty if none."""
    found = task.get("overrides", {}).get("containerOverrides", [])
    return next((one for one in found if one.get("name") == name), {})


def environment(task: Definition, container: Definition, secrets: Definition) -> dict[str, str]:
    """All variables of a container; those of the call replace those of the definition."""
    lists = (container.get("environment", []), override(task, container["name"]))
    variables = [*lists[0], *lists[1].get("environment", [])]
    return {**CREDENTIALS, **secrets, **{one["name"]: one["value"] for one in variables}}


def create_arguments(
    task: Definition,
    definition: Definition,
    image: str,
    variables: Mapping[str, str],
    host: TaskHost,
) -> dict[str, Any]:
    """Arguments for `docker.APIClient.create_container`; those of its host configuration apart.

    The image is named as on this machine.
    """
    container = only_container(definition)
    return {
        "image": image,
        "command": override(task, container["name"]).get("command") or container.get("command"),
        "environment": dict(variables),
        "user": container.get("user"),
        "name": task_id(task),
        "labels": _labels(task, host),
        "host_config": _host(definition, container, host),
    }


def _host(definition: Definition, container: Definition, host: TaskHost) -> dict[str, Any]:
    linux = container.get("linuxParameters") or {}
    memory = int(definition["memory"]) * MIB
    return {
        "auto_remove": True,
        "cap_drop": (linux.get("capabilities") or {}).get("drop"),
        "init": bool(linux.get("initProcessEnabled")),
        "mem_limit": memory,
        "memswap_limit": memory,  # the same: Fargate has no swap
        "nano_cpus": int(definition["cpu"]) * 10**9 // CPU_UNITS,
        "network_mode": host.network,
        "pids_limit": MOST_PIDS,
        "read_only": bool(container.get("readonlyRootFilesystem")),
        "security_opt": ["no-new-privileges:true"],  # more than Fargate has; the gate requires it
        "tmpfs": {one["containerPath"]: f"size={one['size']}m" for one in linux.get("tmpfs", [])},
    }


def _labels(task: Definition, host: TaskHost) -> dict[str, str]:
    """Return the labels of the stack's flow runs, all five required by Compose, and ECS's own."""
    return {
        "com.docker.compose.project": host.project,
        "com.docker.compose.service": "flow-run",
        "com.docker.compose.oneoff": "False",
        "com.docker.compose.container-number": "1",
        "com.docker.compose.config-hash": "flow-run",
        TASK_LABEL: task["taskArn"],
    }


def task_id(task: Definition) -> str:
    """The last part of a task's ARN."""
    return task["taskArn"].rpartition("/")[2]


def stop_seconds(definition: Definition) -> int:
    """Return the seconds that a container has between SIGTERM and SIGKILL."""
    return only_container(definition).get("stopTimeout") or DEFAULT_STOP_SECONDS
