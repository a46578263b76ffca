"""Streams, by themselves and in an engine of their own."""

import duckdb

from mocks.snowflake.continuous.changes import Log


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
