"""Types that the server remembers are those of what a name means now."""

from decimal import Decimal

import pytest

THIRD = "select a / 3 from t"
OF_NUMBER, OF_FLOAT = Decimal("0.333333"), 1 / 3
AS_FLOAT = {
    "a table in its place": ["create or replace table t as select 1::float as a"],
    "a table of its name": ["drop table t", "create table t (a float) as select 1"],
    "a renamed table": [
        "create table u as select 1::float as a",
        "drop table t",
        "alter table u rename to t",
    ],
    "a column of its name": [
        "alter table t add column b float default 1",
        "alter table t drop column a",
        "alter table t rename column b to a",
    ],
    "a view in its place": ["drop table t", "create view t as select 1::float as a"],
    "two tables swapped": ["create table u as select 1::float as a", "alter table t swap with u"],
    "in a block": ["begin create or replace table t as select 1::float as a; end"],
    "by a text": ["execute immediate 'create or replace table t as select 1::float as a'"],
    "a temporary table": ["create temporary table t as select 1::float as a"],
}


@pytest.mark.parametrize("statements", AS_FLOAT.values(), ids=AS_FLOAT)
def test_a_question_has_another_answer_after_a_definition(sql, new_sql, statements):
    sql("create table t as select 1 as a")
    others = new_sql()
    assert [one.one(THIRD) for one in (sql, others, sql)] == [OF_NUMBER] * 3
    for statement in statements:
        sql(statement)

    seen_by_others = OF_NUMBER if "temporary" in statements[0] else OF_FLOAT
    assert [one.one(THIRD) for one in (sql, others, sql)] == [OF_FLOAT, seen_by_others, OF_FLOAT]


def test_a_temporary_table_has_no_part_in_what_others_are_told(sql, new_sql):
    sql("create table t as select 1 as a")
    own = new_sql()
    own("create temporary table t as select 1::float as a")
    assert [one.one(THIRD) for one in (own, sql, own)] == [OF_FLOAT, OF_NUMBER, OF_FLOAT]
    own("drop table t")

    assert own.one(THIRD) == OF_NUMBER


def test_each_schema_has_its_own(sql):
    first = sql.one("select current_schema()")
    sql("create table t as select 1 as a")
    sql(f"create schema canton.{first}_2")
    sql("create table t as select 1::float as a")

    assert sql.one(THIRD) == OF_FLOAT
    sql(f"use schema canton.{first}")
    assert sql.one(THIRD) == OF_NUMBER


def test_a_function_may_come_to_give_another_type(sql):
    for kind, third in (("number", OF_NUMBER), ("float", OF_FLOAT)):
        sql(f"create or replace function one() returns {kind} as '1::{kind}'")
        assert [sql.one("select one() / 3") for _ in range(2)] == [third] * 2


def test_rows_of_a_result_have_the_types_of_that_result(sql):
    for kind, third in (("number", OF_NUMBER), ("float", OF_FLOAT)):
        sql(f"select 1::{kind} as a")
        assert sql.one("select a / 3 from table(result_scan(last_query_id()))") == third


def test_what_chooses_the_rows_of_a_source_decides_no_type(sql):
    sql("create table t as select column1 as a, column2 as b from values (1, 2), (1, 3), (4, 5)")
    inner = "select a, sum(b) as b from t where a < 4 group by a having sum(b) > 4"

    assert sql(f"with s as ({inner}) select a / 3, b / 2 from s order by a limit 1") == [
        (OF_NUMBER, 2.5)
    ]
    assert sql.failure(f"select b / 2 from ({inner.replace('a < 4', 'nosuch < 4')})")[0] == 904
