"""Work pools: the worker's own base job template under the defaults of ours."""

import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from dotenv import dotenv_values
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectNotFound
from prefect.workers.base import BaseWorker

Template = dict[str, Any]


class PoolWrong(Exception):
    """The file sets what the worker doesn't know, or the pool is of another type."""


@dataclass(frozen=True)
class Pool:
    """A work pool as the server should have it.

    Args:
        name: Workers and deployments ask for it by this name.
        type: Of its workers: ``docker``, ``process``, ``ecs``.
        description: What Prefect's page says of it.
        template: The base job template, whole.
        concurrency_limit: How many of its runs there may be at once; None: any number.
    """

    name: str
    type: str
    description: str
    template: Template
    concurrency_limit: int | None = None


def ensure_pool(client: SyncPrefectClient, wanted: Pool) -> None:
    """Make the pool, or bring its template up to date; whether it is paused stays.

    Raises:
        PoolWrong: The pool there is of another type.
    """
    try:
        there = client.read_work_pool(wanted.name)
    except ObjectNotFound:
        client.create_work_pool(
            WorkPoolCreate(
                name=wanted.name,
                type=wanted.type,
                base_job_template=wanted.template,
                description=wanted.description,
                concurrency_limit=wanted.concurrency_limit,
            )
        )
        return
    if there.type != wanted.type:
        raise PoolWrong(f"pool {wanted.name} is of type {there.type}, not {wanted.type}: delete it")
    if there.base_job_template != wanted.template:
        client.update_work_pool(wanted.name, WorkPoolUpdate(base_job_template=wanted.template))


def read_pool(file: Path, environment: Mapping[str, str]) -> Pool:
    """The pool of a file, where ``${NAME}`` is filled from the environment.

    What it says as `job_configuration` takes the place of the worker's own.

    Raises:
        PoolWrong: There is no such worker, or it doesn't know one of the defaults.
    """
    wanted = yaml.safe_load(file.read_text())
    defaults = _filled(wanted["defaults"], environment)
    if settings := wanted.get("env_file"):
        defaults["env"] |= dotenv_values(settings)
    template = worker_template(wanted["type"], defaults)
    template["job_configuration"] |= _filled(wanted.get("job_configuration", {}), environment)
    return Pool(
        name=wanted["name"],
        type=wanted["type"],
        description=wanted["description"],
        template=template,
        concurrency_limit=wanted.get("concurrency_limit"),
    )


def worker_template(kind: str, defaults: Mapping[str, Any]) -> Template:
    """The own template of the workers of a type, with our defaults in it.

    Raises:
        PoolWrong: There is no such worker, or it doesn't know one of the defaults.
    """
    worker = BaseWorker.get_worker_class_from_type(kind)
    if worker is None:
        raise PoolWrong(f"no worker of type {kind} is installed")
    template = worker.get_default_base_job_template()
    known = template["variables"]["properties"]
    for name, value in defaults.items():
        if name not in known:
            raise PoolWrong(f"workers of type {kind} know no {name}, but {sorted(known)}")
        known[name]["default"] = value
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
