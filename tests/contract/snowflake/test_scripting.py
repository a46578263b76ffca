"""Snowflake Scripting: blocks, EXECUTE IMMEDIATE and stored procedures in SQL."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.snowflake.sql import Sql

VALUES = [
    # variables and their types
    ("declare a int default 4; b string := 'x'; begin return b || a; end", "x4"),
    ("begin let a number(6,2) := 1.239; return a; end", Decimal("1.24")),
    ("begin let a := 2; let b date := '2024-02-28'; return b + a; end", dt.date(2024, 3, 1)),
    ("begin let v variant := parse_json('{\"n\": [7]}'); return v:n[0]::int; end", 7),
    ("declare a int; begin return a is null; end", True),
    ("begin let a := 1; begin let a := 2; end; return a; end", 1),
    ("begin let a := 1; begin a := a + 1; end; return a; end", 2),
    ("begin null; end", None),
    # branches
    ("begin if (1 > 2) then return 'a'; elseif (2 > 2) then return 'b'; end if; return 'c'; end",
     "c"),
    ("begin if (null) then return 'a'; else return 'b'; end if; end", "b"),
    ("begin let a := 7; case when a > 9 then return 'big'; when a > 5 then return 'mid'; end; end",
     "mid"),
    ("begin return case when true then 'inline' end; end", "inline"),
    # loops
    ("begin let s := 0; for i in 2 to 4 do s := s + i; end for; return s; end", 9),
    ("begin let s := 0; for i in 4 to 2 do s := s + i; end for; return s; end", 0),
    ("begin let s := ''; for i in reverse 1 to 3 loop s := s || i; end loop; return s; end", "321"),
    ("begin let n := 0; repeat n := n + 2; until (n >= 5) end repeat; return n; end", 6),
    ("begin let n := 0; while (n < 9) loop n := n + 4; end loop; return n; end", 12),
    (("begin let n := 0; loop loop n := n + 1; break outer_; end loop; end loop outer_; return n; "
     "end"), 1),
    # rows
    (("begin let s := 0; let c cursor for select i from n order by i; for r in c do "
     "s := s * 10 + r.i; end for; return s; end"), 123),
    (("declare c cursor for select i from n where i > ? order by i; a int; b int; begin "
     "open c using (1); fetch c into a; fetch c into b; close c; return a * 10 + b; end"), 23),
    (("declare a int; b int; begin select min(i), max(i) into :a, :b from n; return a || '-' || b; "
     "end"), "1-3"),
    (("begin let least := 2; let many := (select count(*) from n where i >= :least); return many; "
     "end"), 2),
    ("begin insert into n select i + 10 from n; return sqlrowcount; end", 3),
    (("begin update n set i = 9 where i = 1; return sqlfound || '-' || sqlnotfound; end"),
     "true-false"),
    (("begin delete from n where i = 99; if (sqlnotfound) then return 'none'; end if; "
     "return 'some'; end"), "none"),
    ("begin select i from n; return sqlfound is null; end", True),
    (("begin let t := 'n'; let q := 'select max(i) from ' || t || ' where i < ?'; let most := 3; "
     "let r resultset := (execute immediate :q using (most)); "
     'for one in r do return one."MAX(I)"; end for; end'), 2),
    # exceptions
    (("declare e exception (-20100, 'it''s mine'); begin raise e; exception when e then "
     "return sqlcode || sqlerrm || sqlstate; end"), "-20100it's mineP0001"),
    (("begin select 1 / 0; exception when expression_error then return 'e'; "
     "when statement_error then return 's' || sqlcode; end"), "s100051"),
    (("begin let a := 1 / 0; exception when statement_error or expression_error then "
     "return 'caught'; end"), "caught"),
    (("declare a exception; b exception; begin begin raise a; exception when b then return 'b'; "
     "end; exception when other then return 'outer'; end"), "outer"),
    (("declare e exception; n int default 0; begin raise e; n := n + 1; return n; "
     "exception when e continue then n := 5; end"), 6),
]  # fmt: skip


@pytest.fixture
def n(sql: Sql) -> None:
    """A table of three numbers."""
    sql("create table n (i int)")
    sql("insert into n values (3), (1), (2)")


@pytest.mark.usefixtures("n")
@pytest.mark.parametrize(("block", "answer"), VALUES)
def test_a_block_returns_its_value(sql: Sql, block: str, answer: Any) -> None:
    assert sql(f"execute immediate $${block}$$") == [(answer,)]


def test_a_block_needs_no_execute_immediate(sql: Sql) -> None:
    with sql.connection.cursor() as cursor:
        rows = cursor.execute("-- two\nbegin let a := 1; return a + 1; end;").fetchall()  # type: ignore[union-attr]
        names = [column.name for column in cursor.description]

    assert (rows, names) == ([(2,)], ["anonymous block"])


@pytest.mark.usefixtures("n")
def test_a_block_returns_a_table(sql: Sql) -> None:
    for returned in ("table(r)", "table(c)", "table(select i from n where i > 1 order by i)"):
        block = (
            "declare r resultset default (select i from n where i > 1 order by i); "
            f"c cursor for r; begin return {returned}; end"
        )
        assert sql(block) == [(2,), (3,)]


@pytest.mark.parametrize(
    ("block", "errno", "message"),
    [
        ("declare e exception (-20007, 'no'); begin\n  raise e; end", -20007,
         "Uncaught exception of type 'E' on line 2 at position 2 : no"),
        ("begin select 1 / 0; end", 100051,
         "Uncaught exception of type 'STATEMENT_ERROR' on line 1 at position 6 : Division by zero"),
        ("declare e exception (-20007, 'no'); begin raise e; exception when other then raise; end",
         -20007, "Uncaught exception of type 'E' on line 1 at position 42 : no"),
        ("begin return 1; ", 1003, "SQL compilation error:\nsyntax error line 1 at position 15"),
        ("begin if 1 = 1 then return 1; end if; end", 1003,
         "SQL compilation error:\nsyntax error line 1 at position 9"),
        ("begin return nobody; end", 904, ""),
        ("begin insert into n values (:nobody); end", 904, ""),
        # what is only refused here is no exception that a handler could take
        ("begin let a := 1; a := 'text'; exception when other then return 0; end", 2, ""),
        ("begin undrop table n; exception when other then return 0; end", 2, ""),
        ("begin async (select 1); end", 2, ""),
    ],
)  # fmt: skip
def test_what_nobody_takes_fails(sql: Sql, block: str, errno: int, message: str) -> None:
    number, said = sql.failure(block)

    assert (number, said[: len(message)]) == (errno, message) or (errno, message) == (904, "")


@pytest.mark.usefixtures("n")
def test_a_text_is_executed(sql: Sql) -> None:
    sql("set q = 'select i from n where i < 2'")

    assert sql("execute immediate $q") == [(1,)]
    assert sql("execute immediate 'select ''a'' as x'") == [("a",)]
    assert sql.failure("execute immediate 'select 1 +'")[0] == 1003


@pytest.mark.usefixtures("n")
def test_a_procedure_is_called_with_arguments(sql: Sql) -> None:
    sql("""create or replace procedure keep(amount number(6,2), label string default 'none')
           returns string not null language sql as $$
           begin
             insert into n values (:amount);
             return label || ' ' || amount;
           end; $$""")

    assert sql("call keep(4.239)") == [("none 4.24",)]
    assert sql("begin let x := 5; let said string; call keep(:x, 'five') into :said; "
               "return said; end") == [("five 5.00",)]  # fmt: skip
    assert sql("select i from n order by i desc limit 2") == [(5,), (4,)]
    assert sql.failure("call keep()")[0] == 2140
    assert sql.one("drop procedure keep(number, string)") == "KEEP successfully dropped."
    assert sql.failure("call keep(1)")[0] == 2140


@pytest.mark.usefixtures("n")
def test_a_procedure_has_its_owners_schema_or_its_callers(sql: Sql, schema: str) -> None:
    for rights in ("owner", "caller"):
        sql(f"create procedure {rights}s() returns int language sql execute as {rights} as "
            "begin return (select count(*) from n); end")  # fmt: skip
    sql("use schema canton.gold")

    assert sql.one(f"call canton.{schema}.owners()") == 3
    assert sql.one("select current_schema()") == "GOLD"
    assert sql.failure(f"call canton.{schema}.callers()")[0] == 2003


@pytest.mark.usefixtures("n")
def test_a_procedure_is_one_transaction_or_none(sql: Sql) -> None:
    sql("""create procedure moved(fails boolean) returns string language sql as $$
        declare stop exception (-20001, 'stop');
        begin
          begin transaction;
          delete from n where i = 1;
          if (fails) then raise stop; end if;
          commit;
          return 'done';
        exception when other then
          rollback;
          return sqlerrm;
        end; $$""")
    sql("create procedure half() returns int language sql as "
        "$$ begin begin transaction; delete from n; return 1; end; $$")  # fmt: skip

    assert (sql.one("call moved(true)"), sql.one("select count(*) from n")) == ("stop", 3)
    assert (sql.one("call moved(false)"), sql.one("select count(*) from n")) == ("done", 2)
    assert (sql.failure("call half()")[0], sql.one("select count(*) from n")) == (90232, 2)
    sql("begin")
    assert sql.failure("call moved(false)")[0] == 2


def test_a_block_without_end_stops_with_its_statement(new_sql: Callable[..., Sql]) -> None:
    sql = new_sql()
    sql("alter session set statement_timeout_in_seconds = 1")

    assert (
        sql.failure("begin loop null; end loop; exception when other then return 0; end")[0] == 630
    )


def test_procedures_of_other_kinds_are_refused(sql: Sql) -> None:
    for definition in ("language javascript as 'return 1'", "language python as 'x'"):
        assert sql.failure(f"create procedure p() returns int {definition}")[0] == 2
    sql("create procedure again() returns int language sql as begin call again(); return 1; end")
    assert sql.failure("call again()")[0] == 2


def test_a_variable_is_set_from_the_rows_of_the_statement_before(sql: Sql) -> None:
    block = """execute immediate $$
        begin
            show tables like 'shown';
            let found int := (select count(*) from table(result_scan(last_query_id())));
            return found;
        end;
    $$"""
    sql("create table shown (n int)")

    assert sql.one(block) == 1
