"""Waiting for Prefect's server while it starts, or starts again in the middle of a run."""

import time
from collections.abc import Callable
from typing import TypeVar

import httpx
from prefect import get_run_logger
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError

Result = TypeVar("Result")

PATIENCE_SECONDS, LOOK_SECONDS = 300, 0.2


class ServerUnready(Exception):
    """Prefect's server does not answer."""


def wait_for_server(client: SyncPrefectClient) -> None:
    """Return when the server answers.

    Raises:
        ServerUnready: It does not, within `PATIENCE_SECONDS`.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while problem := client.api_healthcheck():
        if time.monotonic() > deadline:
            raise ServerUnready(f"not within {PATIENCE_SECONDS} s: {problem}")
        time.sleep(LOOK_SECONDS)


def retry_while_server_away(step: Callable[[], Result]) -> Result:
    """Run a step that needs a slot of a limit, again if the server was away.

    Prefect 3.9.1 takes and releases each slot with a client of its own, and a new client does not
    retry a refused connection (`PrefectHttpxAsyncClient._has_connected`): without this, a server
    that restarts at that moment fails the run. The step itself may have succeeded by then; every
    step may run twice.

    Raises:
        ServerUnready: The server stays away.
    """
    while True:
        try:
            return step()
        except (httpx.ConnectError, ConcurrencySlotAcquisitionError) as error:
            if not any(isinstance(one, httpx.ConnectError) for one in (error, error.__cause__)):
                raise
            get_run_logger().warning("Prefect's server is away (%s): waiting for it", error)
        with get_client(sync_client=True) as client:
            wait_for_server(client)
