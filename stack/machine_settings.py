"""What the stack takes from this machine: what its build takes, and Docker's socket."""

from collections.abc import Mapping
from pathlib import Path

from console.build_settings import build_settings
from stack.folder import FOLDER, write_private

SOCKET = "/var/run/docker.sock"


def of_machine(environment: Mapping[str, str]) -> dict[str, str]:
    """The machine's settings as variables of docker-compose.yml, as they are at this start."""
    found = build_settings(environment)
    return {
        **found,
        "CA_FILE": found["CA_FILE"] or _no_certificates(),
        "DOCKER_SOCKET": SOCKET,
        "DOCKER_GID": str(Path(SOCKET).stat().st_gid) if Path(SOCKET).exists() else "0",
    }


def _no_certificates() -> str:
    """An empty file, for Compose, which wants one."""
    write_private(FOLDER / "no-certificates", "")
    return str((FOLDER / "no-certificates").absolute())
