"""Streams, by themselves and in an engine of their own."""

from pathlib import Path

import duckdb
import pytest

from mocks.snowflake.continuous.changes import Log
from mocks.snowflake.errors import StatementFailed
from mocks.snowflake.storage import Folder
from mocks.snowflake.warehouse import Limits, Warehouse


def test_logs_of_streams_whose_names_have_dots_are_apart() -> None:
    duck = duckdb.connect()
    duck.execute("CREATE SCHEMA _fs_information_schema; CREATE TABLE t AS SELECT 1 AS i")
    table = ("memory", "main", "t")
    full, empty = (
        Log(duck, path, table, is_append_only=False)
        for path in (("memory", "A.B", "C"), ("memory", "A", "B.C"))
    )
    full.create(with_rows=True)
    empty.create(with_rows=False)

    assert [len(log.statements()) for log in (full, empty)] == [1, 0]


def test_a_stream_stays_in_its_database(tmp_path: Path) -> None:
    warehouse = Warehouse(Folder(tmp_path), Limits("100MB"))
    run = warehouse.connect().cursor().run
    for text in (
        "create database d", "create table taken (i int)",
        "create database e", "create table t (i int)", "create stream s on table t",
        "insert into t values (1)",
    ):  # fmt: skip
        run(text)
    for text in ("create stream x on table d.public.taken",
                 "insert into d.public.taken select i from s"):  # fmt: skip
        with pytest.raises(StatementFailed, match=r"(?s)^000002.*another database"):
            run(text)

    assert run("select i from s").rowcount == 1
    assert run("select i from d.public.taken").rowcount == 0
    warehouse.close()


def test_a_schema_goes_with_what_hangs_on_it_or_stays(tmp_path: Path) -> None:
    warehouse = Warehouse(Folder(tmp_path), Limits("100MB"))
    run, other = warehouse.connect().cursor().run, warehouse.duck_conn.cursor()
    run("create database d")
    run("create schema d.s")
    for text in ("create or replace schema d.s", "drop schema d.s"):
        for made in ("create table d.s.t as select 1 as i", "create stream d.s.c on table d.s.t",
                     "create task d.s.k as select 1"):  # fmt: skip
            run(made)
        other.execute("BEGIN; DELETE FROM d._fs_information_schema._local_definitions")
        with pytest.raises(StatementFailed):  # it can't remove the same rows
            run(text)
        assert run("select i from d.s.t").rowcount == 1

        other.execute("ROLLBACK")
        run(text)
        for shown in ("show streams in account", "show tasks in account", "show tables in account"):
            assert run(shown).rowcount == 0, shown
    warehouse.close()
