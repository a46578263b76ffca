"""Prefect's server: a client of it, whether it answers, and what it raises."""

from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, ParamSpec, TypeVar

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.context import AsyncClientContext, SyncClientContext
from prefect.exceptions import ObjectNotFound, PrefectException, PrefectHTTPStatusError
from prefect.logging.configuration import setup_logging
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_KEY,
    PREFECT_API_URL,
    temporary_settings,
)

Client = SyncPrefectClient
P = ParamSpec("P")
Thing = TypeVar("Thing")
REFUSALS = (PrefectException, httpx.HTTPError)  # what a call of the client raises
_SECRETS: dict[str, Any] = {
    "PREFECT_API_AUTH_STRING": PREFECT_API_AUTH_STRING,
    "PREFECT_API_KEY": PREFECT_API_KEY,
}


def if_any(read: Callable[P, Thing], *args: P.args, **kwargs: P.kwargs) -> Thing | None:
    """Call the client for one object; None where there is no such thing."""
    try:
        return read(*args, **kwargs)
    except ObjectNotFound:
        return None


@contextmanager
def opened_here() -> Generator[Client]:
    """A client of the server that the environment names, as PREFECT_API_URL."""
    with get_client(sync_client=True) as client:
        yield client


@asynccontextmanager
async def clients_open() -> AsyncGenerator[None]:
    """Keep open the clients that flows of this process use."""
    async with AsyncClientContext.get_or_create():
        with SyncClientContext.get_or_create():
            yield


def set_up_logging() -> None:
    """Configure logging by Prefect's settings, before the first flow does."""
    setup_logging()


@contextmanager
def opened(url: str, secrets: Mapping[str, str]) -> Generator[Client]:
    """A client of the server at an address; within, `prefect deploy` means that server too.

    Args:
        secrets: Values by variable, such as ``PREFECT_API_KEY``; absent ones aren't used.
    """
    settings = {setting: secrets.get(name) for name, setting in _SECRETS.items()}
    with (
        temporary_settings({PREFECT_API_URL: url, **settings}),
        get_client(sync_client=True) as client,
    ):
        yield client


def explain_silence(client: Client) -> str:
    """Explain why the server can't be used; return "" if it answers and accepts our login."""
    if problem := client.api_healthcheck():
        return f"it doesn't answer ({problem}): is the VPN up, and the service running?"
    try:
        client.read_work_pools(limit=1)
    except PrefectHTTPStatusError as error:
        return f"it refuses us: {error.response.status_code} {error.response.reason_phrase}"
    return ""
