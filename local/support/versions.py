"""The versions of this clone, the machine, Python, Docker and the Python packages."""

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import distributions

from local.support.checks.tools import said


def versions() -> str:
    """This clone's commit, the machine, Python, Docker: a line each."""
    return "\n".join(f"{name}: {what or 'unknown'}" for name, what in _told())


def _told() -> Iterator[tuple[str, str]]:
    yield "commit", said("git", "log", "-1", "--format=%H %cI %s")
    yield "branch", said("git", "branch", "--show-current")
    changed = said("git", "status", "--porcelain").splitlines()
    yield "changed files", ", ".join(changed) or "none"
    yield "system", platform.platform()
    yield "machine", platform.machine()
    yield "Python", sys.version.replace("\n", " ")
    yield "make", said("make", "--version").partition("\n")[0]
    yield "Docker client", said("docker", "version", "--format", "{{.Client.Version}}")
    yield "Docker engine", said("docker", "version", "--format", "{{.Server.Version}}")
    yield "Compose", said("docker", "compose", "version", "--short")
    yield "buildx", said("docker", "buildx", "version")


def packages() -> str:
    """The Python packages of `.venv`."""
    return "\n".join(sorted({f"{one.name} {one.version}" for one in distributions()}))
