"""A flow run's engine has its imports done, and waits for the word of its watcher."""

import asyncio
import io
import json
import os
from types import SimpleNamespace
from uuid import uuid4

import httpx
import pytest

from flows.execution import engine
from flows.execution.__main__ import debugger
from flows.execution.keep_alive import keep_alive


@pytest.fixture
def ran(monkeypatch):
    """The modules that the engine ran, with the environment variables it had then."""
    found = []
    monkeypatch.setattr(
        engine.runpy, "run_module", lambda name, **_: found.append((name, dict(os.environ)))
    )
    return found


def say(monkeypatch, line):
    monkeypatch.setattr("sys.stdin", io.StringIO(line))
    monkeypatch.setattr("sys.argv", ["flows.execution.engine", "more"])
    monkeypatch.setattr(os, "environ", {"OWN": "1"})


def test_it_runs_with_what_the_watcher_tells(monkeypatch, ran):
    say(monkeypatch, json.dumps({"PREFECT__CONTROL_PORT": "1"}) + "\n")
    engine.main()
    assert ran == [("prefect.engine", {"OWN": "1", "PREFECT__CONTROL_PORT": "1"})]


def test_it_runs_nothing_when_its_watcher_ended(monkeypatch, ran):
    say(monkeypatch, "")
    engine.main()
    assert ran == []


def test_a_flow_that_can_not_be_imported_is_left_for_prefect_to_tell(monkeypatch, ran):
    say(monkeypatch, "{}\n")
    monkeypatch.setattr(engine, "AHEAD", ("no.such.flow",))
    engine.main()
    assert len(ran) == 1


def test_it_waits_for_a_debugger_only_where_it_is_told_to():
    assert debugger({}) == []
    waits = debugger({"FLOW_DEBUG_LISTEN": "0.0.0.0:5678"})
    assert waits[:5] == ["-m", "debugpy", "--listen", "0.0.0.0:5678", "--wait-for-client"]


class Server:
    """A Prefect that fails at the first call, and keeps what it was told."""

    def __init__(self, lease):
        details = SimpleNamespace(deployment_concurrency_lease_id=lease)
        self.run = SimpleNamespace(name="run", state=SimpleNamespace(state_details=details))
        self.told, self._is_well = [], False

    async def read_flow_run(self, _):
        is_well, self._is_well = self._is_well, True
        if not is_well:
            raise httpx.ReadTimeout("busy")
        return self.run

    async def renew_concurrency_lease(self, lease, seconds):
        self.told.append((lease, seconds))
        raise asyncio.CancelledError  # that is enough

    def emit(self, event, resource):
        self.told.append((event, resource["prefect.resource.id"]))


def test_the_watcher_of_a_debugged_run_speaks_for_it_and_outlives_a_busy_server():
    server, run_id, lease = Server("lease"), uuid4(), "lease"
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(keep_alive(server, run_id, server.emit, 0))
    heartbeat = ("prefect.flow-run.heartbeat", f"prefect.flow-run.{run_id}")
    assert server.told == [heartbeat, (lease, 300)]
