"""The calls to the Docker engine, and its refusals in words that help."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.console.errors import CommandFailed

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
FLOW_RUN = "flow-run"  # what flow runs have there
FOLDER = "com.docker.compose.project.working_dir"
PATIENCE_SECONDS = 60
_NO_ANSWER = ("Cannot connect", "error during connect", "Is the docker daemon running")
_WITHOUT = "Without Docker, make run does the same here"


class EngineSilent(CommandFailed):
    """Docker takes too long to answer."""


def docker(
    *arguments: str,
    environment: Mapping[str, str] = os.environ,
    patience_seconds: float = PATIENCE_SECONDS,
    typed: str | None = None,
) -> str:
    """Run ``docker ARGUMENTS``, with `typed` as its standard input; return what it prints.

    Raises:
        CommandFailed: There is no Docker, no engine answers (in time: `EngineSilent`), or it
            refuses.
    """
    try:
        done = subprocess.run(
            ["docker", *arguments],
            env=environment, input=typed, capture_output=True, text=True, check=False,
            timeout=patience_seconds,
        )  # fmt: skip
    except FileNotFoundError:
        raise CommandFailed(f"there is no docker here: install it. {_WITHOUT}") from None
    except subprocess.TimeoutExpired:
        raise EngineSilent(
            f"docker {arguments[0]} took longer than {patience_seconds:.0f} s:"
            " restart the engine (Docker Desktop, or: systemctl restart docker)"
        ) from None
    if done.returncode:
        refuse_without_engine(done.stderr)
        last = done.stderr.strip().rpartition("\n")[2]
        raise CommandFailed(f"docker {arguments[0]} failed: {last or 'it does not say why'}")
    return done.stdout


def address() -> str:
    return docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}").strip()


def refuse_without_engine(message: str) -> None:
    """Raise `CommandFailed` where Docker's refusal means that no engine answers."""
    if "permission denied" in message and "socket" in message:
        raise CommandFailed(
            "this user may not talk to Docker: sudo usermod --append --groups docker $USER, then"
            f" log in again. {_WITHOUT}"
        )
    if any(word in message for word in _NO_ANSWER):
        where, start = "", "start it (Docker Desktop, or: systemctl start docker)"
        if host := os.environ.get("DOCKER_HOST"):
            where, start = f" at DOCKER_HOST={host}", "unset DOCKER_HOST takes this machine's own"
        raise CommandFailed(f"no Docker engine answers{where}: {start}. {_WITHOUT}")


@dataclass(frozen=True)
class Engine:
    """The machine that containers run on, which on a Mac isn't this one.

    Attributes:
        ahead_seconds: Of its clock before this machine's; 0 within the time that asking took.
        proxy: Through which it pulls.
    """

    memory_bytes: int
    folder: str
    version: str = ""
    architecture: str = ""
    system: str = ""
    ahead_seconds: float = 0.0
    proxy: str = ""


def engine(patience_seconds: float = PATIENCE_SECONDS) -> Engine:
    """The engine, if one answers; raises `CommandFailed` otherwise."""
    before = datetime.now(UTC)
    output = docker("info", "--format", "{{json .}}", patience_seconds=patience_seconds)
    info: dict[str, Any] = json.loads(output)
    for problem in info.get("ServerErrors") or ():
        refuse_without_engine(problem)
    return Engine(
        int(info["MemTotal"]),
        info["DockerRootDir"],
        version=info.get("ServerVersion", ""),
        architecture=info.get("Architecture", ""),
        system=info.get("OperatingSystem", ""),
        ahead_seconds=ahead_seconds(info.get("SystemTime", ""), before, datetime.now(UTC)),
        proxy=info.get("HttpProxy", "") or info.get("HttpsProxy", ""),
    )


def ahead_seconds(timestamp: str, before: datetime, after: datetime) -> float:
    """Return how many seconds a clock, read between two moments, is ahead; negative if behind."""
    if not timestamp:
        return 0.0
    then = _moment(timestamp)
    return (max(then - after, timedelta()) + min(then - before, timedelta())).total_seconds()


def _moment(timestamp: str) -> datetime:
    """Docker's time, cut to microseconds."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", timestamp))


@dataclass(frozen=True)
class ContainerState:
    """A service's container as the engine knows it.

    Attributes:
        state: ``running``, ``paused``, ``exited``, …
        restarts: How often the engine has started it again by itself.
        is_out_of_memory: Whether its last end was for want of memory; newer engines forget that.
        ended_at: When its process last ended; None where it never did.
        health: ``healthy``, ``starting``, …; empty where it has no check.
        ports: Of this machine, where it is reached while it runs.
    """

    service: str
    name: str
    state: str
    restarts: int
    is_out_of_memory: bool
    ended_at: datetime | None
    health: str = ""
    ports: frozenset[int] = frozenset()


def container_states(project: str) -> list[ContainerState]:
    """The containers of a project, but for one that goes while they are looked at."""
    ids = labelled("container", project)
    while ids:
        try:
            found: list[dict[str, Any]] = json.loads(docker("inspect", *ids))
        except CommandFailed:
            left = labelled("container", project)
            if set(ids) <= set(left):
                raise
            ids = left
        else:
            return [_container_state(one) for one in found]
    return []


def _container_state(found: Mapping[str, Any]) -> ContainerState:
    state, bindings = found["State"], (found["HostConfig"].get("PortBindings") or {}).values()
    ended = state["FinishedAt"]
    return ContainerState(
        service=(found["Config"]["Labels"] or {}).get(SERVICE, ""),
        name=found["Name"].removeprefix("/"),
        state=state["Status"],
        restarts=found["RestartCount"],
        is_out_of_memory=state["OOMKilled"],
        ended_at=None if ended.startswith("0001-") else _moment(ended),  # Docker's word for never
        health=(state.get("Health") or {}).get("Status", ""),
        ports=frozenset(
            int(one["HostPort"]) for each in bindings for one in each or () if one["HostPort"]
        ),
    )


def dying(project: str, before: Mapping[str, int]) -> dict[str, int]:
    """Return the deaths since `before` of each unhealthy container; a count may have restarted."""
    since = {
        one.name: one.restarts - before.get(one.name, 0)
        if one.restarts >= before.get(one.name, 0)
        else one.restarts
        for one in container_states(project)
        if one.health != "healthy"
    }
    return {name: count for name, count in since.items() if count}


def logged(container: str, within: timedelta) -> list[str]:
    """The lines that a container has printed within a time, on its standard output."""
    return docker("logs", "--since", f"{within.total_seconds():.0f}s", container).splitlines()


def labelled(kind: str, project: str) -> list[str]:
    """Ids of a project's containers, volumes, networks or images, whatever their state."""
    every = ["--all"] if kind in {"container", "image"} else []
    options = ["--quiet", "--filter", f"label={PROJECT}={project}"]
    return sorted(set(docker(kind, "ls", *every, *options).split()))
