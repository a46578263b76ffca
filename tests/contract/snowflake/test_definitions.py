"""Definitions of tables, views and other objects: what they declare is what they are."""

from collections.abc import Callable

import pytest

from tests.contract.snowflake.sql import Sql


def test_a_table_made_of_a_query_has_the_columns_that_it_declares(sql: Sql) -> None:
    sql("create table old as select 1 as a, 'x' as b union all select 2, 'y'")
    sql(
        "create table t (a int not null, b varchar(2) default 'd' comment 'c') as select * from old"
    )
    sql("insert into t (a) values (3)")
    assert sql("select * from t order by a") == [(1, "x"), (2, "y"), (3, "d")]
    assert sql.failure("insert into t values (4, 'abc')")[0] == 100078
    assert sql.failure("insert into t (b) values ('z')")[0] == 100072
    sql("create temporary table own (b varchar(2)) as select b from old")
    assert sql.failure("insert into own values ('abc')")[0] == 100078


@pytest.mark.parametrize(
    ("query", "number"),
    [("'abc'", 100078), ("null", 100072), ("'a', 'b'", 2026)],
)
def test_rows_that_do_not_fit_leave_the_table_that_was_there(
    sql: Sql, query: str, number: int
) -> None:
    sql("create table t (b varchar) as select 'was there'")
    statement = f"create or replace table t (b varchar(2) not null) as select {query}"
    assert sql.failure(statement)[0] == number
    assert sql("select b from t") == [("was there",)]
    sql("show tables")
    assert sql('select "name" from table(result_scan(last_query_id()))') == [("T",)]


@pytest.mark.parametrize("query", ["select * from t", "select t.* from t order by a limit 9"])
def test_a_view_of_all_columns_fails_once_they_are_others(sql: Sql, query: str) -> None:
    sql("create table t (a int, b int)")
    sql("insert into t values (1, 2)")
    sql(f"create view v as {query}")
    assert sql("select * from v where a = 1") == [(1, 2)]
    sql("alter table t add column c int")
    number, message = sql.failure("select a from v")
    assert number == 2057
    assert "declared another number of columns than its query produces" in message
    sql(f"create or replace view v as {query}")
    assert sql("select * from v") == [(1, 2, None)]


@pytest.mark.parametrize(
    ("definition", "number"),
    [
        ("view v (x) as select 1, 2", 2026),
        ("view v (x, x) as select 1, 2", 2025),
        ("view v as select 1 as a, 2 as a", 2025),
        ("table v (x) as select 1, 2", 2026),
        ("table v as select * from (select 1 as a) x, (select 2 as a) y", 2025),
        ("or replace view if not exists v as select 1 as a", 1004),
        ("or replace table if not exists v (a int)", 1004),
    ],
)
def test_a_definition_that_contradicts_itself_is_refused(
    sql: Sql, definition: str, number: int
) -> None:
    assert sql.failure(f"create {definition}")[0] == number


@pytest.mark.parametrize("kind", ["view o as select 1 as a", "sequence o", "table o (a int)"])
def test_what_is_there_is_not_made_again(sql: Sql, kind: str) -> None:
    sql(f"create {kind}")
    assert sql.failure(f"create {kind}")[0] == 2002
    optional = kind.replace(" o", " if not exists o", 1)
    assert sql(f"create {optional}") == [("O already exists, statement succeeded.",)]


def test_a_schema_or_database_that_is_there_is_not_made_again(
    new_sql: Callable[..., Sql], schema: str
) -> None:
    session = new_sql()
    told = [(f"{schema} already exists, statement succeeded.",)]
    assert session(f"create schema if not exists canton.{schema}") == told
    assert session.failure("create database canton")[0] == 2002
    told = [("CANTON already exists, statement succeeded.",)]
    assert session("create database if not exists canton") == told


def test_a_comment_is_about_what_is_there(sql: Sql) -> None:
    for kind in ("table", "view", "sequence", "schema"):
        assert sql.failure(f"comment on {kind} nowhere is 'x'")[0] == 2003
        sql(f"comment if exists on {kind} nowhere is 'x'")


@pytest.mark.parametrize(
    ("column", "number"),
    [
        ("timestamp_ntz default current_timestamp()", 2263),
        ("varchar default 'a'::varchar", 2263),
        ("date default '2024-01-01'", 2023),
        ("int default '5'", 2023),
        ("varchar default 5", 2023),
        ("boolean default 1", 2023),
        ("boolean default 'true'", 2023),
        ("variant default 1", 2262),
        ("array default 1", 2),
    ],
)
def test_the_default_of_a_new_column_is_a_constant_of_its_kind(
    sql: Sql, column: str, number: int
) -> None:
    sql("create table t (a int)")
    sql("insert into t values (1)")
    assert sql.failure(f"alter table t add column n {column}")[0] == number
    sql("alter table t add column x number(9, 2) default -1.5, b boolean default true")
    assert [(str(x), b) for x, b in sql("select x, b from t")] == [("-1.50", True)]


_OTHER_TYPE = (
    "SQL compilation error:\nDefault value data type does not match data type for column C"
)


@pytest.mark.parametrize(
    "column",
    [
        "number default 'x'",
        "number(5, 1) default '7'",
        "float default upper('a')",
        "number default 7::varchar",
        "varchar default 5",
        "varchar(9) default length('abc')",
        "varchar default current_timestamp()",
        "varchar default current_date",
        "varchar default ids.nextval",
        "boolean default 1",
        "variant default 7",
        "date default '2025-01-01'",
        "date default current_timestamp()",
        "time default '10:00:00'",
        "timestamp_ntz default '2025-01-01 00:00:00' not null comment 'x'",
    ],
)
@pytest.mark.parametrize(
    "kind", ["table", "temporary table", "transient table", "or replace table"]
)
def test_a_default_of_another_type_is_refused(sql: Sql, column: str, kind: str) -> None:
    sql("create sequence ids")
    assert sql.failure(f"create {kind} d (c {column})") == (2262, _OTHER_TYPE)
    assert sql.failure(f"create {kind} d (c {column}) as select null")[0] == 2262


def test_a_default_of_the_columns_type_is_the_value_of_rows_without_one(sql: Sql) -> None:
    sql("create sequence ids start 7")
    sql("create function two() returns int as '2'")
    sql("""create table d (
        a int, b number(10, 6) default 1 / 3, c boolean default 'yes', e varchar default false,
        f variant default 'x', g timestamp_ntz default '2025-01-01'::date,
        h int default ids.nextval, i int default two(), j varchar(9) default 5::varchar,
        k date default null, l timestamp_ntz default current_timestamp(),
        m varchar default current_user, n number default true,
        o array default array_construct(1))""")
    sql("insert into d (a) values (0)")
    found = sql(
        "select b::text, c, e, f::text, g::text, h, i, j, k, l is null, n, o[0]::int from d"
    )
    when = "2025-01-01 00:00:00.000"
    expected = ("0.333333", True, "false", "x", when, 7, 2, "5", None, False, 1, 1)
    assert found == [expected]
    sql("alter table d add column v variant default 'z'")
    assert sql("select v::text, parse_json(to_json(v)) = 'z' from d") == [("z", True)]


@pytest.mark.parametrize(
    ("default", "number", "named"),
    [
        ("a", 904, "invalid identifier 'A'"),
        ("a + 1", 904, "invalid identifier 'A'"),
        ("user", 904, "invalid identifier 'USER'"),
        ("nosuch(1)", 2140, "Unknown function NOSUCH"),
        ("nosuch.nextval", 2003, "NOSUCH"),
        ("(select 1)", 2263, "sub-queries are not supported"),
        ("max(1)", 2263, "aggregate functions are not allowed"),
        ("current_date()", 2, "a DEFAULT of type DATE for a column of type INT"),
    ],
)
def test_a_default_of_what_is_not_there_is_refused_by_name(
    sql: Sql, default: str, number: int, named: str
) -> None:
    error = sql.failure(f"create table d (a int, c int default {default})")
    assert (error[0], named in error[1]) == (number, True), error


def test_a_default_that_is_kept_in_no_table_is_refused(sql: Sql) -> None:
    assert sql.failure("create table d (c binary default 'ab')")[0] == 2262
    assert sql.failure("create table d (c date default 7)")[0] == 2
    assert sql.failure("create table d (c object default object_construct('a', 1))")[0] == 2


def test_a_table_is_renamed_within_its_schema_and_to_no_name_that_is_taken(sql: Sql) -> None:
    sql("create table t (a int)")
    sql("create table other (a int)")
    assert sql.failure("alter table t rename to canton.bronze.moved")[0] == 2
    assert sql.failure("alter table t rename to other")[0] == 2002
    assert sql("select * from t") == []


def test_a_check_is_refused(sql: Sql) -> None:
    assert sql.failure("create table t (a int, check (a > 0))")[0] == 2
    assert sql.failure("create table t (a int, constraint c check (a > 0))")[0] == 2


def test_a_clone_counts_on_by_itself(sql: Sql) -> None:
    sql("create table t (id int autoincrement start 10 increment 5, s string)")
    sql("insert into t (s) values ('a'), ('b')")
    sql("create table twin clone t")
    sql("create table alike like t")
    for name in ("twin", "t", "alike", "twin"):
        sql(f"insert into {name} (s) values ('c')")
    found = [sql(f"select id from {name} order by id") for name in ("t", "twin", "alike")]
    assert found == [[(10,), (15,), (20,)], [(10,), (15,), (20,), (25,)], [(10,)]]


@pytest.mark.parametrize("identity", ["identity (5, -2)", "autoincrement start 5 increment -2"])
def test_an_identity_counts_down(sql: Sql, identity: str) -> None:
    sql(f"create table t (id int {identity}, s string)")
    sql("insert into t (s) values ('a'), ('b')")
    assert sql("select id from t order by s") == [(5,), (3,)]


def test_a_schema_takes_no_table_of_another_one_with_it(
    new_sql: Callable[..., Sql], schema: str
) -> None:
    session = new_sql()
    session(f"create table canton.{schema}.o (id int autoincrement)")
    session(f"create schema canton.{schema}_gone")
    session("create sequence o")  # as in the name of the identity of another
    session(f"create or replace schema canton.{schema}_gone")
    session("create sequence ids")
    session(f"create table canton.{schema}.t (id int autoincrement, s string)")
    session(f"create table canton.{schema}.u (id int default ids.nextval)")
    session(f"insert into canton.{schema}.t (s) values ('kept')")
    assert session.failure(f"drop schema canton.{schema}_gone")[0] == 2
    assert session.failure(f"create or replace schema canton.{schema}_gone")[0] == 2
    session(f"drop table canton.{schema}.u")
    session(f"drop schema canton.{schema}_gone")
    assert session(f"select id, s from canton.{schema}.t") == [(1, "kept")]


def test_a_sequence_counts_down(sql: Sql) -> None:
    sql("create sequence down start = 1 increment = -2")
    rows = sql("select down.nextval, column1 from values (1), (2), (3) order by 2")
    assert rows == [(1, 1), (-1, 2), (-3, 3)]


def test_a_sequence_that_is_a_default_is_not_dropped(sql: Sql) -> None:
    sql("create sequence ids")
    sql("create table t (id int default ids.nextval)")
    assert sql.failure("drop sequence ids")[0] == 2


def test_show_begins_behind_a_name_and_knows_its_place(sql: Sql) -> None:
    for name in ("a1", "b1", "b2", "c1"):
        sql(f"create table {name} (i int)")
    names = 'select "name" from table(result_scan(last_query_id()))'
    sql("show tables limit 2 from 'B'")
    assert sql(names) == [("B2",), ("C1",)]
    sql("show tables limit 2 from 'X'")
    assert sql(names) == []
    for place in ("tables in schema nowhere", "views in canton.nowhere", "schemas in nowhere"):
        assert sql.failure(f"show {place}")[0] == 2043
    assert sql.failure("desc table a1 type = stage")[0] == 2


def test_a_database_is_made_without_a_current_schema(new_sql: Callable[..., Sql]) -> None:
    session = new_sql()
    session("create temporary table own (i int)")
    session("create schema canton.gone")
    session("drop schema canton.gone")
    session("create database made_without_schema")
    assert session("select current_schema()") == [("PUBLIC",)]
