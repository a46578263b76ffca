"""Docker Compose on this clone's stack."""

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

from console.errors import CommandFailed
from stack.settings import FOLDER, PORTS, Stack

LEAST_DISK_BYTES = 3 * 2**30
LEAST_MEMORY_BYTES = 1536 * 2**20
_UP = FOLDER / "up"


def compose(*arguments: str, is_quiet: bool = False) -> None:
    """Run ``docker compose``.

    Raises:
        CommandFailed: It failed; what it said is on the screen, or in the message if it is quiet.
    """
    done = subprocess.run(
        _command(*arguments), env=_environment(), capture_output=is_quiet, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr or "").strip().splitlines()[-5:]
        raise CommandFailed("\n".join([f"docker compose {arguments[0]} failed", *said]))


def become(*arguments: str) -> None:
    """Hand this process over to ``docker compose``: for shells and logs."""
    os.execvpe("docker", _command(*arguments), _environment())  # noqa: S606 -- fixed arguments


def services() -> list[dict[str, Any]]:
    """The containers of the stack, those that have ended too."""
    said = subprocess.run(
        _command("ps", "--all", "--format", "json"),
        env=_environment(), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [json.loads(line) for line in said.splitlines() if line]


def memory(names: list[str]) -> dict[str, str]:
    """What each running container needs, as Docker writes it: ``93.4MiB / 256MiB``."""
    if not names:
        return {}
    said = subprocess.run(
        ["docker", "stats", "--no-stream", "--format", "{{.Name}}\t{{.MemUsage}}", *names],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return dict(line.split("\t") for line in said.splitlines())


def is_up() -> bool:
    """Whether `make up` was the last word here, and not `make down`."""
    return _UP.exists()


def mark_up(*, is_up: bool) -> None:
    """Remember that the stack is up, or that it isn't."""
    if is_up:
        _UP.touch()
    else:
        _UP.unlink(missing_ok=True)


def check_machine(stack: Stack) -> None:
    """Raise `CommandFailed` where the stack can't start: engine, memory, disk, ports."""
    engine = subprocess.run(["docker", "info"], capture_output=True, text=True, check=False)
    if engine.returncode:
        raise CommandFailed(
            "no Docker engine answers: start it (Docker Desktop, or: systemctl start docker)."
            " Without one, make run does the same here"
        )
    version = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if version.returncode:
        raise CommandFailed("this Docker has no Compose v2: install docker-compose-plugin")
    free = shutil.disk_usage(Path.cwd()).free
    if free < LEAST_DISK_BYTES:
        needed = LEAST_DISK_BYTES >> 30
        raise CommandFailed(f"too little disk: {free >> 20} MiB are free, {needed} GiB are needed")
    _check_memory()
    held = {int(port["PublishedPort"]) for one in services() for port in one["Publishers"] or ()}
    for name in PORTS:
        _check_port(f"{name}_PORT", int(stack.values[f"{name}_PORT"]), held)


def _check_memory() -> None:
    meminfo = Path("/proc/meminfo")
    if not meminfo.exists():
        return  # macOS and Windows: the engine's own machine has the memory
    lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
    available = int(lines["MemAvailable"].split()[0]) * 1024
    if available < LEAST_MEMORY_BYTES and not is_up():
        raise CommandFailed(
            f"too little memory: {available >> 20} MiB are available, the stack needs"
            f" {LEAST_MEMORY_BYTES >> 20}"
        )


def _check_port(setting: str, port: int, held: set[int]) -> None:
    if port in held:
        return
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            raise CommandFailed(
                f"port {port} is taken by {_owner(port)}: make up {setting}=… chooses another"
            ) from None


def _owner(port: int) -> str:
    """Who listens there, as far as this machine tells."""
    found = subprocess.run(
        ["ss", "-ltnpH", f"sport = {port}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    _, _, users = found.stdout.partition('users:(("')
    return users.partition('"')[0] or "another program"


def _command(*arguments: str) -> list[str]:
    return ["docker", "compose", "--env-file", str(FOLDER / "env"), *arguments]


def _environment() -> dict[str, str]:
    # Flow runs are this project's containers too, without being in its file: no orphans.
    return {**os.environ, "DOCKER_BUILDKIT": "1", "COMPOSE_IGNORE_ORPHANS": "1"}
