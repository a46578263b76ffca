"""The state that a deploy makes, as plain data: no server, account or built image is needed."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import yaml

from cloud.infra.settings import Settings
from cloud.outputs import Outputs
from cloud.pools.ecs import ecs_pool
from cloud.pools.job import POOL_OF_FILE
from deployments.apply import CONTROL_POOL, PrefectConfig
from deployments.automations import FILE as AUTOMATIONS
from deployments.deployments import read_deployments
from deployments.pools import Pool, Template, filled, read_pool
from deployments.rendering import rendered
from deployments.values import LIMITS, VARIABLES
from services.migrate import migration_checksums

CONTROL = "control"


@dataclass(frozen=True)
class State:
    """The state that a deploy gives one environment; collections are keyed by name.

    Args:
        image: With its digest, or what it would be built from.
        image_inputs: A digest of what the image is made of.
        image_commit: The commit that it was built from.
        pools: The work pools, see `plain_pool`.
        deployments: See `deployments.rendering`.
        automations: As deployments/automations.yaml has them.
        variables: Made where they are missing, and then a person's.
        limits: Likewise.
        migrations: Checksums of what the warehouse has to hold.
        outputs: The infrastructure program's outputs.
    """

    image: str
    image_inputs: str
    image_commit: str
    pools: dict[str, Any]
    deployments: dict[str, Any]
    automations: dict[str, Any]
    variables: dict[str, Any]
    limits: dict[str, Any]
    migrations: dict[str, str]
    outputs: dict[str, Any]


@dataclass(frozen=True)
class ImageOf:
    """An image, or one that is still to be built."""

    reference: str
    inputs: str
    commit: str


def digest_of(image: str) -> str:
    """The digest in an image's reference, ``<repository>@sha256:…``."""
    return image.rpartition("@")[2]


def planned_config(
    settings: Settings, outputs: Outputs, image: str, slack_url: str
) -> PrefectConfig:
    return PrefectConfig(
        pool=ecs_pool(settings, outputs, image),
        deployments=read_deployments(
            {POOL_OF_FILE: settings.prefect.pool, CONTROL: CONTROL}, version=digest_of(image)
        ),
        secrets={},  # ECS takes them from Secrets Manager itself
        slack_url=slack_url,
        stack=settings.stack.name,
    )


def planned_state(config: PrefectConfig, outputs: Outputs, image: ImageOf) -> State:
    pools = [config.pool, read_pool(CONTROL_POOL)]
    automations = yaml.safe_load(AUTOMATIONS.read_text())
    return State(
        image=image.reference,
        image_inputs=image.inputs,
        image_commit=image.commit,
        pools={one.name: plain_pool(one) for one in pools},
        deployments=rendered(config.deployments),
        automations={one.pop("name"): one for one in automations},
        variables=dict(VARIABLES),
        limits=dict(LIMITS),
        migrations=migration_checksums(),
        outputs=outputs.model_dump(mode="json"),
    )


def plain_pool(pool: Pool) -> dict[str, Any]:
    """A pool as its runs have it: the template filled with its defaults.

    The descriptions of the worker's own variables are kept as a digest: they change only with the
    worker's version.
    """
    properties: Template = pool.template["variables"]["properties"]
    described = {
        name: {k: v for k, v in one.items() if k != "default"} for name, one in properties.items()
    }
    return {
        "type": pool.type,
        "description": pool.description,
        "runs": filled(pool),
        "variables_digest": hashlib.sha256(
            json.dumps(described, sort_keys=True).encode()
        ).hexdigest()[:12],
    }
