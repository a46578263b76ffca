"""ALTER TABLE … SWAP WITH: two tables with each other's name."""

from pathlib import Path

import pytest

from tests.contract.snowflake.sql import Sql


@pytest.fixture
def two(sql: Sql) -> Sql:
    """A table A with keys, a length and comments, and a table B with neither."""
    sql("create table r (k int primary key)")
    sql("""create table a (i int primary key, s varchar(3) unique comment 'short',
        k int references r) comment = 'the first'""")
    sql("create table b (i float)")
    sql("insert into a values (1, 'abc', 7)")
    sql("insert into b values (0.5), (1.5)")
    return sql


def described(sql: Sql, table: str) -> list[tuple]:
    return [(row[0], row[1], row[5], row[6], row[9]) for row in sql(f"describe table {table}")]


FIRST = [
    ("I", "NUMBER(38,0)", "Y", "N", None),
    ("S", "VARCHAR(3)", "N", "Y", "short"),
    ("K", "NUMBER(38,0)", "N", "N", None),
]


def test_two_tables_have_each_others_rows_and_all_that_is_declared(two: Sql) -> None:
    assert two("alter table a swap with b") == [("Statement executed successfully.",)]

    assert two("select i from a order by i") == [(0.5,), (1.5,)]
    assert two("select * from b") == [(1, "abc", 7)]
    assert (described(two, "a"), described(two, "b")) == (
        [("I", "FLOAT", "N", "N", None)],
        FIRST,
    )
    assert [(row[1], row[5]) for row in two("show tables")] == [
        ("A", ""), ("B", "the first"), ("R", ""),
    ]  # fmt: skip
    assert [row[3:5] for row in two("show primary keys")] == [("B", "I"), ("R", "K")]
    assert [(row[3], row[7]) for row in two("show imported keys")] == [("R", "B")]
    assert two.failure("insert into b values (2, 'long', 1)")[0] == 100078

    two("alter table if exists b swap with a")
    assert described(two, "a") == FIRST


def test_the_files_that_were_loaded_are_swapped(sql: Sql, tmp_path: Path) -> None:
    sql("create stage s")
    sql("create table a (i int)")
    sql("create table b (i int)")
    (tmp_path / "a.csv").write_text("1\n")
    sql(f"put file://{tmp_path / 'a.csv'} @s")
    sql("copy into a from @s file_format = (type = csv)")
    sql("alter table a swap with b")

    nothing = [("Copy executed with 0 files processed.",)]
    assert sql("copy into b from @s file_format = (type = csv)") == nothing
    assert sql("copy into a from @s file_format = (type = csv)")[0][1] == "LOADED"


def test_a_view_reads_the_table_of_its_name(two: Sql) -> None:
    two("create view v as select i from a")
    two("alter table a swap with b")

    assert two("select i::int from v order by i") == [(1,), (2,)]


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("alter table a swap with nosuch", 2003),
        ("alter table nosuch swap with a", 2003),
        ("alter table a swap with v", 2003),
        ("alter table a swap with canton.gold.b", 2),
        ("alter table a swap with a", 2),
        ("alter table a swap with d", 2),
        ("alter table refreshed swap with a", 2),
        ("alter table a swap with refreshed", 2),
        ("alter table followed swap with a", 2),
        ("alter table a swap with followed", 2),
    ],
)
def test_what_can_not_be_swapped_is_left_as_it_is(two: Sql, statement: str, number: int) -> None:
    two("create view v as select 1 as i")
    two("create temporary table d (i int)")
    two("create table followed (i int)")
    two("create stream st on table followed")
    two("create dynamic table refreshed target_lag = '1 minute' warehouse = w as select 1 as i")

    assert two.failure(statement)[0] == number
    assert two("select * from a") == [(1, "abc", 7)]


def test_a_table_that_is_not_there_is_not_swapped_if_it_need_not_be(two: Sql) -> None:
    two("alter table if exists nosuch swap with a")

    assert described(two, "a") == FIRST


def test_no_table_is_swapped_in_a_transaction(two: Sql) -> None:
    two("begin")
    assert two.failure("alter table a swap with b")[0] == 2
    two("rollback")

    assert described(two, "a") == FIRST
