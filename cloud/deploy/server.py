"""Prefect's server of a stack, as a deploy talks to it: by its address, whatever is set here."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_KEY,
    PREFECT_API_URL,
    temporary_settings,
)

_SECRETS: dict[str, Any] = {
    "PREFECT_API_AUTH_STRING": PREFECT_API_AUTH_STRING,
    "PREFECT_API_KEY": PREFECT_API_KEY,
}


@contextmanager
def opened(url: str, secrets: Mapping[str, str]) -> Generator[SyncPrefectClient]:
    """A client of the server at an address; within, `prefect deploy` means that server too.

    Args:
        url: PREFECT_API_URL.
        secrets: By variable, as ``PREFECT_API_KEY``; one that isn't given isn't used.
    """
    given = {setting: secrets.get(name) for name, setting in _SECRETS.items()}
    with (
        temporary_settings({PREFECT_API_URL: url, **given}),
        get_client(sync_client=True) as client,
    ):
        yield client


def explain_silence(client: SyncPrefectClient) -> str:
    """Explain why the server can't be used; return "" if it answers and accepts our login."""
    if problem := client.api_healthcheck():
        return f"it doesn't answer ({problem}): is the VPN up, and the service running?"
    try:
        client.read_work_pools(limit=1)
    except PrefectHTTPStatusError as error:
        return f"it refuses us: {error.response.status_code} {error.response.reason_phrase}"
    return ""
