"""Checks of what a report reads from Prefect's database when its server isn't up."""

import sqlite3
from contextlib import closing

import pytest

from local.console.errors import CommandFailed
from local.support.runs import newest_log, newest_runs

# The columns that are asked for, as Prefect has them; tests/integration reads a real one.
TABLES = """
    create table flow (id, name);
    create table flow_run (id, flow_id, name, state_id, state_name, start_time, end_time, run_count,
        parameters, created);
    create table flow_run_state (id, message);
    create table log (timestamp, name, message);
    insert into flow values ('f', 'bronze');
    insert into flow_run values ('1', 'f', 'older', null, 'Running', null, null, 1, '{}', 1),
        ('2', 'f', 'newer', 's', 'Failed', null, null, 2, '{}', 2);
    insert into flow_run_state values ('s', 'SourceUnavailable: 503');
    insert into log values (2, 'prefect.flow_runs', 'second'), (1, 'prefect.flow_runs', 'first');
"""


@pytest.fixture
def database(tmp_path):
    with closing(sqlite3.connect(tmp_path / "prefect.db")) as made:
        made.executescript(TABLES)
    return tmp_path / "prefect.db"


def test_runs_are_told_newest_first_with_what_was_said_at_their_end(database):
    newer, older = newest_runs(database, 50)
    assert (newer["name"], newer["flow"], newer["state_name"]) == ("newer", "bronze", "Failed")
    assert (newer["message"], older["message"]) == ("SourceUnavailable: 503", None)
    assert [run["name"] for run in newest_runs(database, 1)] == ["newer"]


def test_the_log_is_told_oldest_first(database):
    assert newest_log(database, 50).splitlines() == [
        "1 prefect.flow_runs | first",
        "2 prefect.flow_runs | second",
    ]
    assert newest_log(database, 1) == "2 prefect.flow_runs | second"


def test_a_file_that_is_no_database_is_told(tmp_path):
    broken = tmp_path / "prefect.db"
    broken.write_bytes(b"no database" * 100)
    with pytest.raises(CommandFailed, match=r"prefect\.db can't be read \(file is not a database"):
        newest_runs(broken, 50)
