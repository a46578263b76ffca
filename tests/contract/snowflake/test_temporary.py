"""Temporary tables and views, and comments of columns, as dbt makes them."""


def test_a_temporary_table_is_described_as_it_was_declared(sql):
    sql("create temporary table t (a int not null, s varchar(3), l array)")
    described = [(name, kind, null) for name, kind, _, null, *_ in sql("describe table t")]

    assert described == [
        ("A", "NUMBER(38,0)", "N"),
        ("S", "VARCHAR(3)", "Y"),
        ("L", "ARRAY", "Y"),
    ]
    assert sql.failure("show columns in table t")[0] == 2


def test_what_a_temporary_table_declares_is_not_told_of_another(sql):
    schema = sql.one("select current_schema()")
    sql("create temporary table t (s varchar(3))")
    sql("drop table t")
    sql("create table t (s varchar)")

    assert sql("describe table t")[0][1] == "VARCHAR(16777216)"
    sql("use schema canton.gold")
    sql(f"create or replace table canton.{schema}.t (n int)")
    assert sql(f"select n from canton.{schema}.t") == []


def test_a_temporary_table_that_could_not_be_made_hides_no_other(sql):
    schema = sql.one("select current_schema()")
    sql("create table t as select 1 as n")
    assert sql.failure("create temporary table t as select nosuch")[0] == 904
    sql("use schema canton.gold")

    assert sql(f"select n from canton.{schema}.t") == [(1,)]


def test_a_temporary_table_is_of_its_schema_alone(sql):
    schema = sql.one("select current_schema()")
    sql("create temporary table t as select 1 as n")
    sql(f"create schema canton.{schema}_2")
    assert sql.failure("select n from t")[0] == 2003
    sql("create table t as select 2 as n")
    sql("insert into t values (3)")

    assert sql("select n from t order by n") == [(2,), (3,)]
    assert sql("with t as (select 4 as n) select n from t") == [(4,)]
    assert sql(f"select n from canton.{schema}.t") == [(1,)]
    sql("drop table t")
    assert sql(f"select n from canton.{schema}.t") == [(1,)]


def test_a_view_can_be_temporary(sql):
    place = f"canton.{sql.one('select current_schema()')}"
    sql(f"create temporary table {place}.t as select 1 as a, 'x' as s")
    for extra in (1, 2):
        sql(f"create or replace temporary view {place}.v as select a + {extra} as b from t")

    assert sql(f"select b from {place}.v") == [(3,)]
    assert [row[0] for row in sql(f"describe view {place}.v")] == ["B"]
    sql(f"drop view {place}.v")
    assert sql.failure(f"select b from {place}.v")[0] == 2003


def test_comments_of_columns_are_set_together(sql):
    sql("create table t (a int, b number(3,2) not null comment 'old', c int)")
    changes = "column b comment 'b, ''c''', b drop not null"
    sql(f'alter table t alter "A" comment $$it\'s (5$$, {changes}')
    sql("alter table t modify column c comment 'x'")

    described = [(name, null, row[5]) for name, _, _, null, *row in sql("describe table t")]
    assert described == [("A", "Y", "it's (5"), ("B", "Y", "b, 'c'"), ("C", "Y", "x")]


def test_a_transaction_begins_before_a_comment(sql):
    sql("create table t (a int)")
    sql("begin\n/* by dbt; see there */")
    sql("insert into t values (1)")
    sql("rollback")

    assert sql.one("select count(*) from t") == 0
    assert sql.one("begin /* a block */ return 5; end") == 5


def test_temporary_tables_are_listed_for_their_own_session(sql, new_sql, schema):
    sql("create table b (i int)")
    sql("create view v as select i from b")
    sql("create temporary table c (i int)")
    sql("insert into c values (1), (2)")
    sql("create temporary table canton.gold.elsewhere (i int)")
    sql("create temporary table d (i int)")
    sql("alter table d rename to a")

    def shown(session, scope=""):
        return [(row[1], row[2], *row[3:5], row[7]) for row in session(f"show tables {scope}")]

    place = ("CANTON", schema)
    of_all = [("B", "TABLE", *place, 0)]
    own = [("A", "TEMPORARY", *place, 0), *of_all, ("C", "TEMPORARY", *place, 2)]
    assert (shown(sql), shown(new_sql())) == (own, of_all)
    assert [row[1:3] for row in sql("show terse tables like 'C'")] == [("C", "TEMPORARY")]
    assert ("ELSEWHERE", "TEMPORARY", "CANTON", "GOLD", 0) in shown(sql, "in account")
    listed = f"""select tables.table_name, table_type, is_temporary, row_count
                 from canton.information_schema.tables where table_schema = '{schema}' order by 1"""
    of_all = [("B", "BASE TABLE", "NO", 0), ("V", "VIEW", "NO", None)]
    assert new_sql()(listed) == of_all
    assert sql(listed) == [
        ("A", "LOCAL TEMPORARY", "YES", 0),
        of_all[0],
        ("C", "LOCAL TEMPORARY", "YES", 2),
        of_all[1],
    ]
    sql("drop table c")
    assert [row[0] for row in shown(sql)] == ["A", "B"]
    assert sql("select a.i from a") == []


def test_what_was_shown_beside_a_temporary_table_can_be_read_again(sql):
    sql("create temporary table kept (n int)")
    sql("show tables like 'kept'")

    assert sql('select "name" from table(result_scan(last_query_id()))') == [("KEPT",)]
