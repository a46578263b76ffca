"""Work pools: the worker's own base job template under the defaults of ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.utilities.templating import apply_values
from prefect.workers.base import BaseWorker

from deployments.server import if_any

Template = dict[str, Any]


class PoolWrong(Exception):
    """The file sets what the worker doesn't know, or the pool is of another type."""


@dataclass(frozen=True)
class Pool:
    """A work pool as the server should have it.

    Args:
        concurrency_limit: How many of its runs there may be at once; None: any number.
    """

    name: str
    type: str
    description: str
    template: Template
    concurrency_limit: int | None = None


def ensure_pool(client: SyncPrefectClient, pool: Pool) -> None:
    """Make the pool, or bring its template up to date; whether it is paused stays.

    Raises:
        PoolWrong: The pool there is of another type.
    """
    there = if_any(client.read_work_pool, pool.name)
    if there is None:
        client.create_work_pool(
            WorkPoolCreate(
                name=pool.name,
                type=pool.type,
                base_job_template=pool.template,
                description=pool.description,
                concurrency_limit=pool.concurrency_limit,
            )
        )
        return
    if there.type != pool.type:
        raise PoolWrong(f"pool {pool.name} is of type {there.type}, not {pool.type}: delete it")
    if there.base_job_template != pool.template:
        client.update_work_pool(pool.name, WorkPoolUpdate(base_job_template=pool.template))


def read_pool(file: Path) -> Pool:
    """The pool of a file.

    Raises:
        PoolWrong: There is no such worker, or it doesn't know one of the defaults.
    """
    content = yaml.safe_load(file.read_text())
    return Pool(
        name=content["name"],
        type=content["type"],
        description=content["description"],
        template=worker_template(content["type"], content["defaults"]),
        concurrency_limit=content.get("concurrency_limit"),
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
    properties = template["variables"]["properties"]
    for name, value in defaults.items():
        if name not in properties:
            raise PoolWrong(f"workers of type {kind} know no {name}, but {sorted(properties)}")
        properties[name]["default"] = value
    return template


def filled(pool: Pool) -> Any:
    """The job configuration of a pool's runs: its template filled with its defaults."""
    properties = pool.template["variables"]["properties"]
    defaults = {name: one["default"] for name, one in properties.items() if "default" in one}
    return apply_values(pool.template["job_configuration"], defaults, remove_notset=False)
