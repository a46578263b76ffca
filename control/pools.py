"""Work pools: the worker's own base job template under the defaults of a small file."""

import json
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from dotenv import dotenv_values
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectNotFound
from prefect.workers.base import BaseWorker


class PoolWrong(Exception):
    """The file sets what the worker doesn't know, or the pool is of another type."""


def ensure_pool(client: SyncPrefectClient, file: Path, environment: Mapping[str, str]) -> None:
    """Make the pool, or bring its template up to date; whether it is paused stays.

    Raises:
        PoolWrong: A default is none of the worker's, or the pool there is of another type.
    """
    wanted = yaml.safe_load(file.read_text())
    name, kind = wanted["name"], wanted["type"]
    template = read_template(wanted, environment)
    try:
        pool = client.read_work_pool(name)
    except ObjectNotFound:
        client.create_work_pool(
            WorkPoolCreate(
                name=name,
                type=kind,
                base_job_template=template,
                description=wanted["description"],
                concurrency_limit=wanted.get("concurrency_limit"),
            )
        )
        return
    if pool.type != kind:
        raise PoolWrong(f"pool {name} is of type {pool.type}, not {kind}: delete it")
    if pool.base_job_template != template:
        client.update_work_pool(name, WorkPoolUpdate(base_job_template=template))


def read_template(wanted: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """The worker's own template with the file's defaults in it.

    Raises:
        PoolWrong: There is no such worker, or it doesn't know one of the defaults.
    """
    worker = BaseWorker.get_worker_class_from_type(wanted["type"])
    if worker is None:
        raise PoolWrong(f"pool {wanted['name']}: no worker of type {wanted['type']} is installed")
    template = worker.get_default_base_job_template()
    known = template["variables"]["properties"]
    for name, value in wanted["defaults"].items():
        if name not in known:
            raise PoolWrong(
                f"pool {wanted['name']}: the worker knows no {name}, but {sorted(known)}"
            )
        known[name]["default"] = _filled(value, environment)
    if settings := wanted.get("env_file"):
        known["env"]["default"] |= dotenv_values(settings)
    return template


def _filled(value: Any, environment: Mapping[str, str]) -> Any:
    """The value with ``${NAME}`` replaced from the environment; a list if that is what it says."""
    if isinstance(value, dict):
        return {name: _filled(one, environment) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, environment) for one in value]
    if not isinstance(value, str):
        return value
    text = string.Template(value).substitute(environment)
    return json.loads(text) if text.startswith("[") else text
