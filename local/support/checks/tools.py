"""The programs that everything here is typed with."""

import os
import platform
import re
import sys
from collections.abc import Iterator

from local.console.errors import CommandFailed
from local.console.finding import Finding, fail, warn, well
from local.console.programs import output_of
from local.stack.checks.here import Here
from local.stack.engine import docker

LEAST_PYTHON = (3, 11)
LEAST_MAKE = (3, 81)


def check_python(_: Here) -> Iterator[Finding]:
    yield judged_python(sys.version_info[:3])


def judged_python(version: tuple[int, int, int]) -> Finding:
    found = ".".join(map(str, version))
    if version[:2] < LEAST_PYTHON:
        result = f"Python 3.11 or newer is needed, .venv has {found}"
        return fail("Python", result, "rm -rf .venv; make doctor PYTHON=/path/to/python3")
    return well("Python", f"{found} on {platform.system()} {platform.machine()}")


def check_make(_: Here) -> Iterator[Finding]:
    yield judged_make(output_of(os.environ.get("MAKE") or "make", "--version"))


def judged_make(output: str) -> Finding:
    """Check from the output of `make --version` that this `make` can read the Makefile."""
    version = re.match(r"GNU Make (\d+)\.(\d+)", output)
    if not version:
        found = output.partition("\n")[0] or "none"
        return warn("make", f"GNU make is needed, found: {found}", "install GNU make")
    if (int(version[1]), int(version[2])) < LEAST_MAKE:
        return warn("make", f"{version[0]} is older than 3.81", "update it")
    return well("make", version[0])


def check_buildx(here: Here) -> Iterator[Finding]:
    """BuildKit's client: newer Docker and Compose build with it alone."""
    if here.engine is None:
        return
    try:
        version = docker("buildx", "version").split()
    except CommandFailed:
        result = (
            "this Docker has no buildx: ./pipeline deploy and rehearse, and newer Compose, build"
            " with it"
        )
        plugin = "docker-buildx, Docker's archive: docker-buildx-plugin"
        yield warn("buildx", result, f"install its plugin (Debian: {plugin})")
        return
    yield well("buildx", version[1] if len(version) > 1 else "there")
