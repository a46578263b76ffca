"""Prefect's server deletes what has ended long ago, and nothing else."""

import sqlite3
from contextlib import closing, contextmanager

import pytest
from prefect.client.base import PrefectHttpxSyncClient

from local.embedded import world
from local.embedded.children import Children
from local.embedded.state import StateFolder
from local.support.runs import database_of
from tests.clone import until

KEEP_DAYS = 2
OLD, YOUNG = f"-{KEEP_DAYS + 1} days", f"-{KEEP_DAYS - 1} days"
# By table, which rows are of a flow run; those of events by what they tell of.
OF_A_RUN = {
    "flow_run": "name = ?1",
    "flow_run_state": "flow_run_id in (select id from flow_run where name = ?1)",
    "task_run": "flow_run_id in (select id from flow_run where name = ?1)",
    "log": "message = ?1",
    "artifact": "key = ?1",
    "events": "json_extract(resource, '$.\"prefect.resource.name\"') = ?1",
}


@pytest.fixture
def server(tmp_path):
    """Starts the server on the same database, as each `make run` does."""
    state = StateFolder("retention", tmp_path)
    state.prepare()
    ports = world.choose_ports({})

    @contextmanager
    def start():
        with Children(state.path / "logs") as children:
            spec = world.prefect(state, ports, str(KEEP_DAYS))
            children.wait_ready(children.start(spec))
            # Asks again where the server answers 503, as runs do: its SQLite was locked.
            with PrefectHttpxSyncClient(base_url=f"{ports.url('prefect')}/api", timeout=30) as api:
                yield api, database_of(state.path)

    return start


def post(api, path, **content):
    return api.post(path, json=content).json()


def make_run(api, name, *states, parent_task_run_id=None):
    """A flow run with a task, a log line and an artifact; the id of its task run."""
    flow = post(api, "/flows/", name="bronze")["id"]
    run = post(api, "/flow_runs/", flow_id=flow, name=name, parent_task_run_id=parent_task_run_id)
    task = {"flow_run_id": run["id"], "task_key": "land", "dynamic_key": "0", "name": name}
    made = post(api, "/task_runs/", **task, state={"type": "COMPLETED"})
    line = {"flow_run_id": run["id"], "name": "flow", "level": 20, "message": name}
    api.post("/logs/", json=[{**line, "timestamp": "2025-12-10T16:00:00Z"}])
    post(api, "/artifacts/", key=name, type="markdown", data="rows", flow_run_id=run["id"])
    for state in states:
        post(api, f"/flow_runs/{run['id']}/set_state", state={"type": state}, force=True)
    return made["id"]


def counts(database, name):
    with closing(sqlite3.connect(database)) as connection:
        found = {}
        for table, rows in OF_A_RUN.items():
            counted = connection.execute(f"select count(*) from {table} where {rows}", [name])
            (found[table],) = counted.fetchone()
        return found


def age(database, name, how_much):
    """Let all that is told of a run be older."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "update flow_run set end_time = datetime(end_time, ?2) where name = ?1",
            [name, how_much],
        )
        connection.execute(
            f"update events set occurred = datetime(occurred, ?2) where {OF_A_RUN['events']}",
            [name, how_much],
        )


@pytest.mark.timeout(300)
def test_what_ended_long_ago_is_deleted_and_what_did_not_end_or_just_crashed_stays(server):
    ages = {"old": OLD, "old-within": OLD, "crashed": YOUNG, "unfinished": OLD}
    with server() as (api, database):
        task = make_run(api, "old", "RUNNING", "COMPLETED")
        make_run(api, "old-within", "RUNNING", "COMPLETED", parent_task_run_id=task)
        make_run(api, "crashed", "RUNNING", "CRASHED")
        make_run(api, "unfinished", "RUNNING")
        until(lambda: all(min(counts(database, name).values()) for name in ages), "all is told", 30)
    before = {name: counts(database, name) for name in ages}
    for name, how_much in ages.items():
        age(database, name, how_much)
    with server() as (_, database):
        until(lambda: not any(counts(database, "old-within").values()), "the old is gone", 30)
        until(lambda: not any(counts(database, "old").values()), "the old is gone", 30)
        assert counts(database, "crashed") == before["crashed"]
        unfinished = {**counts(database, "unfinished"), "events": before["unfinished"]["events"]}
        assert unfinished == before["unfinished"]
