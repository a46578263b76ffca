"""Checks of the memory and disk space that the stack needs."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from local.console.finding import Finding, fail, warn, well
from local.stack.checks.here import Here
from local.stack.engine import Engine

LEAST_DISK_BYTES = 3 * 2**30
LEAST_FILES = 50_000  # of the images of all services
LEAST_MEMORY_BYTES = 1536 * 2**20
MEMINFO = Path("/proc/meminfo")


def check_memory(here: Here) -> Iterator[Finding]:
    """Check that the services fit in memory; a stack that runs has its share already."""
    if here.engine is None:
        return
    if here.of_this_stack("container"):
        yield well("memory", "the stack has its share already")
    else:
        yield judged_memory(available_memory(here.engine))


def available_memory(found: Engine, meminfo: Path = MEMINFO) -> int:
    """Bytes that containers may have: what this machine can spare, and the engine's has."""
    if not meminfo.exists():
        return found.memory_bytes
    lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
    return min(found.memory_bytes, int(lines["MemAvailable"].split()[0]) * 1024)


def judged_memory(available_bytes: int) -> Finding:
    available, needed = available_bytes >> 20, LEAST_MEMORY_BYTES >> 20
    if available_bytes >= LEAST_MEMORY_BYTES:
        return well("memory", f"{available} MiB are available, the stack needs {needed}")
    return fail(
        "memory",
        f"too little memory: {available} MiB are available, the stack needs {needed}",
        "end other programs, or give Docker's machine more",
    )


def check_disk(here: Here) -> Iterator[Finding]:
    """Check the disk space for images and data in the clone's folder and in Docker's."""
    folders = {Path.cwd(), *([Path(here.engine.folder)] if here.engine else [])}
    for folder in sorted(folders):
        if folder.exists():  # on a Mac, the engine's lies in its own machine
            free = os.statvfs(folder)
            files = free.f_favail if free.f_files else LEAST_FILES  # btrfs counts none
            yield judged_disk(folder, shutil.disk_usage(folder).free, files)


def judged_disk(folder: Path, free_bytes: int, free_files: int = LEAST_FILES) -> Finding:
    free, needed = free_bytes >> 20, LEAST_DISK_BYTES >> 20
    type_this = "docker system df tells what images and volumes take"
    if free_bytes < LEAST_DISK_BYTES:
        result = f"too little disk: {free} MiB are free in {folder}, the stack needs {needed}"
        return fail("disk", result, type_this)
    if free_files < LEAST_FILES:
        result = f"only {free_files} more files fit in {folder}, images need {LEAST_FILES}"
        return warn("disk", result, type_this)
    return well("disk", f"{free} MiB are free in {folder}, the stack needs {needed}")
