"""Run history travels without the blocks, which hold secrets."""

import sqlite3
from contextlib import closing

import pytest

from local.snapshots import history


@pytest.fixture
def database(tmp_path):
    file = tmp_path / "prefect.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("pragma journal_mode = wal")
        for table in ("flow_run", "block_document", "configuration"):
            connection.execute(f"create table {table} (data text)")
            connection.execute(f"insert into {table} values ('{table} content')")
        connection.execute("create table concurrency_limit_v2 (active_slots int)")
        connection.execute("insert into concurrency_limit_v2 values (2)")
        connection.commit()
        yield file  # while somebody has it open


def test_runs_are_kept_and_secrets_are_not_anywhere_in_the_file(database, tmp_path):
    copy = tmp_path / "copy.db"
    history.copy_sqlite(database, copy)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("select * from flow_run").fetchall() == [("flow_run content",)]
        assert connection.execute("select * from block_document").fetchall() == []
    assert b"block_document content" not in copy.read_bytes()
    assert b"configuration content" not in copy.read_bytes()


def test_no_slot_is_held_by_a_run_that_is_gone(database, tmp_path):
    copy = tmp_path / "copy.db"
    history.copy_sqlite(database, copy)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("select * from concurrency_limit_v2").fetchall() == [(0,)]


def test_a_file_that_is_no_database_is_told(tmp_path):
    file = tmp_path / "prefect.db"
    file.write_bytes(b"no database" * 100)
    with pytest.raises(history.CommandFailed, match=r"prefect\.db can't be read"):
        history.copy_sqlite(file, tmp_path / "copy.db")
