"""The versions of this clone, the machine, Python, Docker and the Python packages."""

import platform
import sys
from importlib.metadata import distributions

from local.console.programs import output_of


def versions() -> str:
    changed = output_of("git", "status", "--porcelain").splitlines()
    rows = {
        "commit": output_of("git", "log", "-1", "--format=%H %cI %s"),
        "branch": output_of("git", "branch", "--show-current"),
        "changed files": ", ".join(changed) or "none",
        "system": platform.platform(),
        "machine": platform.machine(),
        "Python": sys.version.replace("\n", " "),
        "make": output_of("make", "--version").partition("\n")[0],
        "Docker client": output_of("docker", "version", "--format", "{{.Client.Version}}"),
        "Docker engine": output_of("docker", "version", "--format", "{{.Server.Version}}"),
        "Compose": output_of("docker", "compose", "version", "--short"),
        "buildx": output_of("docker", "buildx", "version"),
    }
    return "\n".join(f"{name}: {version or 'unknown'}" for name, version in rows.items())


def packages() -> str:
    return "\n".join(sorted({f"{one.name} {one.version}" for one in distributions()}))
