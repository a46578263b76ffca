"""The three services of docker/rehearsal.yml, beside the stack's own, in its project."""

import json
import os
import shlex
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.text import Text

from cloud.infra.settings import Settings
from cloud.rehearsal.compare import CPU_UNITS
from cloud.rehearsal.swaps import Swap, swapped
from local.console.errors import CommandFailed
from local.console.files import write_private
from local.stack.compose import compose, containers
from local.stack.engine import PROJECT, docker
from local.stack.folder import FOLDER

WORKER = "ecs-worker"
SERVICES = ("aws", "fargate", WORKER)
TASK_LABEL = "com.amazonaws.ecs.task-arn"  # of mocks/fargate
_VALUES = FOLDER / "rehearsal.env"
_WORKER = FOLDER / "rehearsal-worker.env"
_FILES = (
    *("--env-file", str(_VALUES)),
    *("--file", "docker-compose.yml", "--file", "docker/rehearsal.yml"),
)


def start_aws(settings: Settings) -> str:
    """Start the emulated AWS, which is empty; its URL on this machine."""
    _write(_VALUES, _values(settings) | _NO_WORKER_YET)
    _write(_WORKER, {})
    compose(*_FILES, "up", "--detach", "--wait", "--force-recreate", "--renew-anon-volumes", "aws")
    published = docker("port", container_of("aws"), "4566/tcp").splitlines()[0]
    return f"http://{published}"


def start_worker(
    settings: Settings,
    definition: Mapping[str, Any],
    swaps: Iterable[Swap],
    secrets: Mapping[str, str],
) -> None:
    """Start Fargate's stand-in, and the worker as its service's task definition says.

    Args:
        secrets: Values by the ARN that the definition names.
    """
    (container,) = definition["containerDefinitions"]
    variables = {one["name"]: one["value"] for one in container["environment"]}
    secret = {one["name"]: secrets[one["valueFrom"]] for one in container["secrets"]}
    _write(_WORKER, swapped(variables, swaps) | secret)
    (tmpfs,) = container["linuxParameters"]["tmpfs"]
    worker = {
        "REHEARSAL_WORKER_COMMAND": shlex.join(container["command"]),
        "REHEARSAL_WORKER_CPUS": f"{int(definition['cpu']) / CPU_UNITS:g}",
        "REHEARSAL_WORKER_MEMORY": f"{definition['memory']}m",
        "REHEARSAL_WORKER_TMPFS": f"{tmpfs['containerPath']}:size={tmpfs['size']}m",
        "REHEARSAL_WORKER_USER": container["user"],
    }
    _write(_VALUES, _values(settings) | worker)
    compose(*_FILES, "up", "--detach", "--wait", "--no-deps", "--force-recreate", *SERVICES[1:])


def replace_worker() -> None:
    """Replace the worker as ECS does: the new one is healthy before the old one is stopped."""
    old = container_of(WORKER)
    scale = ("--no-recreate", "--scale", f"{WORKER}=2")
    compose(*_FILES, "up", "--detach", "--wait", "--no-deps", *scale, WORKER)
    docker("stop", old)
    docker("rm", old)


def _values(settings: Settings) -> dict[str, str]:
    return {
        "REHEARSAL_ACCOUNT": settings.stack.account_id,
        "REHEARSAL_CLUSTER": settings.stack.name,
        "REHEARSAL_REGION": settings.stack.region,
    }


# Compose asks for all of them, whichever service it starts.
_NO_WORKER_YET = {
    f"REHEARSAL_WORKER_{name}": value
    for name, value in {
        "COMMAND": "false", "CPUS": "1", "MEMORY": "64m", "TMPFS": "/tmp", "USER": "10001",  # noqa: S108
    }.items()
}  # fmt: skip


def _write(file: Path, values: Mapping[str, str]) -> None:
    write_private(file, "".join(f"{name}={value}\n" for name, value in values.items()))


def stop(project: str) -> None:
    compose(*_FILES, "rm", "--stop", "--force", "--volumes", *SERVICES)
    if network := docker("network", "ls", "--quiet", "--filter", f"name=^{project}_aws$").split():
        docker("network", "rm", *network)
    for file in (_VALUES, _WORKER):
        file.unlink(missing_ok=True)


def dead(project: str) -> list[str]:
    named = '{{.Label "com.docker.compose.service"}}'
    running = docker("ps", "--filter", f"label={PROJECT}={project}", "--format", named).split()
    return [name for name in SERVICES if name not in running]


def last_words() -> list[str]:
    """Return the last log lines of Fargate's stand-in and of the worker, for people."""
    output: list[str] = []
    for service in SERVICES[1:]:
        compose_command = ("compose", "--env-file", str(FOLDER / "env"), *_FILES)
        printed = docker(*compose_command, "logs", "--no-log-prefix", "--tail", "12", service)
        lines = [line.plain for line in Text.from_ansi(printed.rstrip()).split()]
        output += [f"{service}, its last lines:", *(f"  {line}" for line in lines)]
    return output


def inspect_service(service: str) -> dict[str, Any]:
    return _inspect(container_of(service))


def inspect_task(project: str, task_arn: str) -> dict[str, Any]:
    """Inspect a task's container, without the variables that its image sets.

    Raises:
        CommandFailed: There is none.
    """
    labels = (f"{PROJECT}={project}", f"{TASK_LABEL}={task_arn}")
    filters = [word for label in labels for word in ("--filter", f"label={label}")]
    found = docker("ps", "--quiet", "--no-trunc", *filters).split()
    if not found:
        raise CommandFailed(f"no container of task {task_arn} runs")
    return _inspect(found[0])


@contextmanager
def paused(project: str, task_arn: str) -> Generator[None]:
    """Pause a task's container inside the context, so that its run can't end."""
    container = inspect_task(project, task_arn)["Id"]
    docker("pause", container)
    try:
        yield
    finally:
        docker("unpause", container)


def end_tasks(project: str) -> None:
    mine = ("--filter", f"label={PROJECT}={project}", "--filter", f"label={TASK_LABEL}")
    if left := docker("ps", "--quiet", *mine).split():
        docker("rm", "--force", *left)


def image_id(image: str) -> str:
    """The digest of an image's configuration, by which an image is known that no registry has."""
    return docker("image", "inspect", "--format", "{{.Id}}", image).strip()


def make_next_image(stack: Mapping[str, str]) -> None:
    """Make the image of a second deploy: the stack's own with a label, so its id differs."""
    docker(
        "build", "--quiet", "--tag", stack["NEXT_IMAGE"], "-",
        environment={**os.environ, "DOCKER_BUILDKIT": "1"},
        typed=f"FROM {stack['FLOW_IMAGE']}\nLABEL org.opencontainers.image.revision=next\n",
    )  # fmt: skip


def remove_image(image: str) -> None:
    if docker("image", "ls", "--quiet", image).split():
        docker("image", "rm", image)


def _inspect(container: str) -> dict[str, Any]:
    """Without the variables that the image brings along."""
    (found,) = json.loads(docker("inspect", container))
    (image,) = json.loads(docker("image", "inspect", found["Image"]))
    brought = {*image["Config"]["Env"]}
    found["Config"]["Env"] = [one for one in found["Config"]["Env"] if one not in brought]
    return found


def container_of(service: str) -> str:
    """The id of a service's container.

    Raises:
        CommandFailed: It has none.
    """
    if found := containers().get(service):
        return found["ID"]
    raise CommandFailed(f"{service} has no container")
