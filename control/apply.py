"""All of it, in the order in which it is needed."""

import os
from collections.abc import Mapping
from pathlib import Path

from prefect.client.orchestration import SyncPrefectClient

from control.automations import ensure_automations, read_automations
from control.blocks import ensure_blocks
from control.deployments import deploy
from control.pools import ensure_pool
from control.values import ensure_limits, ensure_variables

CONTROL_POOL = Path(__file__).with_name("pool.yaml")


def apply(
    client: SyncPrefectClient,
    pool: Path,
    prefect_file: Path,
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Tell the server everything.

    Args:
        client: The server's.
        pool: The work pool that runs the pipeline: docker here, ECS in the cloud.
        prefect_file: The deployments.
        environment: What the files' ``${NAME}`` stand for.
    """
    ensure_pool(client, pool, environment)
    ensure_pool(client, CONTROL_POOL, environment)
    blocks = ensure_blocks(environment)
    ensure_variables(client)
    ensure_limits(client)
    deploy(client, prefect_file)
    ensure_automations(client, read_automations(client, blocks))
