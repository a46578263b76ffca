"""The calls to the Docker engine, and its refusals in words that help."""

import json
import os
import re
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.console.errors import CommandFailed

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
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
    """Return the engine's address for Docker's client: its context's, or DOCKER_HOST."""
    return docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}").strip()


def refuse_without_engine(message: str) -> None:
    """Raise `CommandFailed` where Docker's refusal means that no engine answers."""
    if "permission denied" in message and "socket" in message:
        raise CommandFailed(
            "this user may not talk to Docker: sudo usermod --append --groups docker $USER, then"
            f" log in again. {_WITHOUT}"
        )
    if any(word in message for word in _NO_ANSWER):
        raise CommandFailed(_no_engine())


def _no_engine() -> str:
    if host := os.environ.get("DOCKER_HOST"):
        own = "unset DOCKER_HOST takes this machine's own"
        return f"no Docker engine answers at DOCKER_HOST={host}: {own}. {_WITHOUT}"
    start = "start it (Docker Desktop, or: systemctl start docker)"
    return f"no Docker engine answers: {start}. {_WITHOUT}"


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
    then = datetime.fromisoformat(_cut_to_micros(timestamp))
    return (max(then - after, timedelta()) + min(then - before, timedelta())).total_seconds()


def _cut_to_micros(timestamp: str) -> str:
    return re.sub(r"(\.\d{6})\d+", r"\1", timestamp)


@dataclass(frozen=True)
class Publisher:
    """A container that holds a port of this machine; no project if Compose didn't start it."""

    name: str
    project: str
    folder: str


def publisher(port: int) -> Publisher | None:
    """The running container that a port belongs to."""
    form = f'{{{{.Names}}}}\t{{{{.Label "{PROJECT}"}}}}\t{{{{.Label "{FOLDER}"}}}}'
    lines = docker("ps", "--filter", f"publish={port}", "--format", form).splitlines()
    return Publisher(*lines[0].split("\t")) if lines else None


_PORTS_OF_RESTARTED = (
    "{{if .RestartCount}}{{range .HostConfig.PortBindings}}{{range .}}{{.HostPort}} {{end}}{{end}}"
    "{{end}}"
)


def flickering(project: str) -> set[int]:
    """Ports of containers that died and were started again: meanwhile nobody publishes them."""
    return {int(port) for port in _inspected(project, _PORTS_OF_RESTARTED).split()}


def deaths(project: str) -> dict[str, int]:
    """Return how often each container's process has died since it was last started by hand."""
    return {name: count for name, count, _ in _looked_at(project)}


def dying(project: str, before: Mapping[str, int]) -> dict[str, int]:
    """Return the deaths since `before` of each unhealthy container; a count may have restarted."""
    since = {
        name: count - before.get(name, 0) if count >= before.get(name, 0) else count
        for name, count, health in _looked_at(project)
        if health != "healthy"
    }
    return {name: count for name, count in since.items() if count}


def half_exchanged(project: str) -> list[str]:
    """Containers that Compose made to take another one's place, and was stopped before it did.

    It names them ``<12 digits of the other's id>_<name>`` until the other one is gone, and trips
    over one that is left. They have never run, and data is on volumes with names.
    """
    pattern = re.compile(rf"[0-9a-f]{{12}}_{re.escape(project)}-.*")
    return [name for name in _names(project, "--all") if pattern.fullmatch(name)]


def remove(containers: Collection[str]) -> None:
    """Remove containers, whatever they do."""
    if containers:
        docker("rm", "--force", *containers)


def unpause(project: str) -> list[str]:
    """Let a project's paused containers go on, which nothing can start otherwise; their names."""
    if found := _names(project, "--filter", "status=paused"):
        docker("unpause", *found)
    return found


def _names(project: str, *options: str) -> list[str]:
    label = f"label={PROJECT}={project}"
    return docker("ps", "--filter", label, *options, "--format", "{{.Names}}").split()


def build_cache_size() -> str:
    """The size of the engine's build cache, which all projects share, as Docker writes it."""
    lines = docker("system", "df", "--format", "{{.Type}}\t{{.Size}}").splitlines()
    return dict(line.split("\t") for line in lines).get("Build Cache", "0B")


def _looked_at(project: str) -> list[tuple[str, int, str]]:
    form = "{{.Name}}\t{{.RestartCount}}\t{{with .State.Health}}{{.Status}}{{end}}"
    lines = [line.split("\t") for line in _inspected(project, form).splitlines()]
    return [(name.removeprefix("/"), int(count), health) for name, count, health in lines]


def _inspected(project: str, form: str) -> str:
    """Return ``docker inspect`` of a project's containers, formatted with a Go template."""
    found = labelled("container", project)
    return docker("inspect", "--format", form, *found) if found else ""


@dataclass(frozen=True)
class ContainerState:
    """A service's container as the engine knows it.

    Attributes:
        state: ``running``, ``paused``, ``exited``, …
        restarts: How often the engine has started it again by itself.
        is_out_of_memory: Whether its last end was for want of memory; newer engines forget that.
        ended_at: When its process last ended; None where it never did.
    """

    service: str
    name: str
    state: str
    restarts: int
    is_out_of_memory: bool
    ended_at: datetime | None


def container_states(project: str) -> list[ContainerState]:
    """The state of each of a project's containers."""
    form = (
        f'{{{{index .Config.Labels "{SERVICE}"}}}}\t{{{{.Name}}}}\t{{{{.State.Status}}}}\t'
        "{{.RestartCount}}\t{{.State.OOMKilled}}\t{{.State.FinishedAt}}"
    )
    lines = [line.split("\t") for line in _inspected(project, form).splitlines()]
    return [
        ContainerState(
            service, name.removeprefix("/"), state, int(restarts), killed == "true", _moment(ended)
        )
        for service, name, state, restarts, killed, ended in lines
    ]


def _moment(timestamp: str) -> datetime | None:
    """Docker's time, cut to microseconds; the year 1 is its word for never."""
    return (
        None if timestamp.startswith("0001-") else datetime.fromisoformat(_cut_to_micros(timestamp))
    )


def logged(container: str, within: timedelta) -> list[str]:
    """The lines that a container has printed within a time, on its standard output."""
    return docker("logs", "--since", f"{within.total_seconds():.0f}s", container).splitlines()


def labelled(kind: str, project: str) -> list[str]:
    """Ids of a project's containers, volumes, networks or images, whatever their state."""
    every = ["--all"] if kind in {"container", "image"} else []
    options = ["--quiet", "--filter", f"label={PROJECT}={project}"]
    return sorted(set(docker(kind, "ls", *every, *options).split()))
