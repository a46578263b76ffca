"""Checks of a stack's life, with a warehouse and a Prefect that really answer."""

import gc
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from prefect.client.base import PrefectHttpxSyncClient

from local.stack.checks.here import Here
from local.stack.checks.life import LIFE, LONG_TRANSACTION, LONG_WAITED
from local.stack.engine import Engine
from local.stack.settings import Stack, plan_stack
from services.adapters.snowflake import Warehouse
from tests.inspected import inspected
from tests.integration.local_world import LocalWorld
from tests.programs import put_first

# A command leaves its connections to the end of its process.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
RUNNING = json.dumps([inspected(f"p-{name}-1", name) for name in ("snowflake", "prefect-server")])
DOCKER = f"""#!/bin/sh
case "$1 $2" in
"container ls") echo 0123456789ab ;;
inspect*) echo '{RUNNING}' ;;
esac
"""


@pytest.fixture(scope="module")
def warehouse(world: LocalWorld) -> Warehouse:
    """A database of these tests' own."""
    return world.new_database("LOCKED")


@pytest.fixture
def stack(
    world: LocalWorld,
    warehouse: Warehouse,  # whose files are found from the folder that tests begin in
    prefect_server: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stack]:
    """A stack whose services are the world's; `docker` is a script that says they run."""
    put_first(monkeypatch, tmp_path / "bin", "docker", DOCKER)
    monkeypatch.chdir(tmp_path)
    yield Stack({**plan_stack({}).values, **world.stack_values()})
    gc.collect()


@pytest.fixture
def here(stack: Stack) -> Here:
    return Here(stack, Engine(2**32, "/nowhere"))


@pytest.fixture
def prefect(stack: Stack) -> Iterator[httpx.Client]:
    # Asks again where the server answers 503, as runs do: its SQLite was locked.
    with PrefectHttpxSyncClient(base_url=f"{stack.url('prefect')}/api", timeout=30) as client:
        yield client


def looked_at(here: Here) -> dict[str, str]:
    return {one.what: f"{one.state}: {one.result}" for check in LIFE for one in check(here)}


def later(here: Here, seconds: float) -> Here:
    return replace(here, clock=lambda: time.time() + seconds)


def test_a_transaction_that_holds_a_lock_is_among_what_is_looked_at(
    here: Here, warehouse: Warehouse
) -> None:
    assert looked_at(here)["locks"] == "ok: none is held for long"
    with warehouse.session() as session:
        session.execute("begin")
        session.execute("update ops.usd_rates set usd_rate = 1")
        try:
            assert looked_at(here)["locks"] == "ok: none is held for long"
            found = looked_at(later(here, LONG_TRANSACTION.total_seconds() + 60))["locks"]
        finally:
            session.execute("rollback")
    assert found == "warn: a transaction has locked LOCKED.OPS.USD_RATES for 11 minutes"


def test_runs_that_wait_are_among_what_is_looked_at(here: Here, prefect: httpx.Client) -> None:
    flow = prefect.post("/flows/", json={"name": "waits"}).raise_for_status().json()
    waits = {"flow_id": flow["id"], "state": {"type": "SCHEDULED"}}
    made = [
        prefect.post("/flow_runs/", json={**waits, "name": name}).raise_for_status().json()
        for name in ("odd-owl", "sly-fox")
    ]
    try:
        assert looked_at(here)["runs"] == "ok: none waits for long"
        found = looked_at(later(here, LONG_WAITED.total_seconds() + 60))["runs"]
    finally:
        for run in made:
            prefect.delete(f"/flow_runs/{run['id']}").raise_for_status()
    assert found.startswith("warn: 2 runs have waited for more than 5 minutes, odd-owl since ")
