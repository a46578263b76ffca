"""CREATE SCHEMA … CLONE: a schema with the tables of another one."""

import pytest

from tests.contract.snowflake.sql import Sql


@pytest.fixture
def source(sql: Sql, schema: str) -> str:
    """A schema with two tables, of which one refers to the other, and to a table elsewhere."""
    sql("create table r (k int primary key)")
    sql(
        """create table a (i int not null, s varchar(3) default 'd' comment 'short',
        k int references r)"""
    )
    sql("insert into a values (1, 'abc', 7)")
    sql("create temporary table passing (i int)")
    return schema


def test_a_clone_has_the_tables_with_rows_and_all_that_is_declared(sql: Sql, source: str) -> None:
    made = f"{source}_TWIN"
    message = f"Schema {made} successfully created."
    assert sql.one(f"create schema {made} clone canton.{source}") == message

    assert sql.one("select current_schema()") == made
    sql("insert into a (i) values (2)")
    assert sql("select * from a order by i") == [(1, "abc", 7), (2, "d", None)]
    assert sql(f"select count(*) from {source}.a") == [(1,)]
    assert [(row[0], row[1], row[9]) for row in sql("describe table a")] == [
        ("I", "NUMBER(38,0)", None), ("S", "VARCHAR(3)", "short"), ("K", "NUMBER(38,0)", None),
    ]  # fmt: skip
    assert sql.failure("insert into a values (3, 'long', 1)")[0] == 100078
    assert sql.failure("insert into a (s) values ('x')")[0] == 100072
    tables = "select table_name from information_schema.tables where table_schema = %s order by 1"
    assert sql(tables, (made,)) == [("A",), ("R",)]
    keys = sql(f"show imported keys in schema {made}")
    assert [(row[2], row[3], row[6], row[7]) for row in keys] == [(made, "R", made, "A")]
    keys = sql(f"show imported keys in schema {source}")
    assert [(row[2], row[3], row[6], row[7]) for row in keys] == [(source, "R", source, "A")]


def test_a_clone_is_not_made_over_a_schema_or_of_none(sql: Sql, source: str) -> None:
    assert sql.failure(f"create schema gold clone {source}")[0] == 2002
    message = "GOLD already exists, statement succeeded."
    assert sql.one(f"create schema if not exists gold clone {source}") == message
    assert sql.failure("create schema unmade clone nosuch")[0] == 2003


@pytest.mark.parametrize(
    "more",
    [
        "create view v as select 1 as i",
        "create sequence q",
        "create table counted (i int autoincrement)",
        "create stage g",
        "create file format f type = csv",
        "create stream st on table a",
        "create task t as select 1",
        "create function f(x int) returns int as 'x + 1'",
        "create procedure p() returns int language sql as 'begin return 1; end'",
        """create function g(x int) returns int language python runtime_version = 3.11
        handler = 'f' as 'def f(x): return x'""",
    ],
)
def test_a_schema_with_more_than_tables_is_not_cloned(sql: Sql, source: str, more: str) -> None:
    sql(more)
    number, message = sql.failure(f"create schema {source}_other clone {source}")

    assert (number, "CLONE of a schema with" in message) == (2, True)
    assert sql("show schemas like '%_OTHER'") == []


@pytest.mark.parametrize(
    "statement",
    [
        "create or replace schema other_clone clone {}",
        "create schema other_clone clone {} comment = 'x'",
        "create transient schema other_clone clone {}",
        "create schema other_clone clone {} at (offset => -60)",
        "create schema elsewhere.other_clone clone canton.{}",
    ],
)
def test_other_clones_of_schemas_are_refused(sql: Sql, source: str, statement: str) -> None:
    assert sql.failure(statement.format(source))[0] in (2, 1003)
    assert sql("show schemas like 'OTHER_CLONE'") == []
