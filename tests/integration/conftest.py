"""The outside world starts once a session; each test has a network of its own."""

import asyncio
import gc
import os
import re
import ssl
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from prefect import Flow, Task
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events.worker import EventsWorker
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_HOME,
    PREFECT_LOGGING_TO_API_ENABLED,
    PREFECT_UI_URL,
    temporary_settings,
)
from starlette.types import ASGIApp

from deployments.blocks import ensure_blocks
from flows import (
    audit_raw,
    backfill_transactions,
    bronze_transactions,
    consume,
    gold_transactions,
    steps,
)
from flows.alert_book import AlertBook
from flows.alerts import opened_book
from local.console.local_settings import BUCKET
from mocks.canton_scan.app import create_app
from mocks.canton_scan.history import History
from mocks.canton_scan.ledger import Ledger, open_ledger
from services.adapters.canton_scan import CantonScan
from services.settings import SECTIONS, read_settings
from services.wiring import open_services
from tests.integration.local_world import LocalWorld, start_world
from tests.integration.pipeline import Pipeline, open_pipeline
from tests.integration.scans import ScanHost, Updates
from tests.updates import party

_databases = count(1)
NOW = 1_765_384_000_000_000  # microseconds; generated ledgers end here, 2025-12-10T16:26:40Z
GAP = 500_000  # microseconds between two updates on average
# What is wrong, why, since when, how bad that is, what to type, whether there is more, and a link.
ALERT = re.compile(
    r":x: \*.+\* .+\n(.+\n)*since: .+ UTC\nhow bad: .+\n"
    r"type: `.+`; docs/runbook\.md#[a-z]+ tells what then\n(.+\n)?see: .+"
)
FOREIGN = ("AWS_", *(f"{section.upper()}_" for section in SECTIONS))


@pytest.fixture(scope="session")
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalWorld]:
    """S3, the warehouse with its tables, and Slack."""
    with start_world(tmp_path_factory.mktemp("world")) as started:
        if any("prefect_server" in item.fixturenames for item in request.session.items):
            started.start_prefect()  # ready by the time that a flow needs it
        yield started


@pytest.fixture(scope="session", autouse=True)
def certificates() -> Iterator[None]:
    """Read once: Prefect makes a client for each task, which takes a tenth of a second for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session")
def prefect_server(world: LocalWorld) -> Iterator[None]:
    """Flows of this process report to a server of the session's own."""
    world.children.wait_ready(world.start_prefect())
    settings = {
        PREFECT_API_URL: world.environment["PREFECT_API_URL"],
        PREFECT_UI_URL: world.environment["PREFECT_UI_URL"],
        PREFECT_HOME: world.environment["PREFECT_HOME"],
        PREFECT_LOGGING_TO_API_ENABLED: False,  # its thread outlives the server, and waits for it
    }
    with temporary_settings(settings):
        yield
        EventsWorker.drain_all()


@pytest.fixture(scope="session")
def scan_host() -> Iterator[ScanHost]:
    """Serves all Scans."""
    with ScanHost() as host:
        yield host


@dataclass
class Clock:
    """The mock ledger's clock, which stands still until a test moves it; microseconds."""

    now: int = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Callable[..., Ledger]:
    """Makes the generated ledger of a network that only this test has."""

    def make(history: int, seed: str = request.node.nodeid, gap: int = GAP) -> Ledger:
        return open_ledger(tmp_path / "ledger.json", seed, history=history, gap=gap, clock=clock)

    return make


def dso_of(name: str) -> str:
    """The DSO party of a network with a name."""
    return f"DSO::{party(name).rpartition('::')[2]}"


@pytest.fixture
def scan(request: pytest.FixtureRequest) -> Updates:
    """A Scan of a network that only this test has, for updates built by hand."""
    return Updates(dso_of(request.node.nodeid))


Change = Callable[..., None]


def use_world(patch: pytest.MonkeyPatch, world: LocalWorld) -> Change:
    """Put the world's settings into the environment; what is returned does so with some changed."""
    own = {name: value for name, value in world.environment.items() if name.startswith(FOREIGN)}

    def change(**settings: str) -> None:
        close_services()
        wanted = {**own, **settings}
        for name in [name for name in os.environ if name.startswith(FOREIGN)]:
            if name not in wanted:
                patch.delenv(name)
        for name, value in wanted.items():
            patch.setenv(name, value)

    change()
    return change


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, world: LocalWorld) -> Change:
    """The world's settings in the environment; a call changes some of them."""
    return use_world(monkeypatch, world)


@pytest.fixture
def database(world: LocalWorld) -> str:
    """The name of a database that only this test has."""
    name = f"TEST_{next(_databases)}"
    world.new_database(name)
    return name


@pytest.fixture
def inbox(world: LocalWorld) -> Callable[[], list[str]]:
    """A function that returns the messages sent to Slack since the test began."""
    seen = len(world.slack_messages())
    return lambda: [message["text"] for message in world.slack_messages(after=seen)]


@pytest.fixture
def slack(inbox: Callable[[], list[str]]) -> Callable[[], list[str]]:
    """The inbox, where each alert says since when, how bad it is, what to type, and has a link."""

    def read() -> list[str]:
        found = inbox()
        assert [one for one in found if one.startswith(":x:") and not ALERT.fullmatch(one)] == []
        return found

    return read


@pytest.fixture
def bucket(environment: Change) -> "Bucket":
    """The landing bucket, past the pipeline."""
    return Bucket(boto3.client("s3"))


@dataclass(frozen=True)
class Bucket:
    """The landing bucket's content, and a way to change it that the pipeline does not have."""

    s3: Any

    def keys(self, network: str) -> list[str]:
        """The landed objects of a network."""
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"canton/{network}/")
        return [one["Key"] for one in found.get("Contents", [])]

    def read(self, key: str) -> bytes:
        """An object's bytes."""
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def overwrite(self, key: str, content: bytes) -> None:
        """Put other bytes there; the metadata stays."""
        metadata = self.s3.head_object(Bucket=BUCKET, Key=key)["Metadata"]
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=content, Metadata=metadata)


Open = Callable[..., Pipeline]


@contextmanager
def opening(change: Change, scan_host: ScanHost) -> Generator[Open]:
    """Opens pipelines, and gives their connections back."""
    opened: list[Pipeline] = []

    def open_on(scan: History | ASGIApp, **settings: str) -> Pipeline:
        url = scan_host.serve(scan if callable(scan) else create_app(scan))
        with CantonScan(url) as node:
            network = node.network()
        change(**{"CANTON_BASE_URL": url, "CANTON_NETWORK": network, **settings})
        opened.append(open_pipeline(read_settings()))
        return opened[-1]

    yield open_on
    for one in opened:
        one.close()


@pytest.fixture
def pipeline(environment: Change, scan_host: ScanHost) -> Iterator[Open]:
    """Opens the pipeline of a Scan's network, which the environment then leads to as well."""
    with opening(environment, scan_host) as open_on:
        yield open_on


@pytest.fixture(scope="module")
def module_pipeline(world: LocalWorld, scan_host: ScanHost) -> Iterator[Open]:
    """The same, for what several tests of a module look at."""
    with (
        pytest.MonkeyPatch.context() as patch,
        opening(use_world(patch, world), scan_host) as open_on,
    ):
        yield open_on


@pytest.fixture
def alert_book(
    prefect_server: None,
    environment: Change,
) -> Iterator[AlertBook]:
    """The alerts that Prefect's server holds as told: none yet."""
    with opened_book() as book, get_client(sync_client=True) as client:
        for one in book.open_alerts():
            client.delete_variable_by_name(one.variable)
        yield book


@pytest.fixture
def client(alert_book: AlertBook, world: LocalWorld) -> Iterator[SyncPrefectClient]:
    """The server with the block that automations call, and without the runs of other tests."""
    with get_client(sync_client=True) as opened:
        ensure_blocks({}, world.environment["SLACK_WEBHOOK_URL"])
        while found := opened.read_flow_runs():
            for one in found:
                opened.delete_flow_run(one.id)
        yield opened


@pytest.fixture
def run_flow(
    alert_book: AlertBook,
    environment: Change,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., Any]]:
    """Runs a flow in this process, with the settings of the environment and without delays."""
    # Prefect leaves the connections of some of its clients to the garbage collector.
    warnings.filterwarnings("ignore", "unclosed", ResourceWarning)
    for step in STEPS:
        monkeypatch.setattr(step, "retry_delay_seconds", 0)

    def run(flow: Flow[..., Any], **parameters: object) -> Any:
        return asyncio.run(flow(**parameters))

    yield run
    close_services()
    gc.collect()


STEPS = [
    step
    for module in (
        audit_raw, backfill_transactions, bronze_transactions, consume, gold_transactions, steps,
    )
    for step in vars(module).values()
    if isinstance(step, Task)
]  # fmt: skip


def close_services() -> None:
    """Forget the services that flows have opened."""
    if open_services.cache_info().currsize:
        opened = open_services()
        opened.source.close()
        opened.landing.close()
    open_services.cache_clear()
