"""Checks of the report on a running stack, from what the gate, the engine and Prefect tell."""

import asyncio
import json
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from local.console.files import write_private
from local.stack.checks.here import Here
from local.stack.checks.life import (
    LIFE,
    LONG_LOCK_SECONDS,
    judged_filling,
    judged_lock,
    judged_long_locks,
    judged_services,
    judged_waiting,
    note_disk,
)
from local.stack.deaths import Death, death_line, read_deaths, write_down
from local.stack.engine import ContainerState, Engine
from local.stack.lock import Holder, exclusive
from local.stack.settings import Stack
from tests.inspected import inspected
from tests.programs import put_first

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
GIB = 2**30
DAY = 86400


def container(service, state="running", restarts=0, ended_at=None, *, is_out_of_memory=False):
    name = f"canton-0a1b2c-{service}-1"
    return ContainerState(service, name, state, restarts, is_out_of_memory, ended_at)


def told(findings):
    return [(one.state, one.result, one.type_this) for one in findings]


def test_sixteen_deaths_for_want_of_memory_are_told_though_the_service_runs_again():
    deaths = [
        Death("localstack", NOON - timedelta(minutes=minute), is_killed)
        for minute in range(16)
        for is_killed in (True, False)
    ]
    held = [container("localstack", restarts=16, ended_at=NOON), container("slack")]
    assert told(judged_services(held, deaths, NOON)) == [
        (
            "warn",
            (
                "localstack died 16 times and ran out of memory 16 times within a day, last at"
                " 12:00:00 UTC"
            ),
            (
                "./pipeline logs localstack tells what it did; mem_limit in docker-compose.yml is"
                " what it may have, make up takes it over"
            ),
        )
    ]


def test_a_death_that_only_the_engine_knows_of_is_told_too():
    ended = NOON - timedelta(minutes=3)
    held = [container("postgres", restarts=1, ended_at=ended)]
    (found,) = judged_services(held, [], NOON)
    assert found.result == "postgres died once, last at 11:57:00 UTC"
    killed = [container("slack", "exited", 0, ended, is_out_of_memory=True)]
    (found,) = judged_services(killed, [], NOON)
    assert found.result == "slack ran out of memory once within a day, last at 11:57:00 UTC"


def test_what_the_engine_counts_over_weeks_is_not_told_as_of_one_day():
    ended = NOON - timedelta(minutes=3)
    held = [container("postgres", restarts=40, ended_at=ended)]
    (found,) = judged_services(held, [], NOON)
    assert found.result == "postgres died 40 times, last at 11:57:00 UTC"
    (found,) = judged_services(held, [Death("postgres", ended, is_out_of_memory=False)], NOON)
    assert found.result == "postgres died once within a day, last at 11:57:00 UTC"


def test_a_flow_run_that_ran_out_of_memory_is_told_with_the_setting_of_its_own():
    (found,) = judged_services([], [Death("flow-run", NOON, is_out_of_memory=True)], NOON)
    assert found.result == "flow-run ran out of memory once within a day, last at 12:00:00 UTC"
    assert found.type_this.startswith("make up FLOW_MEMORY=…")


def test_a_paused_service_is_told_whatever_its_last_health_was():
    assert told(judged_services([container("snowflake", "paused")], [], NOON)) == [
        ("warn", "snowflake is paused", "make up lets it go on")
    ]


def test_deaths_of_yesterday_are_history():
    old = NOON - timedelta(hours=25)
    held = [container("localstack", restarts=3, ended_at=old, is_out_of_memory=True)]
    deaths = [Death("localstack", old, is_out_of_memory=True)]
    assert [one.state for one in judged_services(held, deaths, NOON)] == ["ok"]


@pytest.mark.parametrize(
    ("noted", "say"),
    [
        pytest.param(
            [(0, 50 * GIB), (DAY / 2, 45 * GIB)],
            "/srv is full in 4.5 days at the rate of the last 12 hours (10.0 GiB a day)",
            id="within-a-week",
        ),
        pytest.param(
            [(0, 50 * GIB), (5 * DAY, 25 * GIB)],
            "/srv is full in 5.0 days at the rate of the last 120 hours (5.0 GiB a day)",
            id="looked-at-five-days-ago",
        ),
        pytest.param(
            [(0, 50 * GIB), (5 * DAY, 50 * GIB), (6 * DAY, 40 * GIB)],
            "/srv is full in 4.0 days at the rate of the last 24 hours (10.0 GiB a day)",
            id="since-yesterday",
        ),
        pytest.param([(0, 50 * GIB), (DAY / 2, 49 * GIB)], None, id="later"),
        pytest.param([(0, 50 * GIB), (DAY / 2, 51 * GIB)], None, id="emptier"),
        pytest.param([(0, 50 * GIB), (3599, 1 * GIB)], None, id="too-short-to-tell"),
        pytest.param([(0, 50 * GIB)], None, id="looked-at-once"),
    ],
)
def test_a_disk_that_fills_within_a_week_is_told(noted, say):
    found = judged_filling(Path("/srv"), noted)
    assert (found.state, found.result) == ("warn", say) if say else found.state == "ok"


def test_the_disk_is_noted_for_eight_days_and_not_at_every_look(tmp_path):
    file = tmp_path / ".stack" / "disk.json"
    for now in (0, 60, 600, 1200):
        note_disk(tmp_path, now, file)
    assert [at for at, _ in json.loads(file.read_text())] == [0, 600, 1200]
    later = 8 * DAY + 601
    assert [at for at, _ in note_disk(tmp_path, later, file)] == [1200, later]


def test_a_command_that_holds_the_stack_for_long_is_told_with_how_to_end_it():
    held = Holder("up", 4711, 1000.0)
    found = judged_lock(held, 1900.0)
    assert found is not None
    assert found.type_this == "kill 4711 ends it, then make up"
    assert judged_lock(held, 1899.0) is None
    assert judged_lock(None, 1900.0) is None


DOCKER = f"""#!/bin/sh
case "$1 $2" in
"container ls") echo 0123456789ab ;;
inspect*) echo '{json.dumps([inspected("p-slack-1", "slack")])}' ;;
esac
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A stack with one service, on an engine whose data lies in the same folder."""
    monkeypatch.chdir(tmp_path)
    put_first(monkeypatch, tmp_path / "bin", "docker", DOCKER)
    return Here(Stack({"COMPOSE_PROJECT": "p"}), Engine(4 * GIB, str(tmp_path)))


def looked_at(here):
    return [(one.what, one.state) for check in LIFE for one in check(here)]


def test_a_stack_that_fares_well_is_told_to(here):
    assert looked_at(here) == [("services", "ok"), ("disk growth", "ok")]


def test_a_filling_disk_is_among_what_is_looked_at(here):
    free = shutil.disk_usage(here.engine.folder).free
    write_private(Path(".stack/disk.json"), json.dumps([[here.clock() - DAY, 2 * free]]))
    assert ("disk growth", "warn") in looked_at(here)


def test_a_command_at_work_for_long_is_among_what_is_looked_at(here):
    with exclusive("up"):
        assert ("lock", "warn") not in looked_at(here)
        later = replace(here, clock=lambda: time.time() + LONG_LOCK_SECONDS)
        assert ("lock", "warn") in looked_at(later)


def lock(table, transaction, minutes, status="HOLDING"):
    began = (NOON - timedelta(minutes=minutes)).replace(tzinfo=None)
    return {
        "resource": table,
        "transaction": transaction,
        "transaction_started_on": began,
        "status": status,
    }


def test_a_transaction_that_holds_locks_for_long_is_told_once_with_how_to_end_it():
    rows = [
        lock("CANTON.OPS.CDC_WATERMARKS", 7, 14),
        lock("CANTON.OPS.BATCHES", 7, 14),
        lock("CANTON.OPS.CDC_WATERMARKS", 8, 12, "WAITING"),
        lock("CANTON.GOLD.PRICES", 9, 9),
    ]
    assert told(judged_long_locks(rows, NOON)) == [
        (
            "warn",
            "a transaction has locked CANTON.OPS.BATCHES, CANTON.OPS.CDC_WATERMARKS for 14 minutes",
            "make sql Q='select system$abort_transaction(7)' rolls it back",
        )
    ]
    assert [one.state for one in judged_long_locks(rows[2:], NOON)] == ["ok"]


def test_runs_that_wait_are_counted_and_the_oldest_is_named():
    for count, runs in ((250, "250 runs have"), (1, "a run has")):
        found = judged_waiting(count, "sly-fox", "2026-11-28T11:20:00+00:00")
        say = f"{runs} waited for more than 5 minutes, sly-fox since 11:20:00 UTC"
        assert (found.state, found.result) == ("warn", say)


def event(kind, service="localstack", container="a", **about):
    attributes = {"com.docker.compose.service": service, **about}
    actor = {"ID": container, "Attributes": attributes}
    return {"Action": kind, "Actor": actor, "time": int(NOON.timestamp())}


UNLABELLED = {**event("oom"), "Actor": {"ID": "a", "Attributes": {}}}
DIED = "2026-11-28T12:00:00Z localstack: died"


@pytest.mark.parametrize(
    ("events", "lines"),
    [
        pytest.param([event("die", exitCode="137")], [DIED], id="died"),
        pytest.param(
            [event("oom"), event("die", exitCode="137")],
            ["2026-11-28T12:00:00Z localstack: out of memory", DIED],
            id="out-of-memory",
        ),
        pytest.param(
            [event("kill", signal="15"), event("die", exitCode="137")], [], id="was-stopped"
        ),
        pytest.param(
            [event("kill", signal="15"), *[event("die", exitCode="1")] * 2],
            [DIED],
            id="died-after-it-was-stopped-once",
        ),
        pytest.param(
            [event("kill", signal="1"), event("die", exitCode="1")], [DIED], id="was-told-something"
        ),
        pytest.param(
            [event("kill", signal="9", container="b"), event("die", exitCode="1")],
            [DIED],
            id="another-was-stopped",
        ),
        pytest.param([UNLABELLED], ["2026-11-28T12:00:00Z ?: out of memory"], id="no-label"),
        pytest.param([event("die", exitCode="0")], [], id="a-job-is-done"),
        pytest.param([event("die", "flow-run", exitCode="1")], [], id="a-flow-failed"),
        pytest.param(
            [event("oom", "flow-run")],
            ["2026-11-28T12:00:00Z flow-run: out of memory"],
            id="a-flow-run-out-of-memory",
        ),
    ],
)
def test_the_gate_tells_deaths_that_nobody_asked_for(events, lines):
    stopped = set()
    assert [line for one in events if (line := death_line(one, stopped))] == lines


def test_what_the_gate_writes_down_is_what_is_read(capsys):
    """Also after the engine was away, from where it had come to."""
    asked, enough = [], asyncio.Event()

    async def engine(request):
        asked.append(request.url.params["since"])
        if len(asked) == 2:
            raise httpx.ConnectError("restarting")
        if len(asked) == 3:
            return httpx.Response(503, text='{"message": "shutting down"}')
        if len(asked) == 5:
            enough.set()
            await asyncio.Event().wait()
        return httpx.Response(200, text=json.dumps(event("oom")) + "\n")

    async def play():
        transport = httpx.MockTransport(engine)
        async with httpx.AsyncClient(transport=transport, base_url="http://docker") as docker:
            writing = asyncio.create_task(write_down("p", docker, again_seconds=0))
            await enough.wait()
            writing.cancel()

    asyncio.run(play())
    assert asked[1:] == [f"{NOON.timestamp() + 1:.0f}"] * 4
    printed = ["refused GET '/x'", *capsys.readouterr().out.splitlines()]
    assert list(read_deaths(printed)) == [Death("localstack", NOON, is_out_of_memory=True)] * 2
