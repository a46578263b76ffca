"""Databases, schemas and other objects that are dropped, with all that was theirs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contract.snowflake.server import LocalSnowflake
from tests.contract.snowflake.sql import Sql


@pytest.fixture
def database(sql: Sql) -> Iterator[str]:
    """The name of a database that isn't there, and isn't afterwards."""
    yield "PASSING"
    sql("drop database if exists passing")


def fill(sql: Sql, place: str) -> None:
    """Make an object of each kind in a schema."""
    for statement in (
        "create table {}.t (a varchar(3)) comment = 'before'",
        "insert into {}.t values ('abc')",
        "create view {}.v as select a from {}.t",
        "create sequence {}.q",
        "create stage {}.s",
        "create file format {}.j type = json",
        "create function {}.f() returns int as '1'",
        (
            "create function {}.p() returns int language python runtime_version = '3.11'"
            " handler = 'f' as 'def f(): return 1'"
        ),
        "create procedure {}.r() returns int language sql as 'begin return 1; end'",
        "create stream {}.c on table {}.t",
        "create task {}.k schedule = '1 minute' as select 1",
    ):
        sql(statement.format(place, place))


def found(sql: Sql, place: str) -> list[list[tuple]]:
    """The rows of each SHOW about a schema."""
    kinds = (
        "objects", "sequences", "stages", "file formats", "user functions", "streams", "tasks",
    )  # fmt: skip
    return [sql(f"show {kind} in schema {place}") for kind in kinds]


def test_a_database_takes_all_that_it_held_with_it(
    sql: Sql, database: str, local_snowflake: LocalSnowflake
) -> None:
    sql(f"create database {database}")
    fill(sql, f"{database}.public")
    file = local_snowflake.data / f"{database}.db"

    assert (file.exists(), all(found(sql, f"{database}.public"))) == (True, True)
    assert sql(f"drop database {database}") == [("PASSING successfully dropped.",)]
    assert sql("select current_database(), current_schema()") == [(None, None)]
    assert not file.exists()
    assert sql.failure("select * from passing.public.t")[0] == 2003
    sql("create database passing")
    assert found(sql, "passing.public") == [[]] * 7
    assert sql.failure("call passing.public.r()")[0] == 2140


def test_a_database_can_be_replaced(sql: Sql, database: str) -> None:
    sql(f"create database {database}")
    sql("create table passing.public.t (a int)")
    sql("create or replace database passing")

    assert sql("select current_database(), current_schema()") == [("PASSING", "PUBLIC")]
    assert sql("show tables in database passing") == []


def test_a_database_that_is_not_there_is_dropped_if_it_exists(sql: Sql) -> None:
    assert sql("drop database if exists nowhere") == [
        ("Drop statement executed successfully (NOWHERE already dropped).",)
    ]
    assert sql.failure("drop database nowhere")[0] == 2003


def test_a_database_that_others_need_stays(
    sql: Sql, database: str, new_sql: Callable[..., Sql]
) -> None:
    sql(f"create database {database}")
    sql("create table passing.public.t (a int)")
    other = new_sql()
    other("use database passing")
    in_use = sql.failure("drop database passing")
    other("use database canton")
    other("begin")
    other("insert into passing.public.t values (1)")
    written = sql.failure("create or replace database passing")
    other("commit")

    assert [in_use[0], written[0]] == [2, 2]
    assert ["current database" in in_use[1], "transaction" in written[1]] == [True, True]
    assert sql("select a from passing.public.t") == [(1,)]
    assert sql("drop database passing") == [("PASSING successfully dropped.",)]


@pytest.mark.parametrize(
    "again", ["drop schema {0}; create schema {0}", "create or replace schema {0}"]
)
def test_a_schema_takes_all_that_it_held_with_it(sql: Sql, schema: str, again: str) -> None:
    place = f"canton.{schema}_B"
    sql(f"create schema {place}")
    fill(sql, place)

    assert all(found(sql, place))
    for statement in again.format(place).split("; "):
        sql(statement)
    assert found(sql, place) == [[]] * 7
    sql(f"create table {place}.t (a int)")
    assert sql(
        f"select comment from canton.information_schema.tables where table_schema = '{schema}_B'"
    ) == [(None,)]
    assert sql.failure(f"call {place}.r()")[0] == 2140


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("create table {} (a int) comment = 'x'", "drop table {}; create table {} (a int)"),
        ("create table {} (a int) comment = 'x'", "create or replace table {} as select 1 as a"),
        ("create view {} comment = 'x' as select 1 as a",
         "drop view {}; create view {} as select 2 as a"),
        ("create view {} comment = 'x' as select 1 as a",
         "create or replace view {} as select 2 as a"),
    ],
)  # fmt: skip
def test_a_comment_goes_with_what_it_is_about(
    sql: Sql, schema: str, before: str, after: str
) -> None:
    comment = f"""select comment from canton.information_schema.tables
                  where table_schema = '{schema}' and table_name = 'C'"""
    sql(before.format("c"))

    assert sql(comment) == [("x",)]
    for statement in after.format("c", "c").split("; "):
        sql(statement)
    assert sql(comment) == [(None,)]


@pytest.mark.parametrize(
    ("stage", "made", "again"),
    [
        ("@s", "create stage s", "drop stage s; create stage s"),
        ("@s", "create stage s", "create or replace stage s"),
        ("@%f", "create table f (a int)", "drop table f; create table f (a int)"),
    ],
)
def test_files_go_with_their_stage(
    sql: Sql, tmp_path: Path, stage: str, made: str, again: str
) -> None:
    (tmp_path / "x.csv").write_text("1\n")
    sql(made)
    sql(f"put 'file://{tmp_path}/x.csv' {stage}")

    assert len(sql(f"list {stage}")) == 1
    for statement in again.split("; "):
        sql(statement)
    assert sql(f"list {stage}") == []


def test_a_stage_with_the_name_of_a_folder_deletes_nothing_else(
    sql: Sql, tmp_path: Path, local_snowflake: LocalSnowflake
) -> None:
    (tmp_path / "x.csv").write_text("1\n")
    sql("create stage s")
    sql(f"put 'file://{tmp_path}/x.csv' @s")
    for name in ("..", "../s", "."):
        sql(f'create stage "{name}"')
        sql(f'drop stage "{name}"')

    assert len(sql("list @s")) == 1
    assert local_snowflake.data.exists()


def test_a_database_may_have_a_schema_of_its_own_name(sql: Sql, database: str) -> None:
    sql(f"create database {database}")
    for statement in (
        "create schema passing",
        "create table passing.passing.t as select 5 as a",
        "create view v as with t as (select a from passing.passing.t) select a from t",
        "create schema other",
        "create schema if not exists passing",
        "create database if not exists passing",
        "drop schema passing.public",
    ):
        sql(statement)

    assert sql("select current_schema()") == [("OTHER",)]
    assert sql("select a from passing.passing.v") == [(5,)]
    assert sql.failure("create view v as select a from passing.passing.t")[0] == 2
    assert sql("drop schema passing") == [("PASSING successfully dropped.",)]
    assert sql("drop schema other") == [("OTHER successfully dropped.",)]
    assert sql("select current_database(), current_schema()") == [("PASSING", None)]


def test_a_table_is_described_from_another_database(sql: Sql, database: str) -> None:
    sql(f"create database {database}")
    sql("create table passing.public.t (a int not null, b varchar(3))")
    sql("create view passing.public.v as select b from passing.public.t")
    sql("use database canton")

    assert [row[:2] for row in sql("describe table passing.public.t")] == [
        ("A", "NUMBER(38,0)"), ("B", "VARCHAR(3)"),
    ]  # fmt: skip
    assert [row[:2] for row in sql("describe view passing.public.v")] == [("B", "VARCHAR(3)")]
    assert sql.failure("describe table passing.public.nowhere")[0] == 2003


def test_a_transaction_writes_to_one_database(sql: Sql, schema: str, database: str) -> None:
    sql(f"create table canton.{schema}.t (a int)")
    sql(f"create database {database}")
    sql("create table passing.public.t (a int)")
    both = f"insert all into passing.public.t into canton.{schema}.t select 1"
    errno, message = sql.failure(both)
    sql("begin")
    sql("insert into passing.public.t values (1)")
    failed = sql.failure(f"insert into canton.{schema}.t values (1)")
    sql("rollback")

    assert (errno, "writing to PASSING and CANTON in one transaction" in message) == (2, True)
    assert failed == (errno, message)
    assert sql(f"select * from passing.public.t union all select * from canton.{schema}.t") == []
