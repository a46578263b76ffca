"""Heartbeats and lease renewals that the watcher sends for a debugged run with a halted engine.

Without them, Prefect's server would take a run for dead that was halted for 90 s, or give its place
in its deployment's limit to another one after 300 s and end it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.events import emit_event
from prefect.exceptions import ObjectNotFound

BEAT_SECONDS = 30.0
LEASE_SECONDS = 300.0  # as the engine renews it


async def keep_alive(
    client: PrefectClient,
    run_id: UUID,
    emit: Callable[..., Any] = emit_event,
    seconds: float = BEAT_SECONDS,
) -> None:
    """Send heartbeats and renew the run's place until cancelled."""
    while True:
        with suppress(httpx.HTTPError, ObjectNotFound):  # the next beat tries again
            await _beat(client, run_id, emit)
        await asyncio.sleep(seconds)


async def _beat(client: PrefectClient, run_id: UUID, emit: Callable[..., Any]) -> None:
    run = await client.read_flow_run(run_id)
    name = {"prefect.resource.id": f"prefect.flow-run.{run_id}", "prefect.resource.name": run.name}
    emit("prefect.flow-run.heartbeat", resource=name)
    if run.state and (lease := run.state.state_details.deployment_concurrency_lease_id):
        await client.renew_concurrency_lease(lease, LEASE_SECONDS)
