"""Views of INFORMATION_SCHEMA, and what SHOW tells of the same objects."""

import pytest

from tests.contract.snowflake.sql import Sql

KEYS = "canton.information_schema.table_constraints"
FOREIGN = "canton.information_schema.referential_constraints"
_COLUMNS = """
    CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_CATALOG TABLE_SCHEMA TABLE_NAME
    CONSTRAINT_TYPE IS_DEFERRABLE INITIALLY_DEFERRED ENFORCED COMMENT CREATED LAST_ALTERED RELY
"""


@pytest.fixture
def keys(sql: Sql) -> Sql:
    sql("create table a (x int, y int, constraint of_a primary key (x, y), z int unique)")
    sql(
        """create table b (
               id int constraint "Of b" primary key, k int constraint one references a (z), l int,
               constraint both foreign key (l, k) references a on delete cascade)"""
    )
    sql("alter table b add constraint added unique (k, l)")
    return sql


def test_every_key_is_a_row_of_table_constraints(keys: Sql, schema: str) -> None:
    found = keys(f"select * from {KEYS} where constraint_schema = '{schema}'")
    columns = [row[0] for row in keys(f"describe view {KEYS}")]

    assert columns == _COLUMNS.split()
    assert {(*row[:2], *row[3:5], *row[7:11], row[13]) for row in found} == {
        ("CANTON", schema, "CANTON", schema, "NO", "YES", "NO", None, "NO")
    }
    named = sorted((row[2], row[5], row[6]) for row in found)
    made_up = named.pop()
    assert (made_up[0].startswith("SYS_CONSTRAINT_"), *made_up[1:]) == (True, "A", "UNIQUE")
    assert named == [
        ("ADDED", "B", "UNIQUE"),
        ("BOTH", "B", "FOREIGN KEY"),
        ("OF_A", "A", "PRIMARY KEY"),
        ("ONE", "B", "FOREIGN KEY"),
        ("Of b", "B", "PRIMARY KEY"),
    ]


def test_a_foreign_key_names_the_key_that_it_refers_to(keys: Sql, schema: str) -> None:
    found = keys(f"select * from {FOREIGN} where constraint_schema = '{schema}' order by 3")
    of_z = keys.one("show unique keys in table a")[6]
    place = ("CANTON", schema)

    assert [row[:10] for row in found] == [
        (*place, "BOTH", *place, "OF_A", "FULL", "NO ACTION", "CASCADE", None),
        (*place, "ONE", *place, of_z, "FULL", "NO ACTION", "NO ACTION", None),
    ]
    shown = keys("show imported keys in table b")
    assert {(row[12], row[13]) for row in shown} == {("BOTH", "OF_A"), ("ONE", of_z)}
    keys("drop table b")
    assert keys(f"select * from {FOREIGN} where constraint_schema = '{schema}'") == []


def test_a_key_is_shown_by_its_name(keys: Sql) -> None:
    assert [row[3:7] for row in keys("show primary keys")] == [
        ("A", "X", 1, "OF_A"),
        ("A", "Y", 2, "OF_A"),
        ("B", "ID", 1, "Of b"),
    ]
    assert [row[4:7] for row in keys("show unique keys in table b")] == [
        ("K", 1, "ADDED"),
        ("L", 2, "ADDED"),
    ]


@pytest.mark.parametrize("view", ["key_column_usage", "character_sets", "nothing"])
def test_a_view_that_snowflake_has_not_is_refused(sql: Sql, view: str) -> None:
    errno, message = sql.failure(f"select * from canton.information_schema.{view}")

    assert (errno, f"INFORMATION_SCHEMA.{view.upper()}" in message) == (2003, True)
