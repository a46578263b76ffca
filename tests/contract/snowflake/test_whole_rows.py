"""Statements that mean all columns of a source: PIVOT, stars in calls, positions, INSERT ALL."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.contract.snowflake.sql import Sql


@pytest.fixture
def sales(sql: Sql) -> None:
    """Amounts by shop and month."""
    sql("create table sales (shop string, month string, amount number(8,2))")
    sql("""insert into sales values ('a', 'JAN', 1.25), ('a', 'JAN', 2), ('a', 'FEB', 4),
           ('b', 'FEB', 8), (null, 'FEB', null)""")


@pytest.mark.usefixtures("sales")
@pytest.mark.parametrize(
    ("pivot", "rows"),
    [
        ("sum(amount) for month in ('JAN', 'FEB')",
         [("a", Decimal("3.25"), 4), ("b", None, 8), (None, None, None)]),
        ("count(amount) for month in (any)", [("a", 1, 2), ("b", 1, 0), (None, 0, 0)]),
        ("avg(amount) for month in ('JAN' as j)",
         [("a", Decimal("1.62500000")), ("b", None), (None, None)]),
        ("max(amount) for month in (select distinct month from sales where shop = 'b')",
         [("a", 4), ("b", 8), (None, None)]),
        ("sum(amount) for month in ('JAN') default on null (-1)",
         [("a", Decimal("3.25")), ("b", -1), (None, -1)]),
    ],
)  # fmt: skip
def test_values_become_columns(sql: Sql, pivot: str, rows: list[tuple]) -> None:
    for source in ("sales", "(select * from sales)"):
        assert sql(f"select * from {source} pivot ({pivot}) order by shop") == rows


@pytest.mark.usefixtures("sales")
def test_columns_of_a_pivot_have_names(sql: Sql) -> None:
    pivoted = "sales pivot (sum(amount) for month in ('JAN', 'FEB' as second))"

    assert sql.one(f"""select "'JAN'" + second from {pivoted} where shop = 'a'""") == Decimal(
        "7.25"
    )
    assert sql.one(f"select two from {pivoted} as p (place, one, two) where p.place = 'b'") == 8
    for refused in ("sum(amount), max(amount) for month in ('JAN')", "sum(1) for month in ('JAN')"):
        assert sql.failure(f"select * from sales pivot ({refused})")[0] == 2
    view = "create view v as select * from sales pivot (sum(amount) for month in (any))"
    assert sql.failure(view)[0] == 2


@pytest.mark.usefixtures("sales")
def test_a_star_in_a_call_is_every_column(sql: Sql) -> None:
    made = "object_construct(* exclude (month))::string"

    assert sql(f"select {made} from sales where shop = 'b' or shop is null order by 1") == [
        ('{"AMOUNT":8,"SHOP":"b"}',),
        ("{}",),
    ]
    assert sql.one("select count(s.*), count(*) from sales s") == (4, 5)
    assert sql.failure("select count(nowhere.*) from sales")[0] == 904


def test_values_have_names(sql: Sql) -> None:
    assert sql("select v.column2 from (values (1, 'a'), (2, 'b')) as v order by v.column1") == [
        ("a",),
        ("b",),
    ]
    assert sql.one("select v.$1 + w.$1 from (values (1)) v join (values (2)) w") == 3
    assert sql.one("select object_construct(*)::string from (values (1)) v") == '{"COLUMN1":1}'


def test_a_sequence_is_a_table(sql: Sql) -> None:
    sql("create sequence s start 10 increment 5")
    sql("create table t (a int, n int)")
    sql("insert into t select column1, q.nextval from (values (1), (2)) v, table(getnextval(s)) q")

    assert sql("select n from t order by a") == [(10,), (15,)]
    assert sql("""select sequence_name, start_value, "INCREMENT" from information_schema.sequences
                  where sequence_schema = current_schema()""") == [("S", "10", "5")]  # fmt: skip
    sql("create table of_its_own (a int autoincrement)")
    sql("create sequence u noorder")
    shown = "select sequence_name from information_schema.sequences"
    assert sql(f"{shown} where sequence_schema = current_schema() order by 1") == [("S",), ("U",)]
    assert sorted(row[0] for row in sql("show sequences")) == ["S", "U"]
    assert sql.failure("create sequence w order")[0] == 2
    twice = "select n.nextval, n.nextval from table(getnextval(s)) n"
    assert sql.failure(twice)[0] == 2


@pytest.mark.usefixtures("sales")
def test_a_column_has_a_position(sql: Sql) -> None:
    assert sql.one("select $3 from sales where $1 = 'b'") == 8
    assert sql.one("select t.$2 from (select amount, shop from sales) t where t.$1 = 8") == "b"
    assert sql.failure("select $4 from sales")[0] == 904
    assert sql.failure("select $1 from sales s join sales t on s.shop = t.shop")[0] == 2


@pytest.mark.usefixtures("sales")
def test_rows_go_into_several_tables(sql: Sql) -> None:
    sql("create table small (shop string, amount number(8,2) default 9)")
    sql("create table large (shop string, amount number(8,2), v variant)")
    split = """insert {} when amount > 3 then into large values (shop, amount, v) when amount > 1
        then into small (shop, amount) values (upper(shop), default) else
        into large (shop) values ('none')
        select shop, amount, {{'x': amount}} as v from sales"""

    assert sql(split.format("first")) == [(3, 2)]
    assert sql("select * from small order by shop") == [("A", 9), ("A", 9)]
    assert sql("select shop, amount, v:x::int from large order by amount") == [
        ("a", 4, 4),
        ("b", 8, 8),
        ("none", None, None),
    ]
    assert sql(split.format("all")) == [(3, 4)]
    sql("begin")
    sql(split.format("all"))
    sql("rollback")
    assert sql.one("select count(*) from small") == 6


def test_insert_overwrite_may_read_the_table_that_it_replaces(sql: Sql) -> None:
    sql("create table t (i int, v variant, at timestamp_ntz)")
    sql("insert into t select column1, parse_json(column2), '2025-12-10 16:23:25.5'"
        " from values (1, '[1]'), (1, '[1]'), (2, null)")  # fmt: skip
    sql("create view twice as select i, v, at from t union all select i, v, at from t")

    assert sql(
        "insert overwrite into t select distinct i, v, at from twice where i > %s", (0,)
    ) == [(2,)]
    assert sql("select i, v[0]::int, at::string from t order by i") == [
        (1, 1, "2025-12-10 16:23:25.500"),
        (2, None, "2025-12-10 16:23:25.500"),
    ]
    sql("begin")
    sql("insert overwrite into t (i) select i + 10 from t")
    sql("rollback")
    assert sql("select sum(i), count(at) from t") == [(3, 2)]


@pytest.mark.parametrize("named", ["a.k, b.k", 'a.k, b.k as "k"'])
def test_columns_of_one_name_are_told_apart_by_their_place(sql: Sql, named: str) -> None:
    sql("create table a (k int) as select 1")
    sql("create table b (k int) as select 2")
    sql("create table t (x int, y int)")
    query = f"select {named} from a, b"

    sql(f"insert overwrite into t (x, y) {query}")
    assert sql("select x, y from t") == [(1, 2)]
    assert sql.failure(f"insert all into t (x, y) {query}")[0] == 2
    assert sql(query) == [(1, 2)]
    assert sql.failure("select * from table(result_scan(last_query_id()))")[0] == 2


def test_an_array_bind_does_not_empty_the_table_for_each_row(
    new_sql: Callable[..., Sql],
) -> None:
    sql = new_sql(paramstyle="qmark")
    sql("create table t (i int) as select 0")
    overwrite = "insert overwrite into t values (?)"
    assert sql.failure(overwrite, [[1, 2]])[0] == 2
    assert sql("select i from t") == [(0,)]
    assert (sql.count(overwrite, (1,)), sql("select i from t")) == (1, [(1,)])


def test_numbers_of_a_variant_keep_their_form_when_they_are_read_again(sql: Sql) -> None:
    numbers = "select 1.5::float::variant as f, parse_json('1e2') as n"
    shown = ("1.500000000000000e+00", "1.000000000000000e+02")
    assert sql.one(numbers) == shown
    assert sql.one("select * from table(result_scan(last_query_id()))") == shown
    sql("create table t (f variant, n variant)")
    sql(f"insert overwrite into t {numbers}")
    assert sql.one("select f, n from t") == shown
