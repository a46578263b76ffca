"""The stack on this machine, as its files describe it: Compose, pools, Dockerfile, deployments."""

import re
import string
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from dotenv import dotenv_values

from cloud.parity.facts import (
    MIB,
    NONE,
    Facts,
    command_facts,
    deployment_facts,
    handed_over,
    hardening_facts,
    health_facts,
    option_facts,
    plain,
    prefixed,
    size_facts,
    variable_facts,
    writable_facts,
)
from deployments.deployments import Wanted, names_by_module, read_deployments

POOLS = {"docker": "docker", "control": "control"}
# Drawn at the first start, and kept in .stack/env (local/stack/settings.py).
PASSWORDS = ("POSTGRES_PASSWORD", "PREFECT_AUTH", "WAREHOUSE_PASSWORD")
FLOW_RUN, WORKER, CONTROL_WORKER, SERVER = (
    "flow run",
    "worker",
    "control worker",
    "prefect server",
)
# What both places have as a container, by its name here.
ROLES = {"prefect-worker": WORKER, "control-worker": CONTROL_WORKER, "prefect-server": SERVER}
DOCKERS_STOP_SECONDS = (
    "10"  # https://docs.docker.com/reference/compose-file/services/#stop_grace_period
)

_COMPOSE_WORDS = {
    "image", "command", "environment", "env_file", "init", "read_only", "cap_drop", "security_opt",
    "tmpfs", "volumes", "mem_limit", "cpus", "ports", "healthcheck", "restart", "stop_grace_period",
    "logging",
}  # fmt: skip
_POOL_WORDS = {"image", "command", "env", "mem_limit", "volumes", "container_create_kwargs"}
_CREATE_WORDS = {"init", "read_only", "tmpfs", "cap_drop", "security_opt", "nano_cpus"}
_NO_NEW_PRIVILEGES = "no-new-privileges:true"
_UNITS = {"m": 1, "g": 1024}


@dataclass(frozen=True)
class Sources:
    """The files, read."""

    compose: dict[str, Any]
    pool: dict[str, Any]
    offline: dict[str, str]
    dockerfile: str
    warehouse: str
    deployments: Wanted


def read_sources(root: Path) -> Sources:
    """The files of a clone."""
    return Sources(
        compose=_parsed(root / "docker-compose.yml"),
        pool=_parsed(root / "local/stack/pool.yaml"),
        offline={name: value or "" for name, value in dotenv_values(root / "offline.env").items()},
        dockerfile=(root / "docker/Dockerfile").read_text(),
        warehouse=(root / "mocks/snowflake/init.sql").read_text(),
        deployments=read_deployments(POOLS, root / "prefect.yaml"),
    )


def local_facts(root: Path, roles: Collection[str]) -> Facts:
    """All of it.

    Args:
        root: Of the clone.
        roles: What the other place has as a container too: each is told in detail.
    """
    sources = read_sources(root)
    facts: Facts = {}
    for name, service in sources.compose["services"].items():
        if ROLES.get(name) in roles:
            facts |= prefixed(ROLES[name], service_facts(sources, service))
        else:
            facts[f"service {name}"] = "a container"
    if SERVER in roles:
        postgres = _first(r"\bpostgresql-(\d+)\b", sources.dockerfile)
        facts[f"{SERVER}: database"] = f"Postgres {postgres}"
    return {
        **facts,
        **prefixed(FLOW_RUN, flow_run_facts(sources)),
        **prefixed("pool of flow runs", pool_facts(sources.pool)),
        **control_pool_facts(root),
        **prefixed("snowflake", warehouse_facts(sources.warehouse)),
        **deployments_facts(sources.deployments),
    }


def service_facts(sources: Sources, service: Mapping[str, Any]) -> Facts:
    """A service of docker-compose.yml as a container."""
    probe = service["healthcheck"]
    volumes = [one.split(":") for one in service.get("volumes", [])]
    folders = _tmpfs(service.get("tmpfs", [])) | {one[1]: "volume" for one in volumes}
    return {
        "image": service["image"],
        "user": image_user(sources.dockerfile),
        **command_facts(service["command"]),
        **_environment_facts(sources, service),
        **_hardening(service),
        **size_facts(service.get("cpus"), _mebibytes(service["mem_limit"])),
        **writable_facts(folders),
        **{f"port {one.rpartition(':')[2]}": "listens" for one in service.get("ports", [])},
        **health_facts(probe, probe["test"][1:]),
        "restart": service["restart"],
        "stop seconds": service.get("stop_grace_period", DOCKERS_STOP_SECONDS).removesuffix("s"),
        "log": service["logging"]["driver"],
        **option_facts(service, _COMPOSE_WORDS),
    }


def flow_run_facts(sources: Sources) -> Facts:
    """A flow run as the docker worker starts it, with what the worker hands over."""
    services = sources.compose["services"]
    pool = _filled(sources.pool["defaults"], services["deploy"]["environment"])
    created = pool["container_create_kwargs"]
    folders = _tmpfs([f"{path}:{options}" for path, options in created["tmpfs"].items()])
    files = sources.offline if sources.pool.get("env_file") else {}
    nano_cpus = created.get("nano_cpus")
    return {
        "image": pool["image"],
        "user": image_user(sources.dockerfile),
        **command_facts((pool.get("command") or "").split()),
        **handed_over(_environment_facts(sources, services["prefect-worker"])),
        **_variables({**pool["env"], **files}),
        **_hardening(created),
        **size_facts(nano_cpus and nano_cpus / 1e9, _mebibytes(pool["mem_limit"])),
        **writable_facts(folders),
        "mounted code": plain(pool.get("volumes")),
        **option_facts(pool, _POOL_WORDS),
        **option_facts(created, _CREATE_WORDS),
    }


def pool_facts(pool: Mapping[str, Any]) -> Facts:
    """A work pool, without the template of its runs."""
    return {
        "name": pool["name"],
        "type": pool["type"],
        "concurrency": str(pool.get("concurrency_limit", NONE)),
    }


def control_pool_facts(root: Path) -> Facts:
    """The pool of control flows, which is the same file for every place."""
    return prefixed("control pool", pool_facts(_parsed(root / "deployments/pool.yaml")))


def deployments_facts(wanted: Wanted) -> Facts:
    """The deployments of a place, by the modules of their flows."""
    modules = {name: module for module, name in names_by_module(wanted).items()}
    facts: Facts = {}
    for one in wanted["deployments"]:
        facts |= prefixed(f"deployment of {modules[one['name']]}", deployment_facts(one))
    return facts


def warehouse_facts(script: str) -> Facts:
    """Describe what the local Snowflake holds before the pipeline makes its tables."""
    database, role, warehouse = (
        _first(rf"create {kind} if not exists (\w+)", script)
        for kind in ("database", "role", "warehouse")
    )
    schemas = re.findall(rf"create schema if not exists {database}\.(\w+)", script)
    return {
        "database": database,
        "schemas": plain(sorted(schemas)),
        "stage": _first(rf"stage {database}\.([\w.]+)", script),
        "stage reads": _first(r"url = '([^']+)'", script),
        "role": role,
        "warehouse": warehouse,
        "warehouse size": _first(r"warehouse_size = '(\w+)'", script),
        "integration": _first(r"integration if not exists (\w+)", script),
    }


def image_user(dockerfile: str, target: str = "pipeline") -> str:
    """The user of an image as numbers; `useradd` gives it a group of the same."""
    stage = dockerfile.partition(f" AS {target}\n")[2].partition("\nFROM ")[0]
    name = _first(r"^USER (\w+)", stage)
    number = _first(rf"useradd --uid (\d+) .*\b{name}$", dockerfile)
    return f"{number}:{number}"


def _parsed(file: Path) -> dict[str, Any]:
    return yaml.safe_load(file.read_text())


def _environment_facts(sources: Sources, service: Mapping[str, Any]) -> Facts:
    files = sources.offline if "offline.env" in service.get("env_file", []) else {}
    return _variables({**files, **service.get("environment", {})})


def _variables(values: Mapping[str, Any]) -> Facts:
    """Describe the variables of an environment whose secrets are references."""
    references = [f"${{{name}}}" for name in PASSWORDS] + ["prefect.blocks.secret."]
    texts = {name: str(value) for name, value in values.items()}
    secrets = [name for name, text in texts.items() if any(one in text for one in references)]
    return variable_facts(texts, secrets)


def _hardening(options: Mapping[str, Any]) -> Facts:
    is_held = _NO_NEW_PRIVILEGES in options.get("security_opt", [])
    return {
        **hardening_facts(
            is_read_only=options.get("read_only", False),
            dropped=options.get("cap_drop", []),
            has_init=options.get("init", False),
        ),
        "new privileges": "refused" if is_held else "possible",
    }


def _tmpfs(mounts: list[str]) -> dict[str, str | None]:
    """Return the size of each tmpfs by its path; None where no size is set."""
    parts = (one.partition(":") for one in mounts)
    return {
        path: next((o.removeprefix("size=") for o in options.split(",") if "size=" in o), None)
        for path, _, options in parts
    }


def _mebibytes(text: str) -> float:
    """Convert a Docker memory size such as ``512m`` or ``1g`` to MiB."""
    return int(text[:-1]) * _UNITS[text[-1]] if text[-1] in _UNITS else int(text) / MIB


def _filled(value: Any, environment: Mapping[str, str]) -> Any:
    """The pool's values as the deploy job knows them; what it is given in turn stays a name."""
    if isinstance(value, dict):
        return {name: _filled(one, environment) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, environment) for one in value]
    return string.Template(value).safe_substitute(environment) if isinstance(value, str) else value


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1) if found else NONE
