"""CREATE FUNCTION in SQL: scalar and table functions, written into what calls them."""

from decimal import Decimal

import pytest

from tests.contract.snowflake.sql import Sql


@pytest.fixture
def prices(sql: Sql) -> None:
    """A table of three prices."""
    sql("create table prices (item string, price number(10,2))")
    sql("insert into prices values ('pen', 1.20), ('ink', 8.00), ('pad', 3.50)")


def test_a_scalar_function_is_its_expression(sql: Sql) -> None:
    sql("create function gross(net number(10,2), rate number(3,2) default 0.19) "
        "returns number(10,2) as $$ net * (1 + rate) $$")  # fmt: skip
    sql("create function label(n number(10,2)) returns string as $$ gross(n)::string || ' EUR' $$")

    assert sql.one("select gross(10), gross(10, 0.07)::string, label(1)") == (
        Decimal("11.90"),
        "10.70",
        "1.19 EUR",
    )
    assert sql.one("select count(*) from values (1), (2) where gross(column1) > 2") == 1
    assert sql.failure("select gross(1, 2, 3)")[0] == 2140


@pytest.mark.usefixtures("prices")
def test_a_scalar_function_may_be_a_query(sql: Sql, schema: str) -> None:
    sql("create function dearest(least number(10,2)) returns string as "
        "'select max_by(item, price) from prices where price >= least'")  # fmt: skip
    sql("use schema canton.gold")

    assert sql.one(f"select canton.{schema}.dearest(2), canton.{schema}.dearest(9)") == (
        "ink",
        None,
    )


@pytest.mark.usefixtures("prices")
def test_a_table_function_is_its_query(sql: Sql) -> None:
    sql("create function above(least number(10,2)) returns table (name string, cents int) as "
        "'select item, price * 100 from prices where price > least'")  # fmt: skip

    assert sql("select a.name, cents from table(above(2)) a order by cents") == [
        ("pad", 350),
        ("ink", 800),
    ]
    assert sql.one("select count(*) from table(above(0)) join prices on item = name") == 3
    assert sql.failure("select above(2)")[0] == 1003


def test_a_table_function_takes_the_columns_of_a_table(sql: Sql) -> None:
    sql("create function tenfold(n int) returns table (m int) as 'select n * 10'")

    query = "select column1, m from values (1), (2) v, table(tenfold(column1)) order by 1"
    assert sql(query) == [(1, 10), (2, 20)]


def test_a_function_is_replaced_and_dropped(sql: Sql) -> None:
    sql("create function one() returns int as '1'")
    assert sql.failure("create function one() returns int as '2'")[0] == 2002
    assert sql.one("create function if not exists one() returns int as '2'").startswith(
        "ONE already"
    )
    sql("create or replace function one() returns int as '2'")
    assert sql.one("select one()") == 2
    assert sql.one("drop function one()") == "ONE successfully dropped."
    assert sql.failure("select one()")[0] == 2140
    assert sql.failure("drop function one()")[0] == 2003


@pytest.mark.usefixtures("prices")
@pytest.mark.parametrize(
    ("definition", "errno"),
    [
        ("f(price int) returns int as 'select count(*) from prices where price > price'", 2),
        ("f(a int) returns int as 'list_sum([a])'", 2140),
        ("f(a int) returns int as 'select 1 from duckdb_tables()'", 2140),
        ("f(a int) returns int strict as 'a'", 2),
        ("f(a int) returns int as 'a +'", 1003),
        ("f(a int) returns int language javascript as 'return 1'", 2),
        ("nowhere.f(a int) returns int as 'a'", 2003),
    ],
)
def test_a_body_that_is_not_answered_is_refused(sql: Sql, definition: str, errno: int) -> None:
    assert sql.failure(f"create function {definition}")[0] == errno


def test_overloads_differ_in_their_number_of_arguments(sql: Sql) -> None:
    sql("create function f(a int) returns string as $$ 'one' $$")
    sql("create function f(a int, b int) returns string as $$ 'two' $$")

    assert sql.one("select f(1), f(1, 2)") == ("one", "two")
    assert sql.failure("create function f(a string) returns string as 'a'")[0] == 2


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("i, upto(i) from nums order by 1", [(1, 1), (2, 2)]),
        ("nums.i, upto(nums.i) + 1 from nums order by 1", [(1, 2), (2, 3)]),
        ("i, twice(i) from nums order by 1", [(1, 2), (2, 4)]),
        ("nums.i, t.i from nums, table(below(nums.i)) t order by 1, 2", [(1, 1), (2, 1), (2, 2)]),
    ],
)
def test_an_argument_is_no_column_of_the_tables_that_a_body_reads(
    sql: Sql, call: str, found: list[tuple[int, int]]
) -> None:
    sql("create table nums (i int)")
    sql("insert into nums values (1), (2)")
    body = "select max(i) from nums where i <= k"
    sql(f"create function upto(k int) returns int as '{body}'")
    sql(f"create function twice(k int) returns int as 'k + ({body})'")
    sql("create function below(k int) returns table (i int) as 'select i from nums where i <= k'")
    assert sql(f"select {call}") == found
    assert sql.failure("select upto(max(i)) from nums")[0] == 2


def test_defaults_leave_no_doubt_which_function_is_called(sql: Sql) -> None:
    sql("create function f(x int) returns int as 'x'")
    sql("create function f(x int, y int, z int default 1) returns int as 'x + y + z'")
    for arguments in ("x int, y int default 5", "x int, y int"):
        assert sql.failure(f"create function f({arguments}) returns int as 'x'")[0] == 2
    assert sql("select f(1), f(1, 2), f(1, 2, 3)") == [(1, 4, 6)]


@pytest.mark.parametrize(
    ("definition", "number", "named"),
    [
        ("f(x int) returns int as 'y + 1'", 904, "invalid identifier 'Y'"),
        ("f() returns int as 'select nosuch from t'", 904, "invalid identifier 'NOSUCH'"),
        ("f() returns int as 'select count(*) from nowhere'", 2003, "NOWHERE"),
        ("f() returns table (a int) as 'select a from nowhere'", 2003, "NOWHERE"),
        ("f(x int) returns table (a int) as 'select i from t where i = z'", 904, "'Z'"),
    ],
)
def test_a_body_of_names_that_are_not_there_is_refused_when_it_is_defined(
    sql: Sql, definition: str, number: int, named: str
) -> None:
    sql("create table t (i int, v variant)")
    error = sql.failure(f"create function {definition}")
    assert (error[0], named in error[1]) == (number, True), error
    sql("create function half(x int) returns float as 'x / 2'")
    query = "select i + half(x) + w:a.b::int from t where i > x and exists (select 1 from t u)"
    sql(f"create function g(x int, w variant) returns table (a int) as '{query}'")
    sql("create function h(x array) returns int as 'array_size(x) + round(1.5, 1)'")
