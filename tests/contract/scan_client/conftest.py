"""The client against the mock in process: over a generated ledger, and over recorded updates.

The fake source of unit tests goes through the same tests.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from mocks.canton_scan.app import create_app
from mocks.canton_scan.history import History
from mocks.canton_scan.ledger import open_ledger
from mocks.canton_scan.replay import Recording
from services.accept import network_of
from services.adapters.canton_scan import CantonScan
from tests.fakes import FakeSource
from tests.updates import NETWORK, SCAN_URL

SAMPLE = Path(__file__).parents[4] / "shared" / "canton" / "mainnet-updates-sample.json"
NOW = 1_765_384_000_000_000  # microseconds; the generated ledger ends here
COUNT = 300


class InProcess(httpx.BaseTransport):
    """Hands requests to an app, without sockets; keeps their bodies."""

    def __init__(self, app: Starlette, runner: asyncio.Runner) -> None:
        self._app = httpx.ASGITransport(app)
        self._runner = runner
        self.bodies: list[bytes] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(request.read())
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._app.handle_async_request(request)
        content = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)


@dataclass(frozen=True)
class Node:
    """A Scan with a known history."""

    history: History
    transport: InProcess

    @property
    def updates(self) -> tuple[bytes, ...]:
        """All it holds, as it serves them."""
        return tuple(self.history.page(None, COUNT))

    def client(self, **options: Any) -> CantonScan:
        return CantonScan(SCAN_URL, transport=self.transport, **options)

    @property
    def network(self) -> str:
        return network_of(self.history.dso_party_id)


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@pytest.fixture(scope="session")
def ledger(tmp_path_factory) -> History:
    state = tmp_path_factory.mktemp("ledger") / "state.json"
    return open_ledger(state, "client", history=COUNT, gap=2_000_000, clock=lambda: NOW)


@pytest.fixture(scope="session")
def recording() -> History:
    if not SAMPLE.exists():
        pytest.skip(f"recorded MainNet data is not part of the project: {SAMPLE} is absent")
    return Recording(SAMPLE)


@pytest.fixture
def generated(ledger, runner) -> Node:
    return Node(ledger, InProcess(create_app(ledger), runner))


@pytest.fixture
def recorded(recording, runner) -> Node:
    return Node(recording, InProcess(create_app(recording), runner))


@dataclass(frozen=True)
class FakeNode:
    """What a node is to its readers, without one."""

    updates: tuple[bytes, ...]
    network: str = NETWORK

    def client(self, **options: Any) -> FakeSource:
        return FakeSource(self.updates, **options)


@pytest.fixture
def fake(generated) -> FakeNode:
    return FakeNode(generated.updates)


@pytest.fixture(params=["generated", "recorded", "fake"])
def node(request) -> Node | FakeNode:
    """The same promises hold for each (`services.ports.UpdateSource`)."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def answering():
    """A client of a node that gives the answers a function gives."""
    return lambda answer, **options: CantonScan(
        SCAN_URL, transport=httpx.MockTransport(answer), **options
    )


@pytest.fixture
def failing(answering):
    """A client whose requests end in an error of httpx."""

    def answer(request: httpx.Request, error: type[httpx.TransportError], said: str):
        raise error(said, request=request)

    return lambda error, said="": answering(partial(answer, error=error, said=said))
