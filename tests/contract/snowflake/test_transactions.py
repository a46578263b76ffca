"""Transactions: what commits, what waits, what is refused, what a failure leaves."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.contract.snowflake.sql import Sql

NewSql = Callable[..., Sql]
COMPARE_AND_SET = "update watermarks set position = 2 where stream = 's' and position = 1"


@pytest.fixture
def watermarks(sql: Sql) -> Sql:
    sql("create table watermarks (stream string, position int)")
    sql("insert into watermarks values ('s', 1)")
    sql("create table other (n int)")
    sql("insert into other values (1)")
    return sql


def positions(sql: Sql) -> list[Any]:
    return [row[0] for row in sql("select position from watermarks")]


@pytest.mark.parametrize(
    ("begin", "end", "position"),
    [
        ("begin", "commit", 2),
        ("BEGIN TRANSACTION", "rollback", 1),
        ("start transaction", "commit work", 2),
        ("begin work", "rollback work", 1),
        ("begin name x", "commit", 2),
        ("begin transaction name x", "rollback", 1),
    ],
)
def test_every_form_of_begin_and_end(watermarks: Sql, begin: str, end: str, position: int) -> None:
    watermarks(begin)
    watermarks("update watermarks set position = 2")
    watermarks(end)

    assert positions(watermarks) == [position]


@pytest.mark.parametrize("statement", ["commit", "rollback"])
def test_an_end_without_a_begin_changes_nothing(watermarks: Sql, statement: str) -> None:
    assert watermarks.one(statement) == "Statement executed successfully."


def test_a_begin_inside_a_transaction_changes_nothing(watermarks: Sql) -> None:
    for statement in ("begin", "update watermarks set position = 2", "begin", "rollback"):
        watermarks(statement)

    assert positions(watermarks) == [1]


def test_what_is_not_committed_is_not_seen_by_others(watermarks: Sql, new_sql: NewSql) -> None:
    other = new_sql()
    watermarks("begin")
    watermarks("update watermarks set position = 2")
    watermarks("insert into watermarks values ('t', 7)")

    assert (positions(watermarks), positions(other)) == ([2, 7], [1])
    watermarks("commit")
    assert positions(other) == [2, 7]


def test_reads_before_the_first_write_see_what_is_committed_by_then(
    watermarks: Sql, new_sql: NewSql
) -> None:
    reader = new_sql()
    reader("begin")
    assert positions(reader) == [1]
    watermarks("update watermarks set position = 2")

    assert positions(reader) == [2]


@pytest.fixture
def written(watermarks: Sql, new_sql: NewSql) -> Sql:
    """A session whose transaction has written; `other` and `more` were changed by others since."""
    for name in ("more", "made"):
        watermarks(f"create table {name} (n int, v variant, at timestamp_tz, what string)")
    watermarks("create view seen as select n from other")
    watermarks("create function most() returns int as 'select max(n) from other'")
    one = new_sql(paramstyle="qmark")
    one("begin")
    one("update watermarks set position = 5")
    watermarks("insert into other values (2)")
    watermarks(
        """insert into more
           select 2, parse_json('{"a": 1.50}'), '2025-01-01 00:00:00 +0000'::timestamp_tz,
               'it''s'"""
    )
    return one


@pytest.mark.parametrize(
    "query",
    [
        "select n from other order by n",
        "select n from seen order by n",
        "with watermarks as (select n from other) select n from watermarks order by n",
        "select value::int from table(flatten(array_construct(1, most())))",
        "select n from other union all select 9 where false order by n",
    ],
)
def test_a_query_after_the_first_write_sees_what_others_have_committed_since(
    written: Sql, query: str
) -> None:
    assert written(query) == [(1,), (2,)]
    assert positions(written) == [5]


def test_what_a_transaction_writes_is_made_from_what_others_have_committed_since(
    written: Sql, watermarks: Sql
) -> None:
    written("insert into made select * from more where n < ?", [3])
    written("insert all into made (n) values (n) select n * 10 as n from seen")
    written(
        """merge into made m using (select n + 1 as n from other) o on m.n = o.n
           when matched then update set what = 'merged'
           when not matched then insert (n) values (o.n)"""
    )
    written("merge into made m using other on m.n = other.n when matched then delete")

    assert written("select n, v:a::float, what from made order by n") == [
        (3, None, None),
        (10, None, None),
        (20, None, None),
    ]
    written("insert into made select * from more")
    ((at, value),) = written("select at::string, v::string from made where v is not null")
    assert (at, value) == ("2025-01-01 00:00:00.000 +0000", '{"a":1.5}')
    written("commit")
    assert watermarks("select count(*) from made") == [(4,)]


def test_what_others_did_to_further_rows_does_not_keep_a_transaction_from_changing_rows(
    written: Sql, watermarks: Sql
) -> None:
    written("insert into made (n) values (1), (2), (5)")
    written("commit")
    written("begin")
    written("update watermarks set position = 6")
    watermarks("insert into other values (7)")
    watermarks("delete from other where n = 2")
    written("delete from made where n in (select n + 4 from seen where n < 4)")
    written("update other set n = n + 2 where n = ? and n < (select max(n) from more)", [1])
    written("commit")
    assert written("select n from other order by n") == [(3,), (7,)]
    assert written("select n from made order by n") == [(1,), (2,)]


@pytest.mark.parametrize(
    "statement",
    [
        "select count(*) from other join watermarks on true",
        "select most() from watermarks",
        "update other set n = n + 1",
        "delete from other where n = 2",
        "delete from other where n = (select count(*) from other)",
        "update watermarks set position = (select max(n) from other)",
        "update other set n = (select max(n) from seen) where n = 1",
        "update made set n = most() where n is null",
        "insert into watermarks select stream, n from watermarks, seen",
        "merge into other using (select 1 as n) s on other.n = s.n when matched then delete",
    ],
)
def test_what_needs_both_own_and_others_newer_rows_is_refused(written: Sql, statement: str) -> None:
    errno, message = written.failure(statement)

    assert (errno, "another transaction has changed since" in message) == (2, True)
    written("commit")
    assert (positions(written), written("select max(n) from other")) == ([5], [(2,)])


def test_a_transaction_sees_what_it_wrote_itself_whoever_writes_elsewhere(
    watermarks: Sql, new_sql: NewSql
) -> None:
    one = new_sql()
    one("create temporary table mine (n int)")
    one("begin")
    one("insert into other values (7)")
    one("insert into mine values (8)")
    watermarks("update watermarks set position = 3")

    assert one("select n from other where n > 1") == [(7,)]
    assert one("select n from mine") == [(8,)]
    assert one("select position from watermarks") == [(3,)]
    one("rollback")
    assert one("select n from mine") == []


def test_without_autocommit_a_write_begins_a_transaction(watermarks: Sql, new_sql: NewSql) -> None:
    other = new_sql(autocommit=False)
    other("update watermarks set position = 2")
    assert positions(watermarks) == [1]
    other.connection.rollback()
    assert positions(other) == [1]
    other("update watermarks set position = 3")
    other.connection.commit()

    assert positions(watermarks) == [3]


def test_autocommit_can_be_switched_within_a_session(watermarks: Sql, new_sql: NewSql) -> None:
    other = new_sql()
    other("alter session set autocommit = false")
    other("update watermarks set position = 2")
    assert positions(watermarks) == [1]
    other("alter session set autocommit = true")
    assert positions(watermarks) == [2]
    other("update watermarks set position = 3")

    assert positions(watermarks) == [3]


@pytest.mark.parametrize(
    "ddl",
    [
        "create table t (a int)",
        "create or replace view v as select 1 as a",
        "alter table other add column b int",
        "drop table other",
        "comment on table other is 'x'",
        "create schema canton.nope",
        "create stage s url = 's3://x/'",
        "drop stage if exists s",
        """create function f() returns int language python runtime_version = '3.11'
           handler = 'h' as 'def h(): return 1'""",
    ],
)
def test_ddl_inside_a_transaction_is_refused(watermarks: Sql, ddl: str) -> None:
    watermarks("begin")
    watermarks("update watermarks set position = 2")
    errno, message = watermarks.failure(ddl)

    assert (errno, "DDL inside an open transaction" in message) == (2, True)
    watermarks("commit")
    assert positions(watermarks) == [2]


@pytest.mark.parametrize(
    "bad",
    [
        "insert into other select 1/0",
        "insert into other values ('x')",
        "select 1/0 from watermarks",
    ],
)
def test_a_commit_after_a_failure_fails_and_keeps_nothing(watermarks: Sql, bad: str) -> None:
    watermarks("begin")
    watermarks("update watermarks set position = 2")
    failed, _ = watermarks.failure(bad)
    errno, message = watermarks.failure("commit")

    assert failed != 2
    assert (errno, "nothing of it is kept" in message) == (2, True)
    assert f"because a statement in it failed: {failed:06}" in message
    assert positions(watermarks) == [1]
    watermarks("update watermarks set position = 3")
    assert positions(watermarks) == [3]


def test_after_a_failure_only_rollback_goes_on(watermarks: Sql) -> None:
    watermarks("begin")
    watermarks("update watermarks set position = 2")
    watermarks.failure("insert into other values ('x')")

    assert watermarks.failure("select 1")[0] == 2
    assert watermarks.failure("insert into other values (5)")[0] == 2
    watermarks("rollback")
    assert (positions(watermarks), watermarks("select n from other")) == ([1], [(1,)])


@pytest.mark.parametrize(
    "bad", ["select nosuch from other", "select nosuch()", "select 1/0 from other"]
)
def test_a_query_that_fails_leaves_the_transaction_open(watermarks: Sql, bad: str) -> None:
    watermarks("begin")
    watermarks("update watermarks set position = 2")
    watermarks.failure(bad)
    watermarks("commit")

    assert positions(watermarks) == [2]


def test_a_failure_before_the_first_write_spoils_nothing(watermarks: Sql) -> None:
    watermarks("begin")
    watermarks.failure("select nosuch from other")
    watermarks("update watermarks set position = 2")
    watermarks("commit")

    assert positions(watermarks) == [2]


def test_a_statement_of_several_steps_is_all_or_nothing(watermarks: Sql) -> None:
    watermarks.failure("insert overwrite into other select 1/0")

    assert watermarks("select n from other") == [(1,)]


class Race:
    """A second session that runs a statement while the first holds the lock."""

    def __init__(self, sql: Sql) -> None:
        self.sql = sql
        self._pool = ThreadPoolExecutor(1)
        self.started = threading.Event()

    def start(self, statement: str) -> Future[int | None]:
        def run() -> int | None:
            self.started.set()
            return self.sql.count(statement)

        future = self._pool.submit(run)
        self.started.wait()
        return future


@pytest.mark.parametrize(
    ("ending", "moved"),
    [pytest.param("commit", 0, id="commits"), pytest.param("rollback", 1, id="rolls back")],
)
@pytest.mark.parametrize("begins", [True, False], ids=["in a transaction", "by itself"])
def test_of_two_racing_compare_and_sets_one_wins(
    watermarks: Sql, new_sql: NewSql, ending: str, moved: int, *, begins: bool
) -> None:
    second = Race(new_sql(session_parameters={"LOCK_TIMEOUT": 30}))
    watermarks("begin")
    assert watermarks.count(COMPARE_AND_SET) == 1
    if begins:
        second.sql("begin")
    waiting = second.start(COMPARE_AND_SET)
    with pytest.raises(TimeoutError):
        waiting.result(0.3)
    watermarks(ending)

    assert waiting.result(10) == moved
    second.sql("commit")
    assert positions(watermarks) == [2]


@pytest.mark.parametrize(
    "statement",
    [
        COMPARE_AND_SET,
        "delete from watermarks",
        "truncate table watermarks",
        "insert overwrite into watermarks select 's', 9",
        """merge into watermarks w using (select 's' as stream) x on w.stream = x.stream
           when matched then update set position = 9""",
    ],
)
def test_a_lock_that_is_not_released_in_time_fails_the_statement(
    watermarks: Sql, new_sql: NewSql, statement: str
) -> None:
    other = new_sql(session_parameters={"LOCK_TIMEOUT": 0})
    watermarks("begin")
    watermarks("update watermarks set position = 2")
    errno, message = other.failure(statement)

    assert (errno, "LOCK_TIMEOUT" in message) == (625, True)
    watermarks("commit")
    assert positions(other) == [2]


def test_inserts_wait_for_nobody(watermarks: Sql, new_sql: NewSql) -> None:
    other = new_sql(session_parameters={"LOCK_TIMEOUT": 0})
    watermarks("begin")
    watermarks("update watermarks set position = 2")
    other("insert into watermarks values ('t', 5)")
    watermarks("commit")

    assert sorted(positions(other)) == [2, 5]


def test_of_two_transactions_that_wait_for_each_other_one_gives_way(
    watermarks: Sql, new_sql: NewSql
) -> None:
    second = Race(new_sql())
    watermarks("begin")
    watermarks("update watermarks set position = 2")
    second.sql("begin")
    second.sql("update other set n = 2")
    waiting = second.start("update watermarks set position = 3")
    with pytest.raises(TimeoutError):
        waiting.result(0.3)
    errno, message = watermarks.failure("update other set n = 3")

    assert (errno, "deadlock" in message) == (628, True)
    watermarks("rollback")
    assert waiting.result(10) == 1
    second.sql("rollback")


def test_a_closed_session_gives_its_locks_back_at_once(watermarks: Sql, new_sql: NewSql) -> None:
    other = new_sql()
    other("begin")
    other("update watermarks set position = 2")
    other.connection.close()
    started = time.monotonic()

    assert watermarks.count(COMPARE_AND_SET) == 1
    assert time.monotonic() - started < 5


def test_the_locks_of_the_users_own_sessions_are_shown(watermarks: Sql, new_sql: NewSql) -> None:
    holder = new_sql()
    holder("begin transaction name run_7")
    holder("update watermarks set position = 2")
    shown = {row[3]: row for row in watermarks("show transactions")}
    locks = [row for row in watermarks("show locks") if row[0].endswith(".WATERMARKS")]
    holder("rollback")

    assert [(row[2], row[4]) for row in locks] == [(shown["RUN_7"][0], "HOLDING")]
    assert "RUN_7" not in {row[3] for row in watermarks("show transactions")}


def test_a_transaction_of_another_session_can_be_aborted(watermarks: Sql, new_sql: NewSql) -> None:
    holder = new_sql()
    holder("begin transaction name run_8")
    holder("update watermarks set position = 5")
    (number,) = (row[0] for row in watermarks("show transactions") if row[3] == "RUN_8")
    answer = watermarks.one(f"select system$abort_transaction({number})")

    assert answer == f"Aborted transaction id: {number}"
    assert watermarks.count(COMPARE_AND_SET) == 1
    errno, message = holder.failure("insert into other values (7)")
    assert (errno, message.startswith(f"Transaction '{number}' was aborted")) == (615, True)
    assert holder.failure("commit")[0] == 615
    assert (positions(holder), holder("select n from other")) == ([2], [(1,)])
    assert "not running" in watermarks.one(f"select system$abort_transaction({number})")


def test_locks_of_the_whole_account_are_for_its_administrators(sql: Sql) -> None:
    assert sql.failure("show locks in account")[0] == 3001
