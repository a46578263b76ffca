"""What the Docker engine is asked, and its refusals in words that help."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.errors import CommandFailed

PROJECT = "com.docker.compose.project"
FOLDER = "com.docker.compose.project.working_dir"
PATIENCE_SECONDS = 60
_NO_ANSWER = ("Cannot connect", "error during connect", "Is the docker daemon running")
_WITHOUT = "Without Docker, make run does the same here"


def docker(*arguments: str, environment: Mapping[str, str] = os.environ) -> str:
    """What ``docker ARGUMENTS`` prints.

    Raises:
        CommandFailed: There is no Docker, no engine answers, or it refuses.
    """
    try:
        done = subprocess.run(
            ["docker", *arguments],
            env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
        )  # fmt: skip
    except FileNotFoundError:
        raise CommandFailed(f"there is no docker here: install it. {_WITHOUT}") from None
    except subprocess.TimeoutExpired:
        raise CommandFailed(
            f"docker {arguments[0]} took longer than {PATIENCE_SECONDS} s: is the engine well?"
        ) from None
    if done.returncode:
        refuse_without_engine(done.stderr)
        last = done.stderr.strip().rpartition("\n")[2]
        raise CommandFailed(f"docker {arguments[0]} failed: {last or 'it does not say why'}")
    return done.stdout


def refuse_without_engine(said: str) -> None:
    """Raise `CommandFailed` where Docker's refusal means that no engine answers."""
    if "permission denied" in said and "socket" in said:
        raise CommandFailed(
            "this user may not talk to Docker: sudo usermod --append --groups docker $USER, then"
            f" log in again. {_WITHOUT}"
        )
    if any(word in said for word in _NO_ANSWER):
        raise CommandFailed(_no_engine())


def _no_engine() -> str:
    if host := os.environ.get("DOCKER_HOST"):
        return f"no Docker engine answers at DOCKER_HOST={host}. {_WITHOUT}"
    start = "start it (Docker Desktop, or: systemctl start docker)"
    return f"no Docker engine answers: {start}. {_WITHOUT}"


@dataclass(frozen=True)
class Engine:
    """The machine that containers run on, which on a Mac isn't this one."""

    memory_bytes: int
    folder: str


def engine() -> Engine:
    """The engine, if one answers; raises `CommandFailed` otherwise."""
    said: dict[str, Any] = json.loads(docker("info", "--format", "{{json .}}"))
    for problem in said.get("ServerErrors") or ():
        refuse_without_engine(problem)
    return Engine(int(said["MemTotal"]), said["DockerRootDir"])


@dataclass(frozen=True)
class Publisher:
    """A container that holds a port of this machine; no project if Compose didn't start it."""

    name: str
    project: str
    folder: str


def publisher(port: int) -> Publisher | None:
    """The running container that a port belongs to."""
    form = f'{{{{.Names}}}}\t{{{{.Label "{PROJECT}"}}}}\t{{{{.Label "{FOLDER}"}}}}'
    said = docker("ps", "--filter", f"publish={port}", "--format", form).splitlines()
    return Publisher(*said[0].split("\t")) if said else None


_PORTS_OF_RESTARTED = (
    "{{if .RestartCount}}{{range .HostConfig.PortBindings}}{{range .}}{{.HostPort}} {{end}}{{end}}"
    "{{end}}"
)


def flickering(project: str) -> set[int]:
    """Ports of containers that died and were started again: meanwhile nobody publishes them."""
    return {int(port) for port in _inspected(project, _PORTS_OF_RESTARTED).split()}


def deaths(project: str) -> dict[str, int]:
    """How often the process of each container has died since it was last started by hand."""
    return {name: count for name, count, _ in _looked_at(project)}


def dying(project: str, before: Mapping[str, int]) -> dict[str, int]:
    """How often each has died since `before` that isn't well now; a count may have begun anew."""
    since = {
        name: count - before.get(name, 0) if count >= before.get(name, 0) else count
        for name, count, health in _looked_at(project)
        if health != "healthy"
    }
    return {name: count for name, count in since.items() if count}


def _looked_at(project: str) -> list[tuple[str, int, str]]:
    form = "{{.Name}}\t{{.RestartCount}}\t{{with .State.Health}}{{.Status}}{{end}}"
    lines = [line.split("\t") for line in _inspected(project, form).splitlines()]
    return [(name.removeprefix("/"), int(count), health) for name, count, health in lines]


def _inspected(project: str, form: str) -> str:
    """What ``docker inspect`` prints of a project's containers, in the form of a Go template."""
    found = labelled("container", project)
    return docker("inspect", "--format", form, *found) if found else ""


def labelled(kind: str, project: str) -> list[str]:
    """Ids of a project's containers, volumes, networks or images, whatever their state."""
    every = ["--all"] if kind in {"container", "image"} else []
    chosen = ["--quiet", "--filter", f"label={PROJECT}={project}"]
    return sorted(set(docker(kind, "ls", *every, *chosen).split()))
