"""The client against the mock in process: over a generated ledger, and over recorded updates.

Several nodes read as one, and the fake source of unit tests, go through the same tests.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from mocks.canton_scan.app import create_app
from mocks.canton_scan.history import History
from mocks.canton_scan.ledger import open_ledger
from mocks.canton_scan.replay import Recording
from services.accept import network_of
from services.adapters.canton_scan import CantonScan
from services.adapters.scan_nodes import ScanNodes
from tests.contract.scan_client.nodes import Fault, InProcess, Known, ScriptedNode
from tests.fakes import FakeSource
from tests.updates import NETWORK, SCAN_URL

SAMPLE = Path(__file__).parents[4] / "shared" / "canton" / "mainnet-updates-sample.json"
NOW = 1_765_384_000_000_000  # microseconds; the generated ledger ends here
COUNT = 300


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
    """A stand-in for a node: its updates, network and clients, with no Scan behind it."""

    updates: tuple[bytes, ...]
    network: str = NETWORK

    def client(self, **options: Any) -> FakeSource:
        return FakeSource(self.updates, **options)


@pytest.fixture
def fake(generated) -> FakeNode:
    return FakeNode(generated.updates)


class SeveralNodes(Node):
    """Two Scans with the same history."""

    def client(self, *, page_size: int = 1000) -> ScanNodes:
        others = CantonScan("https://other.example/api/scan", transport=self.transport)
        return ScanNodes([super().client(), others], page_size=page_size)


@pytest.fixture
def several(generated) -> SeveralNodes:
    return SeveralNodes(generated.history, generated.transport)


@pytest.fixture(params=["generated", "recorded", "several", "fake"])
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


@pytest.fixture(scope="session")
def lines(ledger) -> tuple[bytes, ...]:
    """The generated ledger's updates."""
    return tuple(ledger.page(None, COUNT))


@dataclass
class Scans:
    """Several nodes of one history, and one client of all of them that waits for nothing."""

    dso_party_id: str
    lines: tuple[bytes, ...]
    runner: asyncio.Runner
    nodes: list[ScriptedNode] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    def add(
        self, *faults: Fault | None, visible: int = COUNT, dso: str | None = None
    ) -> ScriptedNode:
        """One node more; each has a letter for a name."""
        name = "abcdef"[len(self.nodes)]
        history = Known(dso or self.dso_party_id, self.lines[:visible])
        self.nodes.append(ScriptedNode(name, history, self.runner, faults))
        return self.nodes[-1]

    def client(self, page_size: int = 100) -> ScanNodes:
        nodes = [node.client() for node in self.nodes]
        return ScanNodes(nodes, page_size=page_size, wait=self.waited.append, chance=lambda: 0.5)


@pytest.fixture
def scans(ledger, lines, runner) -> Scans:
    """No nodes yet."""
    return Scans(ledger.dso_party_id, lines, runner)
