"""The configuration here: the shell, `.env`, `.stack/env`, and Compose's file as it is read."""

from collections.abc import Mapping
from pathlib import Path

from local.console.variables import state_root
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
