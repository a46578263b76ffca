"""Foreign keys: kept as a table's definition has them, and shown; nobody enforces them."""

import pytest

from tests.contract.snowflake.sql import Sql


@pytest.fixture
def keys(sql: Sql) -> Sql:
    sql("create table a (x int, y int, primary key (x, y), z int unique)")
    sql(
        """create table b (
               id int primary key, parent int references b, k int constraint one references a (z),
               l int constraint two foreign key references a (z),
               constraint "Both" foreign key (k, l) references a on delete cascade)"""
    )
    return sql


def shown(sql: Sql, statement: str) -> list[tuple]:
    """Tables and columns of keys, places and rules; names that nobody gave are left out."""
    found = sql(statement)
    return [
        (f"{row[7]}.{row[8]} of {row[3]}.{row[4]}", *row[9:12], row[12].split("-")[0])
        for row in sorted(found, key=lambda row: (row[12].startswith("SYS_"), row[12], row[9]))
    ]


ONE = ("B.K of A.Z", 1, "NO ACTION", "NO ACTION", "ONE")
TWO = ("B.L of A.Z", 1, "NO ACTION", "NO ACTION", "TWO")
BOTH = [
    ("B.K of A.X", 1, "NO ACTION", "CASCADE", "Both"),
    ("B.L of A.Y", 2, "NO ACTION", "CASCADE", "Both"),
]


def test_foreign_keys_are_shown_from_both_sides(keys: Sql, schema: str) -> None:
    imported = shown(keys, "show imported keys in table b")

    assert imported[:4] == [*BOTH, ONE, TWO]
    assert [row[:4] for row in imported[4:]] == [("B.PARENT of B.ID", 1, "NO ACTION", "NO ACTION")]
    assert imported[4][4].startswith("SYS_CONSTRAINT_")
    assert shown(keys, f"show imported keys in schema canton.{schema}") == imported
    assert shown(keys, "show imported keys in table a") == []
    assert shown(keys, "show exported keys in table a") == [*BOTH, ONE, TWO]
    assert shown(keys, "show exported keys in table b") == imported[4:]
    assert shown(keys, "SHOW EXPORTED KEYS") == imported


def test_a_foreign_key_follows_its_tables_and_ends_with_them(keys: Sql) -> None:
    keys("alter table a rename to c")
    keys("alter table b rename to d")
    assert [row[0] for row in shown(keys, "show imported keys in table d")] == [
        "D.K of C.X", "D.L of C.Y", "D.K of C.Z", "D.L of C.Z", "D.PARENT of D.ID",
    ]  # fmt: skip

    keys("create or replace table c (x int)")
    assert [row[0] for row in shown(keys, "show imported keys")] == ["D.PARENT of D.ID"]
    keys("drop table d")
    keys("create table d (id int primary key)")
    assert shown(keys, "show imported keys") == shown(keys, "show exported keys") == []


def test_what_a_table_declares_follows_it_to_its_new_name(sql: Sql) -> None:
    sql("create table u (a int, b varchar(9) primary key) comment = 'gone'")
    sql("drop table u")
    sql("create table t (a int primary key, b varchar(3) unique comment 'b') comment = 'noted'")
    sql("alter table t rename to u")

    assert [(r[0], r[1], r[5], r[6], r[9]) for r in sql("describe table u")] == [
        ("A", "NUMBER(38,0)", "Y", "N", None),
        ("B", "VARCHAR(3)", "N", "Y", "b"),
    ]
    assert [(row[1], row[5]) for row in sql("show tables")] == [("U", "noted")]
    assert [row[3:5] for row in sql("show primary keys")] == [("U", "A")]


@pytest.mark.parametrize(
    ("definition", "errno", "named"),
    [
        ("references nowhere (x)", 2003, "NOWHERE"),
        ("references canton.information_schema.tables (x)", 2003, "TABLES"),
        ("references other.public.t (x)", 2, "another database"),
        ("references a", 1003, "as many columns"),
        ("references a (z) match full", 2, "match full"),
    ],
)
def test_a_foreign_key_that_would_be_forgotten_is_refused(
    keys: Sql, definition: str, errno: int, named: str
) -> None:
    found, message = keys.failure(f"create table c (x int {definition})")

    assert (found, named.lower() in message.lower()) == (errno, True), message


def test_keys_that_are_added_are_notes(sql: Sql) -> None:
    sql("create table a (x int)")
    sql("create table b (k int, u int)")
    sql("alter table a add constraint of_a primary key (x)")
    sql("alter table b add primary key (k)")
    sql("alter table b add unique (u)")
    sql("alter table b add constraint one foreign key (u) references a")
    sql("insert into b values (1, 1), (1, 1)")

    assert [(r[0], r[3], r[5], r[6]) for r in sql("describe table b")] == [
        ("K", "N", "Y", "N"),
        ("U", "Y", "N", "Y"),
    ]
    assert [row[0] for row in shown(sql, "show imported keys in table b")] == ["B.U of A.X"]
    assert sql.failure("insert into b (u) values (2)")[0] == 100072
    assert sql.failure("alter table b add primary key (u)")[0] == 2
    assert sql.failure("alter table b add unique (nope)")[0] == 904


@pytest.mark.parametrize("how", ["clone", "like"])
def test_a_table_made_after_another_has_all_that_is_declared(sql: Sql, how: str) -> None:
    sql("create table a (x int primary key)")
    sql(
        """create table t (k int primary key, s varchar(3) default 'd' comment 'noted', l array,
                           a int not null references a)"""
    )
    sql("insert into t (k, a) values (1, 1)")
    sql(f"create table u {how} t")

    assert sql("describe table u") == sql("describe table t")
    assert [row[0] for row in shown(sql, "show imported keys in table u")] == ["U.A of A.X"]
    assert sql("select count(*) from u") == [(1 if how == "clone" else 0,)]
    assert sql.failure("insert into u (k, s, a) values (1, 'long', 1)")[0] == 100078
    assert sql.failure("insert into u (k) values (1)")[0] == 100072
    assert sql.failure(f"create temporary table v {how} t")[0] == 2
    assert sql.failure(f"create table v {how} nowhere")[0] == 2003
