"""The stack's settings from this machine: those of its build, and Docker's socket."""

from collections.abc import Mapping
from pathlib import Path

from local.console.build_settings import build_settings
from local.stack.folder import FOLDER

NO_CERTIFICATES = FOLDER / "no-certificates"  # an empty file, for Compose, which wants one
SOCKET = "/var/run/docker.sock"


def of_machine(environment: Mapping[str, str]) -> dict[str, str]:
    """The machine's settings as variables of docker-compose.yml, as they are at this start."""
    found = build_settings(environment)
    return {
        **found,
        "CA_FILE": found["CA_FILE"] or str(NO_CERTIFICATES.absolute()),
        "DOCKER_SOCKET": SOCKET,
        "DOCKER_GID": str(Path(SOCKET).stat().st_gid) if Path(SOCKET).exists() else "0",
    }
