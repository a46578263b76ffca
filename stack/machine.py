"""Whether the stack can start on this machine; asked before anything is begun."""

import re
import shutil
import stat
from collections.abc import Iterable
from pathlib import Path

from console.errors import CommandFailed
from stack.engine import Engine, docker, engine, labelled
from stack.ports import check_ports
from stack.settings import Stack

LEAST_DISK_BYTES = 3 * 2**30
LEAST_MEMORY_BYTES = 1536 * 2**20
LEAST_COMPOSE = (2, 21)  # the first that prints containers as a line of JSON each
CONFIGURATION = ("prefect.yaml", "offline.env")  # always mounted
MEMINFO = Path("/proc/meminfo")


def check_machine(stack: Stack) -> None:
    """Raise `CommandFailed` where the stack can't start: engine, memory, disk, ports, files."""
    found = engine()
    check_compose()
    if not labelled("container", stack.project):  # what runs already has its memory
        check_memory(available_memory(found))
    for folder in (Path.cwd(), Path(found.folder)):
        if folder.exists():  # on a Mac, the engine's lies in its own machine
            check_disk(folder, shutil.disk_usage(folder).free)
    check_ports(stack)
    check_readable([Path(name) for name in (*stack.mounted, *CONFIGURATION)])


def check_compose() -> None:
    """Raise `CommandFailed` without Compose, or with one that is too old."""
    try:
        version = docker("compose", "version", "--short").strip()
    except CommandFailed:
        raise CommandFailed(
            "this Docker has no Compose v2: install its plugin (Debian: docker-compose,"
            " Docker's own archive: docker-compose-plugin)"
        ) from None
    numbers = re.match(r"v?(\d+)\.(\d+)", version)
    if not numbers or (int(numbers[1]), int(numbers[2])) < LEAST_COMPOSE:
        needed = ".".join(map(str, LEAST_COMPOSE))
        raise CommandFailed(f"Compose {needed} or newer is needed, this is {version}: update it")


def available_memory(found: Engine, meminfo: Path = MEMINFO) -> int:
    """Bytes that containers may have: what this machine can spare, and the engine's has."""
    if not meminfo.exists():
        return found.memory_bytes
    lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
    return min(found.memory_bytes, int(lines["MemAvailable"].split()[0]) * 1024)


def check_memory(available_bytes: int) -> None:
    """Raise `CommandFailed` where the services would not fit."""
    if available_bytes < LEAST_MEMORY_BYTES:
        raise CommandFailed(
            f"too little memory: {available_bytes >> 20} MiB are available, the stack needs"
            f" {LEAST_MEMORY_BYTES >> 20}: end other programs, or give Docker's machine more"
        )


def check_disk(folder: Path, free_bytes: int) -> None:
    """Raise `CommandFailed` where images and data would not fit."""
    if free_bytes < LEAST_DISK_BYTES:
        raise CommandFailed(
            f"too little disk: {free_bytes >> 20} MiB are free in {folder}, the stack needs"
            f" {LEAST_DISK_BYTES >> 20}: docker system df tells what images and volumes take"
        )


def check_readable(paths: Iterable[Path]) -> None:
    """Raise `CommandFailed` for what the containers' user, another one, can't read."""
    hidden = [path.name for path in paths if not path.stat().st_mode & stat.S_IROTH]
    if hidden:
        raise CommandFailed(
            f"the containers' user can't read {', '.join(hidden)}:"
            f" chmod -R go+rX {' '.join(hidden)}"
        )
