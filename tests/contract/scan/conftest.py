"""The Scan mock over a generated ledger whose clock stands still, and over recorded updates."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mocks.canton_scan.clock import SECOND
from mocks.canton_scan.history import History
from mocks.canton_scan.ledger import Ledger, open_ledger
from mocks.canton_scan.replay import Recording
from tests.contract.scan.openapi import Schema
from tests.contract.scan.scan_api import Api, StoppedClock

_PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@pytest.fixture(scope="session")
def over(runner: asyncio.Runner) -> Callable[[History], Api]:
    """The API over any history."""
    return lambda history: Api(history, runner)


@pytest.fixture(scope="session")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    state = tmp_path_factory.mktemp("ledger") / "state.json"
    return open_ledger(state, "pinned", history=3_000, gap=500_000, clock=StoppedClock())


@pytest.fixture(scope="session")
def day_long(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A day and more until noon: 900 updates of migration 3 until 21:14, then migration 4."""
    state = tmp_path_factory.mktemp("long") / "state.json"
    gap = 76 * SECOND // 3
    return open_ledger(state, "long", history=3_000, gap=gap, clock=StoppedClock())


@pytest.fixture(scope="session")
def generated(ledger: Ledger, over: Callable[[History], Api]) -> Api:
    return over(ledger)


@pytest.fixture(scope="session")
def updates(generated: Api) -> list[dict[str, Any]]:
    """All updates of the generated ledger."""
    return list(generated.walk(1000))


@pytest.fixture(scope="session")
def events(generated: Api) -> list[dict[str, Any]]:
    """All events of the generated ledger."""
    return list(generated.walk(1000, of="/v0/events"))


@pytest.fixture(scope="session")
def recording() -> Path:
    return _shared("mainnet-updates-sample.json")


@pytest.fixture(scope="session")
def recorded(recording: Path, over: Callable[[History], Api]) -> Api:
    return over(Recording(recording))


@pytest.fixture(scope="session")
def recorded_updates(recording: Path) -> list[dict[str, Any]]:
    return json.loads(recording.read_text())["transactions"]


@pytest.fixture(scope="session")
def own_schema() -> Schema:
    return yaml.safe_load((_PROJECT / "mocks" / "canton_scan" / "openapi.yaml").read_text())


@pytest.fixture(scope="session")
def as_served_schema() -> Schema:
    return yaml.safe_load(_shared("scan-as-served.openapi.yaml").read_text())


@pytest.fixture(scope="session", params=["generated", "recorded"])
def api(request: pytest.FixtureRequest) -> Api:
    """The same promises hold for a generated ledger and for recorded updates."""
    return request.getfixturevalue(request.param)


def _shared(name: str) -> Path:
    path = _PROJECT.parent / "shared" / "canton" / name
    if not path.exists():
        pytest.skip(f"needs {path}: recorded MainNet data is not part of the project")
    return path


@pytest.fixture(scope="session")
def long(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A ledger from 15:03 until noon the next day: migration 3 up to 21:21, then migration 4."""
    state = tmp_path_factory.mktemp("long") / "state.json"
    return open_ledger(state, "long", history=1_000, gap=76 * SECOND, clock=StoppedClock())
