"""Checks of the table of loaded files in a data folder of an earlier version."""

import duckdb
import pytest

from mocks.snowflake.load_history import VIEW, LoadedFile, LoadHistory, creation_sql, table_of


@pytest.fixture
def old() -> duckdb.DuckDBPyConnection:
    """A database with a table that has neither places nor sizes of files, and one row."""
    duck = duckdb.connect()
    duck.execute("ATTACH ':memory:' AS d; CREATE SCHEMA d._fs_information_schema")
    duck.execute(creation_sql("d"))
    duck.execute(f'DROP VIEW "d"._fs_information_schema.{VIEW}')
    LoadHistory(duck, ("d", "s", "t")).add(LoadedFile("s3://b/1", "1", "digest", 9, 3, 3, 1))
    for column in ("STAGE_PATH", "FILE_SIZE"):
        duck.execute(f"ALTER TABLE {table_of('d')} DROP COLUMN {column}")
    return duck


def test_a_table_of_an_earlier_version_has_its_rows_and_takes_new_ones(
    old: duckdb.DuckDBPyConnection,
) -> None:
    old.execute(creation_sql("d"))
    history = LoadHistory(old, ("d", "s", "t"))
    history.add(LoadedFile("s3://b/2", "2", "other", 5, 1, 1, 1))

    found = old.execute(f"SELECT FILE_NAME, STAGE_PATH, FILE_SIZE FROM {table_of('d')}").fetchall()
    assert found == [("s3://b/1", None, None), ("s3://b/2", "2", 5)]
    assert history.digests(["s3://b/1"]) == {"s3://b/1": {"digest"}}


def test_the_path_of_a_file_becomes_its_place_on_the_stage() -> None:
    table = table_of("memory")
    paths = "('/data/stages/A/B/S/stages/x.csv'), ('s3://b/stages/y.csv'), ('A/B/S/z.csv')"
    with duckdb.connect(":memory:") as duck:
        duck.execute("CREATE SCHEMA _fs_information_schema")
        duck.execute(creation_sql("memory"))
        duck.execute(f"INSERT INTO {table} (FILE_NAME) VALUES {paths}")
        duck.execute(creation_sql("memory"))
        found = duck.execute(f"SELECT FILE_NAME FROM {table}").fetchall()

    assert found == [("A/B/S/stages/x.csv",), ("s3://b/stages/y.csv",), ("A/B/S/z.csv",)]
