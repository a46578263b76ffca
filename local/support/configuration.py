"""A report's facts on this machine: programs, settings, and the secrets that it may not have."""

import json
import platform
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path

from dotenv import dotenv_values

from local.console.masking import secrets_in
from local.console.programs import output_of
from local.console.variables import state_root
from local.embedded.state import roots
from local.stack.compose import configuration
from local.stack.engine import PROJECT, docker
from local.stack.folder import FOLDER
from local.stack.settings import read_stack
from local.support.evidence import Evidence, files_of
from services.settings import setting_names

# What has an effect on anything here; the rest of a shell's variables is nobody's business.
_RELEVANT = (
    "AWS_",
    "BASE_IMAGE",
    "BUILDKIT_",
    "COMPOSE_",
    "DOCKER_",
    "LANG",
    "LC_",
    "MAKE",
    "PATH",
    "PIP_",
    "PREFECT_",
    "PYTHON",
    "SSL_",
    "TZ",
    "UV_",
    "VIRTUAL_ENV",
)
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")


def add_configuration(evidence: Evidence, environment: Mapping[str, str]) -> None:
    """Add the shell's variables, `.env`, `.stack/env`, and Compose's file as it is read."""
    evidence.add("configuration/shell.env", lambda: _shell(environment))
    for file in (Path(".env"), FOLDER / "env", Path("docker-compose.override.yml")):
        if file.exists():
            of = "stack" if file.parent == FOLDER else "clone"
            evidence.add(f"configuration/{file.name.lstrip('.')}-of-{of}", file.read_text)
    for file in files_of(state_root(environment), "*/state.json"):
        evidence.add(f"configuration/{file.parent.name}-state.json", file.read_text)
    if (FOLDER / "env").exists():
        evidence.add("configuration/compose.yml", configuration)
        evidence.add("containers.txt", _containers)
    else:
        evidence.miss("configuration/compose.yml", "there is no stack here")


def _shell(environment: Mapping[str, str]) -> str:
    settings = setting_names()
    return "\n".join(
        f"{name}={value}"
        for name, value in sorted(environment.items())
        if name in settings or name.startswith(_RELEVANT) or name.upper() in _PROXIES
    )


def _containers() -> str:
    form = "{{.Names}}\t{{.Image}}\t{{.Status}}\t{{.Ports}}"
    own = f"label={PROJECT}={read_stack().project}"
    return docker("ps", "--all", "--filter", own, "--format", form)


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


def known_secrets(environment: Mapping[str, str]) -> set[str]:
    """Passwords, keys and tokens: of the shell, `.env`, `.stack/` and each network's state."""
    found = secrets_in(environment)
    for file in (Path(".env"), FOLDER / "env"):
        with suppress(OSError, UnicodeDecodeError):
            found |= secrets_in({name: value or "" for name, value in dotenv_values(file).items()})
    for file in (*FOLDER.glob("*password*"), *FOLDER.glob("*key")):
        with suppress(OSError, UnicodeDecodeError):
            found.add(file.read_text().strip())
    for root in roots(environment):
        for file in root.glob("*/secrets.json"):
            with suppress(OSError, ValueError, AttributeError):
                found |= {str(value) for value in json.loads(file.read_text()).values()}
    return found
