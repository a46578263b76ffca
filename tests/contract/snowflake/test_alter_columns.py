"""ALTER TABLE … ALTER and RENAME COLUMN: what may change, and what follows a column."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contract.snowflake.sql import Sql


@pytest.fixture
def table(sql: Sql) -> Sql:
    sql(
        """create table t (s varchar(3) not null default 'd' comment 'noted', n number(5,2),
                           c char, f float, k int primary key) comment = 'of all'"""
    )
    sql("insert into t values ('abc', 1.5, 'c', 0.5, 1)")
    return sql


def test_texts_become_longer_and_numbers_more_or_less_precise(table: Sql) -> None:
    table("create view v as select s from t")
    table("alter table t modify column s set data type varchar(5), column c set data type string")
    table("alter table t alter column n set data type number(3,2)")
    table("alter table t alter column f set data type double")

    assert [(r[0], r[1], r[3], r[4], r[5], r[9]) for r in table("describe table t")] == [
        ("S", "VARCHAR(5)", "N", "'d'", "N", "noted"),
        ("N", "NUMBER(3,2)", "Y", None, "N", None),
        ("C", "VARCHAR(16777216)", "Y", None, "N", None),
        ("F", "FLOAT", "Y", None, "N", None),
        ("K", "NUMBER(38,0)", "N", None, "Y", None),
    ]
    assert [row[5] for row in table("show tables like 'T'")] == ["of all"]
    table("insert into t (s, c, k) values ('12345', 'more than one', 2)")
    assert table("select s from v order by 1") == [("12345",), ("abc",)]
    assert table.failure("insert into t (s, k) values ('123456', 3)")[0] == 100078


@pytest.mark.parametrize(
    ("change", "errno", "named"),
    [
        ("s set data type varchar(2)", 40050, "from type VARCHAR(3) to VARCHAR(2) because"),
        ("s set data type int", 2108, "column S from type VARCHAR(3) to NUMBER(38,0)"),
        ("n set data type number(5,3)", 2108, "column N from type NUMBER(5,2) to NUMBER(5,3)"),
        ("n set data type varchar", 2108, "from type NUMBER(5,2) to VARCHAR(16777216)"),
        ("k set data type float", 2108, "from type NUMBER(38,0) to FLOAT"),
        ("n set data type number(2,2)", 100039, "out of range"),
        ("nope set data type varchar", 904, "NOPE"),
    ],
)
def test_no_other_type_is_set(table: Sql, change: str, errno: int, named: str) -> None:
    found, message = table.failure(f"alter table t alter column {change}")

    assert (found, named in message) == (errno, True), message
    assert table("select s, n from t")[0][0] == "abc"


def test_a_column_keeps_its_length_and_keys_under_a_new_name(table: Sql) -> None:
    table("create table u (k int references t (k))")
    table("create table again (a varchar(3), b varchar(9) primary key)")
    table("alter table again drop column b")
    table("alter table again rename column a to b")
    assert [(r[1], r[5]) for r in table("describe table again")] == [("VARCHAR(3)", "N")]
    table("alter table t rename column s to s2")
    table("alter table t rename column k to k2")
    table("alter table u rename column k to k3")

    described = {row[0]: (row[1], row[5], row[9]) for row in table("describe table t")}
    assert described["S2"] == ("VARCHAR(3)", "N", "noted")
    assert described["K2"] == ("NUMBER(38,0)", "Y", None)
    assert [(r[4], r[8]) for r in table("show imported keys in table u")] == [("K2", "K3")]


def test_a_table_is_there_while_its_text_becomes_longer(
    table: Sql, new_sql: Callable[..., Sql]
) -> None:
    reader, found, is_done = new_sql(), [], threading.Event()

    def read() -> None:
        while not is_done.is_set():
            found.append(reader.one("select count(*) from t"))

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        try:
            for length in range(4, 40):
                table(f"alter table t alter column s set data type varchar({length})")
        finally:
            is_done.set()
        reading.result()
    assert set(found) == {1}


def test_columns_are_added_with_all_that_is_declared(table: Sql) -> None:
    table("""alter table t add column a varchar(3), b char(2) not null default 'x' comment 'new',
                               l array, u int unique, v varchar default 'd'""")

    described = [(r[0], r[1], r[3], r[4], r[6], r[9]) for r in table("describe table t")]
    assert described[0] == ("S", "VARCHAR(3)", "N", "'d'", "N", "noted")
    assert described[5:] == [
        ("A", "VARCHAR(3)", "Y", None, "N", None),
        ("B", "VARCHAR(2)", "N", "'x'", "N", "new"),
        ("L", "ARRAY", "Y", None, "N", None),
        ("U", "NUMBER(38,0)", "Y", None, "Y", None),
        ("V", "VARCHAR(16777216)", "Y", "'d'", "N", None),
    ]
    assert table("select s, a, b, u, v from t") == [("abc", None, "x", None, "d")]
    assert table.failure("insert into t (k, a) values (2, 'long')")[0] == 100078
    assert table.failure("insert into t (k, b) values (2, null)")[0] == 100072
    table("alter table t add column if not exists a varchar(9), w int")
    assert [row[0] for row in table("describe table t")][-2:] == ["V", "W"]


@pytest.mark.parametrize(
    ("change", "errno"),
    [
        ("x int, s int", 1430),
        ("x varchar(3), y int not null", 100072),
        ("x int autoincrement", 2),
        ("varchar(3)", 2),
    ],
)
def test_all_columns_are_added_or_none(table: Sql, change: str, errno: int) -> None:
    before = table("describe table t")

    assert table.failure(f"alter table t add column {change}")[0] == errno
    assert table("describe table t") == before


def test_a_column_is_added_to_a_table_that_is_there(sql: Sql) -> None:
    assert sql.failure("alter table nowhere add column a int")[0] == 2003
    sql("alter table if exists nowhere add column a int")
    sql("create temporary table t (a int)")
    sql("alter table t add column b int")
    assert sql("select a, b from t") == []
    assert sql.failure("alter table t add column c varchar(3)")[0] == 2


def test_several_columns_are_dropped_with_all_that_is_declared_or_none(table: Sql) -> None:
    table("create table u (k int primary key, r int references t (k), x int)")
    assert table.failure("alter table t drop column f, nosuch")[0] == 904
    assert table.failure("alter table t drop column f, k, nosuch")[0] == 904
    assert [row[0] for row in table("describe table t")] == ["S", "N", "C", "F", "K"]

    table("alter table t drop column s, k")
    table("alter table t drop column if exists nosuch, f")
    table("alter table t add column s string, k int")
    table("insert into t (s) values ('longer than three')")

    assert [(r[0], r[1], r[5], r[9]) for r in table("describe table t")] == [
        ("N", "NUMBER(5,2)", "N", None),
        ("C", "VARCHAR(1)", "N", None),
        ("S", "VARCHAR(16777216)", "N", None),
        ("K", "NUMBER(38,0)", "N", None),
    ]
    assert table("show imported keys in table u") == []


def test_columns_of_a_temporary_table_are_dropped(sql: Sql) -> None:
    sql("create temporary table t (a varchar(3), b int, c int)")
    sql("alter table t drop column a, b")
    assert [row[:2] for row in sql("describe table t")] == [("C", "NUMBER(38,0)")]
