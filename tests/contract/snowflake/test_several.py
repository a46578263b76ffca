"""Several statements in one text, and values of sequences as ORMs write them."""

import pytest
from snowflake.connector.errors import ProgrammingError


def test_a_text_of_several_statements_has_an_answer_for_each(sql):
    text = """create table t (n int);
              insert into t values (1), (2); -- two; rows
              select n, ';' from t order by n;"""
    with sql.connection.cursor() as cursor:
        cursor.execute(text, num_statements=0)
        assert "T" in cursor.fetchone()[0]
        assert cursor.nextset()
        assert cursor.rowcount == 2
        assert cursor.nextset()
        assert cursor.fetchall() == [(1, ";"), (2, ";")]
        assert cursor.nextset() is None


def test_a_text_of_several_statements_stops_at_the_first_error(sql):
    with sql.connection.cursor() as cursor:
        for text, wanted, errno in (
            ("select 1; select 2", 3, 8),
            ("create table t (n int); select nosuch from t; drop table t", 3, 904),
            ("select 1; begin return 5; end", 0, 2),
        ):
            with pytest.raises(ProgrammingError) as caught:
                cursor.execute(text, num_statements=wanted)
            assert caught.value.errno == errno
    assert sql("select * from t") == []


def test_a_sequence_is_a_default_and_part_of_expressions(sql):
    name = sql.one("select current_schema()")
    sql(f"create sequence canton.gold.{name} start 5")
    sql(f"create table t (id int not null default canton.gold.{name}.nextval, s string)")
    sql("insert into t (s) values ('a'), ('b')")

    assert sql("select id, s from t order by id") == [(5, "a"), (6, "b")]
    assert sql.one(f"select canton.gold.{name}.nextval * 10") == 70
