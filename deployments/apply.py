"""All of it, in the order in which it is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from prefect.client.orchestration import SyncPrefectClient

from deployments.automations import ensure_automations, read_automations
from deployments.blocks import ensure_blocks
from deployments.deployments import PrefectFile, deploy, names_by_module
from deployments.pools import Pool, ensure_pool, read_pool
from deployments.queues import ensure_queues
from deployments.values import ensure_limits, ensure_variables

CONTROL_POOL = Path(__file__).with_name("pool.yaml")


@dataclass(frozen=True)
class PrefectConfig:
    """The settings that differ between the places the pipeline runs in.

    Args:
        secrets: Values of the secrets that the pool's template names.
        stack: The cloud's, whose commands automations say to type; "" is none.
    """

    pool: Pool
    deployments: PrefectFile
    secrets: Mapping[str, str]
    slack_url: str
    stack: str = ""


def apply(client: SyncPrefectClient, config: PrefectConfig) -> None:
    ensure_pool(client, config.pool)
    ensure_pool(client, read_pool(CONTROL_POOL))
    blocks = ensure_blocks(config.secrets, config.slack_url)
    ensure_variables(client)
    ensure_limits(client)
    ensure_queues(client, config.deployments)
    deploy(client, config.deployments)
    names = names_by_module(config.deployments)
    ensure_automations(client, read_automations(client, names, blocks, config.stack))
