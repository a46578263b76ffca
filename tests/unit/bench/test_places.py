"""The places that `./pipeline bench-month` lets grow."""

import sqlite3
from contextlib import closing

import pytest

from tools.bench.month import selected_place
from tools.bench.places import bytes_below, older, sample_of_state


def test_a_place_that_is_none_is_refused():
    with pytest.raises(SystemExit, match="AT=cloud: expected stack or embedded"):
        selected_place("cloud")


@pytest.fixture
def state(tmp_path):
    """A network's folder with a run that ended, one that didn't, and what was told of them."""
    (tmp_path / "prefect").mkdir()
    with closing(sqlite3.connect(tmp_path / "prefect" / "prefect.db")) as database, database:
        for table in ("task_run", "log", "artifact"):
            database.execute(f"create table {table} (id text)")
        database.execute("create table flow_run (end_time text)")
        database.execute("insert into flow_run values ('2026-11-28 12:00:00.000000'), (null)")
        for table in ("events", "event_resources"):
            database.execute(f"create table {table} (occurred text)")
            database.execute(f"insert into {table} values ('2026-11-28 12:00:00.000000')")
    return tmp_path


def test_a_day_passes_for_all_that_ended_or_occurred(state):
    with closing(sqlite3.connect(state / "prefect" / "prefect.db")) as database:
        database.executescript(older("datetime({column}, '-1 days')"))
        times = [
            database.execute(f"select {column} from {table}").fetchall()
            for table, column in (
                ("flow_run", "end_time"), ("events", "occurred"), ("event_resources", "occurred"),
            )
        ]  # fmt: skip
    yesterday = ("2026-11-27 12:00:00",)
    assert times == [[yesterday, (None,)], [yesterday], [yesterday]]


def test_a_state_is_sampled_by_its_folders_and_by_prefects_tables(state):
    (state / "s3" / "bucket").mkdir(parents=True)
    (state / "s3" / "bucket" / "page").write_bytes(b"x" * 900)
    (state / "scan.json").write_bytes(b"x" * 50)
    found = sample_of_state(state, runs=3, updates=1_000, memory={"s3": 50e6})
    prefect = bytes_below(state / "prefect")
    assert found.disk == {
        "s3": 900, "snowflake": 0, "prefect": prefect, "logs": 0, "scan.json": 50, "slack.jsonl": 0,
    }  # fmt: skip
    assert prefect > 0
    assert found.rows == {
        "flow_run": 2, "task_run": 0, "log": 0, "artifact": 0, "events": 1, "event_resources": 1,
    }  # fmt: skip
    assert (found.runs, found.updates, found.memory, found.deaths) == (3, 1_000, {"s3": 50e6}, {})
