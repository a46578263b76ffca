"""The versions of this clone, the machine, Python, Docker and the Python packages."""

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import distributions

from local.support.checks.tools import output_of


def versions() -> str:
    """This clone's commit, the machine, Python, Docker: a line each."""
    return "\n".join(f"{name}: {what or 'unknown'}" for name, what in _rows())


def _rows() -> Iterator[tuple[str, str]]:
    yield "commit", output_of("git", "log", "-1", "--format=%H %cI %s")
    yield "branch", output_of("git", "branch", "--show-current")
    changed = output_of("git", "status", "--porcelain").splitlines()
    yield "changed files", ", ".join(changed) or "none"
    yield "system", platform.platform()
    yield "machine", platform.machine()
    yield "Python", sys.version.replace("\n", " ")
    yield "make", output_of("make", "--version").partition("\n")[0]
    yield "Docker client", output_of("docker", "version", "--format", "{{.Client.Version}}")
    yield "Docker engine", output_of("docker", "version", "--format", "{{.Server.Version}}")
    yield "Compose", output_of("docker", "compose", "version", "--short")
    yield "buildx", output_of("docker", "buildx", "version")


def packages() -> str:
    """The Python packages of `.venv`."""
    return "\n".join(sorted({f"{one.name} {one.version}" for one in distributions()}))
