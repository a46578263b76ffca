"""What the stack takes from this machine: package index, certificates, proxy, Docker's socket."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from console.variables import is_on
from stack.folder import FOLDER, write_private

SOCKET = "/var/run/docker.sock"


def of_machine(root: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """What may change between two starts: the machine's settings, whether code is mounted."""
    is_mounted = is_on("MOUNT", environment, default=True)
    folders = [str(root / name) for name in ("flows", "services")] if is_mounted else []
    volumes = [f'"{folder}:/app/{Path(folder).name}:ro"' for folder in folders]
    return {
        "BASE_IMAGE": environment.get("BASE_IMAGE") or "canton-base:trixie",
        "FLOW_FOLDERS": ":".join(folders),
        "FLOW_VOLUMES": f"[{','.join(volumes)}]",
        "DOCKER_SOCKET": SOCKET,
        "DOCKER_GID": str(Path(SOCKET).stat().st_gid) if Path(SOCKET).exists() else "0",
        "PIP_INDEX_URL": environment.get("PIP_INDEX_URL") or _pip_setting("global.index-url"),
        "CA_FILE": _certificates(environment),
        **{
            name: environment.get(name) or environment.get(name.lower()) or ""
            for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
        },
    }


def _certificates(environment: Mapping[str, str]) -> str:
    """The machine's own CA certificates, for the build alone; an empty file where it names none."""
    named = environment.get("PIP_CERT") or environment.get("SSL_CERT_FILE")
    found = named or _pip_setting("global.cert")
    if found:
        return found
    write_private(FOLDER / "no-certificates", "")
    return str((FOLDER / "no-certificates").absolute())


def _pip_setting(name: str) -> str:
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", name],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip()
