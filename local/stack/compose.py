"""Docker Compose on this clone's stack."""

import json
import math
import os
import re
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO, Any

from rich.text import Text

from local.console.errors import CommandFailed
from local.console.person import time_of_day
from local.stack.engine import FLOW_RUN, PROJECT, SERVICE, docker, refuse_without_engine
from local.stack.folder import FOLDER
from local.stack.settings import kept_values

UP = FOLDER / "up"  # there from `make up` to `make down`
MOST_LINES = 15
_LOOK_SECONDS = 2.0
_END_SECONDS = 5.0
_WELL = {"healthy", "running", "done"}  # running: has no health check


class ComposeFailed(CommandFailed):
    """Compose failed; its last lines are the message."""


def compose(*arguments: str, is_hopeless: Callable[[], bool] = lambda: False) -> None:
    """Run ``docker compose``, quietly; it is stopped when it `is_hopeless`.

    It is a process group of its own: what `docker` started for it would outlive `docker`, and a
    Compose that is killed in the middle of exchanging a container leaves half of the exchange.
    """
    process = subprocess.Popen(
        _command(*arguments),
        env=_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, process_group=0,
    )  # fmt: skip
    try:
        while True:
            try:
                errors = process.communicate(timeout=_LOOK_SECONDS)[1]
                break
            except subprocess.TimeoutExpired:
                if is_hopeless():
                    os.killpg(process.pid, signal.SIGTERM)
    finally:
        _end(process)
    _refuse_failure(arguments[0], process.returncode, errors)


def _refuse_failure(verb: str, code: int, errors: str) -> None:
    if code:
        refuse_without_engine(errors)
        lines = errors.strip().splitlines()[-MOST_LINES:]
        raise ComposeFailed("\n".join([f"docker compose {verb} failed:", *lines]))


def _end(process: subprocess.Popen[str]) -> None:
    """Stop the group of a Compose that isn't waited for any more; it cleans up as for Ctrl-C."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.communicate(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def piped(
    *arguments: str, source: IO[bytes] | None = None, target: IO[bytes] | int = subprocess.PIPE
) -> bytes:
    """Run ``docker compose`` with a file as its input or output; else what it printed."""
    done = subprocess.run(
        _command(*arguments),
        env=_environment(), stdin=source or subprocess.DEVNULL, stdout=target,
        stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    _refuse_failure(arguments[0], done.returncode, done.stderr.decode(errors="replace"))
    return done.stdout or b""


def become(*arguments: str) -> None:
    """Hand this process over to ``docker compose``: for shells and logs."""
    os.execvpe("docker", _command(*arguments), _environment())  # noqa: S606 -- fixed arguments


def _printed(*arguments: str) -> str:
    return docker(*_command(*arguments)[1:], environment=_environment())


def containers() -> dict[str, dict[str, Any]]:
    """The container of each service, ended ones too, by its name; those of flow runs apart."""
    output = _printed("ps", "--all", "--format", "json")
    found = [json.loads(line) for line in output.splitlines() if line]
    ours = {one["Service"]: one for one in found if one["Service"] != FLOW_RUN}
    return dict(sorted(ours.items()))


def flow_runs(project: str) -> list[str]:
    label, service = f"label={PROJECT}={project}", f"label={SERVICE}={FLOW_RUN}"
    return docker("ps", "--quiet", "--filter", label, "--filter", service).split()


def remove_flow_runs(project: str) -> None:
    """Remove the containers of flow runs; one that is just removing itself is left to that."""
    if found := flow_runs(project):
        with suppress(CommandFailed):
            docker("rm", "--force", *found)


def declared() -> dict[str, dict[str, Any]]:
    return json.loads(_printed("config", "--format", "json"))["services"]


def configuration() -> str:
    """docker-compose.yml as Compose reads it, with every variable's value: passwords, too."""
    return _printed("config")


def last_lines(service: str, count: int, seconds: float | None = None) -> list[str]:
    """The last lines that a service printed, without colours; of the last `seconds` alone."""
    since = () if seconds is None else ("--since", f"{math.ceil(seconds)}s")
    return _plain(_printed("logs", "--no-log-prefix", "--tail", str(count), *since, service))


def log_lines(count: int, *names: str) -> list[str]:
    """The last lines of all services, or of those named, in the order of their times."""
    options = ("--no-color", "--timestamps", "--tail", str(count))
    return in_order(_plain(_printed("logs", *options, *names)))


def in_order(lines: list[str]) -> list[str]:
    """Compose's lines of several services, sorted by their times, which are cut to seconds."""
    found = [match for line in lines if (match := _LINE.fullmatch(line))]
    return [
        f"{one['name']} | {time_of_day(one['at'])} {one['text']}".rstrip()
        for one in sorted(found, key=lambda one: one["at"])
    ]


_LINE = re.compile(r"(?P<name>\S+) +\| (?P<at>\S+) ?(?P<text>.*)")


def _plain(output: str) -> list[str]:
    """Lines without colors, and without the prefix of Compose 2.26."""
    return [line.plain for line in Text.from_ansi(output.rstrip()).split()]


def memory(names: list[str]) -> dict[str, str]:
    """Return each running container's memory use as Docker writes it: ``93.4MiB / 256MiB``."""
    if not names:
        return {}
    try:
        output = docker("stats", "--no-stream", "--format", "{{.Name}}\t{{.MemUsage}}", *names)
    except CommandFailed:  # one of them has just gone
        return {}
    return dict(line.split("\t") for line in output.splitlines())


def is_up() -> bool:
    """Tell whether `make up` was the last command here, not `make down`."""
    return UP.exists()


def _command(*arguments: str) -> list[str]:
    return ["docker", "compose", "--env-file", str(FOLDER / "env"), *arguments]


def _environment() -> dict[str, str]:
    """The environment without what would make Compose look at another project than this one.

    It takes a variable from here before it takes it from the file: a `SNOWFLAKE_PORT` of a person's
    own account must not move the local one.
    """
    own = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_PROJECT}
    # Flow runs are this project's containers too, without being in its file: no orphans.
    return {**own, **kept_values(), "DOCKER_BUILDKIT": "1", "COMPOSE_IGNORE_ORPHANS": "1"}


_OF_ANOTHER_PROJECT = {"COMPOSE_FILE", "COMPOSE_PROJECT_NAME"}


def health_of(container: Mapping[str, Any] | None, service: Mapping[str, Any]) -> str:
    """`healthy`, `unhealthy`, `starting`, `exited (1)`, `missing`; `done` of a job that went well.

    Args:
        container: As ``docker compose ps`` prints it; None where there is none.
        service: As docker-compose.yml declares it.
    """
    if container is None:
        return "missing"
    state, code = container["State"], container["ExitCode"]
    if state == "exited":
        return "done" if code == 0 and service["restart"] == "no" else f"exited ({code})"
    return container["Health"] or state if state == "running" else state


def is_well(health: str) -> bool:
    return health in _WELL


def health_by_service(containers: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The health of every service of docker-compose.yml, also of those without a container."""
    return {name: health_of(containers.get(name), one) for name, one in sorted(declared().items())}
