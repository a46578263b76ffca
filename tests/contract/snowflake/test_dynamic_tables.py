"""Dynamic tables: made with their rows, brought up to date by ALTER … REFRESH."""

from decimal import Decimal

import pytest

from tests.contract.snowflake.sql import Sql

OPTIONS = "target_lag = '1 minute' warehouse = w"


@pytest.fixture
def gold(sql: Sql) -> Sql:
    """A dynamic table over a view over another one."""
    sql("create table n (k string, x number(38,2))")
    sql("insert into n values ('a', 1.5), ('b', 2), ('a', 3)")
    sql(f"create dynamic table silver {OPTIONS} as select k, x * 2 as twice from n where x > 1")
    sql("create view doubled as select * from silver")
    sql(f"create dynamic table gold {OPTIONS} refresh_mode = incremental initialize = on_create "
        "comment = 'by k' as select k, sum(twice) as total from doubled group by k")  # fmt: skip
    return sql


def totals(sql: Sql) -> list[tuple]:
    return sql("select k, total from gold order by k")


def states(sql: Sql) -> dict[str, str]:
    sql("show dynamic tables in schema")
    return dict(sql('select "name", "scheduling_state" from table(result_scan(last_query_id()))'))


def test_a_refresh_reads_what_is_upstream_as_well(gold: Sql) -> None:
    assert totals(gold) == [("a", Decimal("9.00")), ("b", Decimal("4.00"))]
    gold("delete from n where k = 'b'")
    gold("insert into n values ('c', 4)")
    assert totals(gold) == [("a", Decimal("9.00")), ("b", Decimal("4.00"))]
    gold("alter dynamic table gold refresh")

    assert totals(gold) == [("a", Decimal("9.00")), ("c", Decimal("8.00"))]
    assert gold("select k from silver order by k") == [("a",), ("a",), ("c",)]


def test_a_query_means_what_it_meant_where_it_was_made(gold: Sql) -> None:
    place = f"canton.{gold.one('select current_schema()')}"
    gold("insert into n values ('c', 4)")
    gold("use schema canton.gold")
    gold(f"alter dynamic table {place}.gold refresh")

    assert gold.one(f"select total from {place}.gold where k = 'c'") == Decimal("8.00")


def test_a_common_table_expression_may_be_called_as_the_table_it_reads(gold: Sql) -> None:
    place = f"canton.{gold.one('select current_schema()')}"
    gold(f"""create dynamic table d {OPTIONS} as with m as (select 1 as i), n as (
        select k from n where k in (select 'a' from m)), r as (
        select 1 as i union all select i + 1 from r where i < 2) select k, i from n, r""")
    gold("insert into n values ('a', 9)")
    gold("use schema canton.gold")
    gold(f"alter dynamic table {place}.d refresh")

    assert gold(f"select * from {place}.d order by 2") == [("a", 1)] * 3 + [("a", 2)] * 3


def test_a_dynamic_table_commits_itself_without_autocommit(gold: Sql) -> None:
    gold("alter session set autocommit = false")
    gold(f"create dynamic table d {OPTIONS} as select k from gold")
    gold("rollback")
    gold("insert into n values ('c', 4)")
    gold("commit")
    gold("alter dynamic table d refresh")
    gold("rollback")
    gold("drop dynamic table gold")
    gold("rollback")

    assert gold("select k from d order by k") == [("a",), ("b",), ("c",)]
    assert gold.failure("select * from gold")[0] == 2003
    assert list(states(gold)) == ["D", "SILVER"]


def test_a_refresh_that_fails_changes_nothing(gold: Sql) -> None:
    gold(f"create dynamic table ratio {OPTIONS} as select 1 / total as r from gold")
    gold("insert into n values ('z', 2), ('z', 1.1)")
    gold("create or replace view doubled as select k, twice - twice as twice from silver")
    assert gold.failure("alter dynamic table ratio refresh")[0] == 100051

    assert totals(gold) == [("a", Decimal("9.00")), ("b", Decimal("4.00"))]
    assert gold.one("select count(*) from silver") == 3


def test_a_refresh_that_would_have_other_columns_is_refused(gold: Sql) -> None:
    gold("create or replace view doubled as select k, twice::float as twice from silver")

    assert gold.failure("alter dynamic table gold refresh")[0] == 2
    gold(f"create or replace dynamic table gold {OPTIONS} as "
         "select k, sum(twice) as total from doubled group by k")  # fmt: skip
    assert totals(gold) == [("a", 9.0), ("b", 4.0)]


def test_what_reads_from_a_suspended_table_is_suspended(gold: Sql) -> None:
    assert states(gold) == {"GOLD": "ACTIVE", "SILVER": "ACTIVE"}
    gold("alter dynamic table silver suspend")
    assert states(gold) == {"GOLD": "SUSPENDED", "SILVER": "SUSPENDED"}
    assert gold.failure("alter dynamic table gold resume")[0] == 1003
    gold("insert into n values ('c', 4)")
    gold("alter dynamic table gold refresh")  # by hand it may be
    assert len(totals(gold)) == 3
    gold("alter dynamic table silver resume")
    assert states(gold) == {"GOLD": "ACTIVE", "SILVER": "ACTIVE"}


def test_dynamic_tables_are_shown(gold: Sql) -> None:
    gold("alter dynamic table if exists gold set target_lag = downstream, warehouse = other")
    gold("show dynamic tables like 'G%' in schema")
    columns = '"name", "rows", "target_lag", "refresh_mode", "warehouse", "comment"'
    shown = gold(f"select {columns} from table(result_scan(last_query_id()))")

    assert shown == [("GOLD", 2, "DOWNSTREAM", "INCREMENTAL", "OTHER", "by k")]
    gold("show tables in schema")
    marked = gold('select "name", "is_dynamic" from table(result_scan(last_query_id()))')
    assert sorted(marked) == [("GOLD", "Y"), ("N", "N"), ("SILVER", "Y")]


@pytest.mark.parametrize(
    ("statement", "errno"),
    [
        ("insert into gold values ('x', 1)", 1003),
        ("update gold set total = 0", 1003),
        ("delete from gold", 1003),
        ("truncate table gold", 1003),
        ("merge into gold using n on gold.k = n.k when matched then delete", 1003),
        ("drop table gold", 2203),
        ("alter table gold add column y int", 2),
        ("create or replace table gold (a int)", 2),
        ("create table other clone gold", 2),
        (f"create dynamic table n {OPTIONS} as select 1 as a", 2002),
        (f"create or replace dynamic table n {OPTIONS} as select 1 as a", 2002),
        (f"create dynamic table gold {OPTIONS} as select 1 as a", 2002),
        ("create dynamic table d warehouse = w as select 1 as a", 1003),
        ("create dynamic table d target_lag = '5 seconds' warehouse = w as select 1 as a", 1003),
        (f"create dynamic table d {OPTIONS} initialize = on_schedule as select 1 as a", 2),
        (f"create dynamic table d {OPTIONS} cluster by (a) as select 1 as a", 2),
        (f"create dynamic table d {OPTIONS} as select $x as a", 2),
        (f"create dynamic table d {OPTIONS} as select nosuch from n", 904),
        (f"create dynamic table d {OPTIONS} as select read_text('/etc/passwd') as a", 2140),
        ("alter dynamic table gold rename to d", 2),
        ("alter dynamic table nosuch refresh", 2003),
        ("drop dynamic table n", 2003),
    ],
)
def test_what_a_dynamic_table_is_not(gold: Sql, statement: str, errno: int) -> None:
    assert gold.failure(statement)[0] == errno
    assert totals(gold) == [("a", Decimal("9.00")), ("b", Decimal("4.00"))]


def test_a_refresh_needs_no_open_transaction(gold: Sql) -> None:
    gold("begin")
    assert gold.failure("alter dynamic table gold refresh")[0] == 2


def test_a_dynamic_table_goes_with_its_schema(gold: Sql) -> None:
    place = f"canton.{gold.one('select current_schema()')}"
    assert gold.one("drop dynamic table gold") == "GOLD successfully dropped."
    assert gold.failure("select * from gold")[0] == 2003
    assert "already dropped" in gold.one("drop dynamic table if exists gold")
    gold(f"create or replace schema {place}")
    gold("create table silver as select 1 as a")

    assert gold.count("insert into silver values (2)") == 1
