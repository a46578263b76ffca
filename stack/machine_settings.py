"""What the stack takes from this machine: package index, certificates, proxy, Docker's socket."""

import ast
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from stack.folder import FOLDER, write_private

SOCKET = "/var/run/docker.sock"


def of_machine(environment: Mapping[str, str]) -> dict[str, str]:
    """The machine's settings as variables of docker-compose.yml, as they are at this start."""
    pip = _pip_settings()
    return {
        "BASE_IMAGE": environment.get("BASE_IMAGE") or "canton-base:trixie",
        "DOCKER_SOCKET": SOCKET,
        "DOCKER_GID": str(Path(SOCKET).stat().st_gid) if Path(SOCKET).exists() else "0",
        "PIP_INDEX_URL": environment.get("PIP_INDEX_URL") or pip.get("index-url", ""),
        "CA_FILE": _certificates(environment, pip),
        "HTTP_PROXY": _either_case("HTTP_PROXY", environment) or pip.get("proxy", ""),
        "HTTPS_PROXY": _either_case("HTTPS_PROXY", environment) or pip.get("proxy", ""),
        "NO_PROXY": _either_case("NO_PROXY", environment),
    }


def _certificates(environment: Mapping[str, str], pip: Mapping[str, str]) -> str:
    """The machine's own CA certificates, for the build alone; an empty file where it names none."""
    named = environment.get("PIP_CERT") or environment.get("SSL_CERT_FILE") or pip.get("cert")
    if named:
        return named
    write_private(FOLDER / "no-certificates", "")
    return str((FOLDER / "no-certificates").absolute())


def _either_case(name: str, environment: Mapping[str, str]) -> str:
    return environment.get(name) or environment.get(name.lower()) or ""


def _pip_settings() -> dict[str, str]:
    """What pip's files set for all of its commands; its environment variables are read above."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    settings = (line.partition("=") for line in listed.stdout.splitlines())
    return {
        name.removeprefix("global."): ast.literal_eval(value)
        for name, _, value in settings
        if name.startswith("global.")
    }
