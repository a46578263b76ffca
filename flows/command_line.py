"""``python flows/….py name=value``: a flow from the command line, its parameters as arguments."""

import asyncio
import logging
import sys
import time
from collections.abc import Sequence
from typing import Any

import httpx
from prefect.client.orchestration import get_client
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError
from prefect.exceptions import ParameterTypeError, SignatureMismatchError
from prefect.flows import Flow
from prefect.logging.configuration import setup_logging

from flows.server import ServerUnready
from services.errors import PipelineError

SERVER_SECONDS = 120.0
# What Prefect's client raises; adapters translate what theirs do.
_SERVER_FAILED = (httpx.HTTPError, ConcurrencySlotAcquisitionError, ServerUnready)
PREFECT_CHATTER = (
    "Beginning flow run",
    "Beginning subflow run",
    "Crash detected!",
    "Encountered exception during execution",
    "Finished in state",
    "Hook ",
    "Parameter validation failed",
    "Running hook ",
    "View at ",
)


class PrefectUnavailable(PipelineError):
    """Prefect's server does not answer."""


def main(flow: Flow[..., Any], arguments: Sequence[str] | None = None) -> None:
    """Run a flow in this process; exit 1 with its error in a line or two where it fails."""
    setup_logging()  # a flow run finds it done and leaves the handlers alone
    quiet(logging.getLogger())
    parameters = _parameters(flow, arguments or sys.argv[1:])
    try:
        _wait_for_prefect()
        asyncio.run(flow(**parameters))
    except PipelineError as error:
        sys.exit(f"error: {error}")
    except _SERVER_FAILED as error:  # its disk is full, say
        sys.exit(f"error: Prefect's server fails, see its log: {error}")


def quiet(logger: logging.Logger) -> None:
    """Let a logger's handlers show what is worth a line."""
    for handler in logger.handlers:  # the console; Prefect's API has its own
        handler.addFilter(_is_worth_a_line)


def _wait_for_prefect() -> None:
    """Return once the server answers: a flow may be started beside its server.

    Raises:
        PrefectUnavailable: It did not, for two minutes.
    """
    with get_client(sync_client=True) as client:
        deadline = time.monotonic() + SERVER_SECONDS
        while error := client.api_healthcheck():
            if time.monotonic() > deadline:
                raise PrefectUnavailable(
                    f"{client.api_url} does not answer: {error}. Is PREFECT_API_URL right?"
                )
            time.sleep(0.1)


def _parameters(flow: Flow[..., Any], arguments: Sequence[str]) -> dict[str, Any]:
    values = dict(_parameter(text) for text in arguments)
    try:
        return flow.validate_parameters(values)
    except (ParameterTypeError, SignatureMismatchError) as error:
        sys.exit(f"error: {flow.name}: {error}")


def _parameter(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark:
        sys.exit(f"error: {text!r} is no parameter; write name=value")
    return name, value


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """Tell whether the terminal shows a log record: Prefect's UI has its own account of each run.

    Our errors are said once, by `main`; where in the code they happened helps nobody at midnight.
    """
    if record.exc_info and isinstance(record.exc_info[1], PipelineError):
        return False
    return not record.getMessage().startswith(PREFECT_CHATTER)
