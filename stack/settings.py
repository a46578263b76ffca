"""What the stack is called, where it listens and what its passwords are: ``.stack/env``.

Made at the first start and kept: names and ports follow the folder of the clone, so that two clones
run side by side; passwords are drawn. docker-compose.yml reads all of it.
"""

import hashlib
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(".stack")
PORTS = ("PREFECT", "SCAN", "SLACK", "S3", "SNOWFLAKE")
FIRST_PORT, SLOTS = 20_000, 2_000
SOCKET = "/var/run/docker.sock"


@dataclass(frozen=True)
class Stack:
    """A clone's stack: every variable of docker-compose.yml."""

    values: Mapping[str, str]

    @property
    def project(self) -> str:
        """The Compose project."""
        return self.values["COMPOSE_PROJECT"]

    def url(self, service: str) -> str:
        """A service's address on this machine."""
        return f"http://127.0.0.1:{self.values[f'{service.upper()}_PORT']}"


def read_stack(environment: Mapping[str, str] = os.environ) -> Stack:
    """The clone's stack, made when there is none yet; `<SERVICE>_PORT` in the environment wins.

    A port that was chosen once stays: the file keeps it.
    """
    root = Path.cwd()
    kept = _read(FOLDER / "env")
    asked = {
        f"{name}_PORT": environment[f"{name}_PORT"]
        for name in PORTS
        if environment.get(f"{name}_PORT")
    }
    values = {**_names(root), **_passwords(), **kept, **asked, **_machine(root, environment)}
    _write(FOLDER / "env", "".join(f"{name}={value}\n" for name, value in values.items()))
    _write(FOLDER / "postgres_password", values["POSTGRES_PASSWORD"], mode=0o644)
    return Stack(values)


def _names(root: Path) -> dict[str, str]:
    """Names and ports of this folder."""
    digest = hashlib.sha256(str(root).encode()).hexdigest()
    project = f"canton-{digest[:6]}"
    first = FIRST_PORT + int(digest[:8], 16) % SLOTS * len(PORTS)
    return {
        "COMPOSE_PROJECT": project,
        "FLOW_NETWORK": project,
        "IMAGES": project,
        "FLOW_IMAGE": f"{project}/pipeline:local",
        **{f"{name}_PORT": str(first + number) for number, name in enumerate(PORTS)},
    }


def _passwords() -> dict[str, str]:
    return {
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "WAREHOUSE_PASSWORD": secrets.token_urlsafe(24),
        "PREFECT_AUTH": f"admin:{secrets.token_urlsafe(18)}",
    }


def _machine(root: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """What may change between two starts: the machine's settings, whether code is mounted."""
    is_mounted = environment.get("MOUNT", "1") != "0"
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
    _write(FOLDER / "no-certificates", "")
    return str((FOLDER / "no-certificates").absolute())


def _pip_setting(name: str) -> str:
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", name],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip()


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)


def _write(file: Path, text: str, mode: int = 0o600) -> None:
    file.parent.mkdir(exist_ok=True, mode=0o700)
    draft = file.with_name(f"{file.name}.draft")
    draft.touch(mode=mode)
    draft.write_text(text)
    draft.replace(file)
