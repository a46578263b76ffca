"""Checks of Docker: the engine, the user's rights, and Compose."""

import grp
import os
import re
from collections.abc import Iterator
from dataclasses import replace

from local.console.errors import CommandFailed
from local.console.finding import Finding, fail, refused, well
from local.stack.checks.here import Here
from local.stack.engine import Engine, EngineSilent, docker, engine

LEAST_ENGINE = (20, 10)
LEAST_COMPOSE = (2, 21)  # the first that prints containers as a line of JSON each
_PATIENCE_SECONDS = 20  # with Compose, which calls no engine here
_ENGINE = "Docker engine"
_GROUP = "docker"


def find_engine(patience_seconds: float) -> tuple[Engine | None, Finding]:
    """The engine: whether one answers, and is new enough."""
    try:
        found = engine(patience_seconds)
    except CommandFailed as error:
        finding = refused(_ENGINE, error)
        if "may not talk to Docker" in finding.result and is_login_old():
            login = "newgrp docker, or log in again: the group is new to you"
            finding = replace(finding, type_this=login)
        return None, finding
    if _numbers(found.version) >= LEAST_ENGINE:
        return found, well(_ENGINE, f"{found.version}, {found.architecture}, {found.system}")
    result = f"engine {_dotted(LEAST_ENGINE)} or newer is needed, this is {found.version}"
    update = "update it (https://docs.docker.com/engine/install)"
    return found, fail(_ENGINE, result, update)


def is_login_old() -> bool:
    """Tell whether this user was added to Docker's group after this session began."""
    try:
        group = grp.getgrnam(_GROUP)
    except KeyError:
        return False
    return os.environ.get("USER", "") in group.gr_mem and group.gr_gid not in os.getgroups()


def check_compose(_: Here) -> Iterator[Finding]:
    """Compose, as a plugin of Docker, and new enough."""
    try:
        command = ("compose", "version", "--short")
        version = docker(*command, patience_seconds=_PATIENCE_SECONDS).strip()
    except EngineSilent as error:
        yield refused("Compose", error)
        return
    except CommandFailed:
        plugin = "docker-compose, Docker's own archive: docker-compose-plugin"
        type_this = f"install its plugin (Debian: {plugin})"
        yield fail("Compose", "this Docker has no Compose v2", type_this)
        return
    if _numbers(version) < LEAST_COMPOSE:
        result = f"Compose {_dotted(LEAST_COMPOSE)} or newer is needed, this is {version}"
        yield fail("Compose", result, "update it")
    else:
        yield well("Compose", version)


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"v?(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
