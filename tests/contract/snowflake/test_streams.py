"""Streams: net changes of a table since they were last read by a statement that writes."""

from collections.abc import Callable

import pytest
from snowflake.connector import ProgrammingError

from tests.contract.snowflake.sql import Sql

CHANGES = "select id, s, metadata$action, metadata$isupdate from {} order by 1, 3"
COUNTS = "select (select count(*) from taken), (select count(*) from st)"


@pytest.fixture
def t(sql: Sql) -> Sql:
    """A table of three rows with a standard stream and an append-only one."""
    sql("create table t (id int, s string, v variant)")
    sql("insert into t select column1, column2, parse_json('[1]') "
        "from values (1, 'a'), (2, 'b'), (3, null)")  # fmt: skip
    sql("create stream st on table t")
    sql("create stream ap on table t append_only = true")
    sql("create table taken (id int, s string)")
    return sql


def changes(sql: Sql, stream: str = "st") -> list[tuple]:
    return sql(CHANGES.format(stream))


@pytest.mark.parametrize(
    ("done", "standard", "appended"),
    [
        (["insert into t (id, s) values (4, 'd')"], ["4 d INSERT"], ["4 d"]),
        (["update t set s = 'x' where id = 1"], ["1 a DELETE u", "1 x INSERT u"], []),
        (["delete from t where id = 3"], ["3 None DELETE"], []),
        (["truncate table t"], ["1 a DELETE", "2 b DELETE", "3 None DELETE"], []),
        # of several statements the net change
        (["insert into t (id, s) values (4, 'd')", "update t set s = 'e' where id = 4"],
         ["4 e INSERT"], ["4 d"]),
        (["insert into t (id, s) values (4, 'd')", "delete from t where id = 4"], [], ["4 d"]),
        (["update t set s = 'x' where id = 1", "update t set id = 9 where id = 1"],
         ["1 a DELETE u", "9 x INSERT u"], []),
        (["update t set s = 'x' where id = 1", "delete from t where id = 1"], ["1 a DELETE"], []),
        (["update t set s = 'x' where id = 1", "update t set s = 'a' where id = 1"], [], []),
        # another row with the same values is another row
        (["delete from t where id = 1", "insert into t select 1, 'a', parse_json('[1]')"],
         ["1 a DELETE", "1 a INSERT"], ["1 a"]),
        (["insert into t select 1, 'a', parse_json('[1]')", "delete from t where id = 1"],
         ["1 a DELETE"], ["1 a"]),
        (["insert into t select 1, 'a', parse_json('[1]')", "update t set s = 'x' where id = 1"],
         ["1 a DELETE u", "1 x INSERT", "1 x INSERT u"], ["1 a"]),
        ([("merge into t using (select 1 as k union all select 8) n on t.id = n.k "
           "when matched then update set s = 'm' when not matched then insert (id) values (n.k)")],
         ["1 a DELETE u", "1 m INSERT u", "8 None INSERT"], ["8 None"]),
        (["insert overwrite into t select 1, 'a', parse_json('[1]')"],
         ["1 a DELETE", "1 a INSERT", "2 b DELETE", "3 None DELETE"], ["1 a"]),
        ([("insert all into t (id, s) values (a, 'i') into t (id, s) values (a + 1, 'j') "
           "select 10 as a")],
         ["10 i INSERT", "11 j INSERT"], ["10 i", "11 j"]),
    ],
)  # fmt: skip
def test_a_stream_has_the_net_change(
    t: Sql, done: list[str], standard: list[str], appended: list[str]
) -> None:
    for statement in done:
        t(statement)
    told = [" ".join(map(str, (a, b, c))) + " u" * d for a, b, c, d in changes(t)]

    assert sorted(told) == standard
    assert changes(t, "ap") == [
        (int(row.split()[0]), None if row.endswith("None") else row.split()[1], "INSERT", False)
        for row in appended
    ]


def test_writing_what_a_stream_has_moves_its_offset_and_reading_does_not(t: Sql) -> None:
    t("insert into t (id, s) values (4, 'd'), (5, 'e')")
    assert len(changes(t)) == len(changes(t)) == 2
    t("insert into taken select id, s from st where id = 4")

    assert t(COUNTS) == [(1, 0)]
    assert len(changes(t, "ap")) == 2
    t("update t set s = 'x' where id = 4")
    assert changes(t) == [(4, "d", "DELETE", True), (4, "x", "INSERT", True)]


def test_a_rollback_leaves_the_offset_and_a_commit_moves_it(t: Sql) -> None:
    t("insert into t (id, s) values (4, 'd')")
    t("begin")
    t("insert into taken select id, s from st")
    assert t(COUNTS) == [(1, 1)]  # the same throughout the transaction
    t("rollback")
    assert t(COUNTS) == [(0, 1)]
    t("begin")
    t("insert into taken select id, s from st")
    t("commit")
    assert t(COUNTS) == [(1, 0)]


def test_a_statement_that_fails_leaves_the_offset(t: Sql) -> None:
    t("insert into t (id, s) values (4, 'd')")
    assert t.failure("insert into taken select 1 / 0, s from st")[0] == 100051

    assert t(COUNTS) == [(0, 1)]


def test_a_transaction_sees_the_changes_of_before_it_began(
    t: Sql, new_sql: Callable[..., Sql]
) -> None:
    other = new_sql()
    t("insert into t (id, s) values (4, 'd')")
    t("begin")
    other("insert into t (id, s) values (5, 'e')")
    t("insert into t (id, s) values (6, 'f')")
    assert [row[0] for row in changes(t)] == [4]
    t("insert into taken select id, s from st")
    t("commit")

    assert (t("select id from taken"), [row[0] for row in changes(t)]) == ([(4,)], [5, 6])
    other.connection.close()


def test_what_is_copied_or_bound_as_an_array_is_followed(t: Sql) -> None:
    t("create stage files")
    t("copy into @files/one.csv from (select 4, 'd') single = true "
      "file_format = (type = csv compression = none)")  # fmt: skip
    t("copy into t (id, s) from @files file_format = (type = csv)")
    with t.connection.cursor() as cursor:
        cursor.executemany("insert into t (id, s) values (%s, %s)", [(5, "e"), (6, "f")])

    assert [row[0] for row in changes(t)] == [row[0] for row in changes(t, "ap")] == [4, 5, 6]
    t("update t set s = n.s from (select 4 as id, 'x' as s) n where t.id = n.id")
    assert changes(t)[0] == (4, "x", "INSERT", False)


def test_a_name_may_be_written_otherwise(t: Sql) -> None:
    t("insert into identifier('t') (id, s) values (4, 'd')")
    t("begin let n := 't'; delete from identifier(:n) where id = 1; end")
    t("insert into taken select id, s from identifier('st') where metadata$action = 'INSERT'")

    assert t(COUNTS) == [(1, 0)]
    t("set name = 't'")
    t("delete from identifier($name)")
    assert {row[2] for row in changes(t)} == {"DELETE"}


def test_a_name_in_an_array_of_binds_is_refused(t: Sql, new_sql: Callable[..., Sql]) -> None:
    binding = new_sql(paramstyle="qmark")
    with binding.connection.cursor() as cursor:
        with pytest.raises(ProgrammingError, match="array binds of IDENTIFIER") as refused:
            cursor.executemany("insert into identifier(?) (id) values (?)", [("t", 5), ("t", 6)])
        assert refused.value.errno == 2
    binding.connection.close()


def test_what_others_write_while_a_stream_is_read_comes_next(
    t: Sql, new_sql: Callable[..., Sql]
) -> None:
    other = new_sql()
    t("insert into t (id, s) values (4, 'd')")
    t("begin")
    t("insert into taken select id, s from st")
    other("update t set s = 'x' where id = 4")  # waits for nobody
    t("commit")

    assert t("select id, s from taken") == [(4, "d")]
    assert changes(t) == [(4, "d", "DELETE", True), (4, "x", "INSERT", True)]
    other.connection.close()


def test_a_transaction_that_reads_a_stream_locks_it(t: Sql, new_sql: Callable[..., Sql]) -> None:
    other = new_sql()
    other("alter session set lock_timeout = 1")
    t("insert into t (id, s) values (4, 'd')")
    t("begin")
    assert len(changes(t)) == 1
    assert other.failure("insert into taken select id, s from st")[0] == 625
    t("insert into taken select id, s from st")
    t("commit")
    other("insert into taken select id, s from st")

    assert t("select id from taken") == [(4,)]
    other.connection.close()


def test_a_merge_takes_a_stream_into_a_table(t: Sql) -> None:
    merge = """merge into taken using (select * from st as c where not (c.metadata$isupdate
                 and c.metadata$action = 'DELETE')) c on taken.id = c.id
               when matched and c.metadata$action = 'DELETE' then delete
               when matched then update set s = c.s
               when not matched then insert (id, s) values (c.id, c.s)"""
    t("insert into taken values (1, 'a'), (2, 'b'), (3, null)")
    t("update t set s = 'x' where id = 1")
    t("delete from t where id = 2")
    t("insert into t (id, s) values (7, 'g')")
    t(merge)
    t(merge)  # nothing is left

    assert t("select id, s from taken order by id") == [(1, "x"), (3, None), (7, "g")]
    assert t.one("select system$stream_has_data('ST')") is False


def test_a_stream_tells_whether_it_has_data(t: Sql) -> None:
    assert t.one("select system$stream_has_data('st')") is False
    t("insert into t (id) values (4)")
    assert t.one("select system$stream_has_data('st')") is True
    assert t.one("begin if (system$stream_has_data('st')) then return 'yes'; end if; end") == "yes"
    t("delete from t where id = 4")
    assert t.one("select system$stream_has_data('ST')") is False
    assert t.failure("select system$stream_has_data('nosuch')")[0] == 2003


def test_a_stream_has_the_tables_columns_and_three_more(t: Sql) -> None:
    t("insert into t select 4, 'd', parse_json('{\"n\": 7}')")
    with t.connection.cursor() as cursor:
        ((*values, row_id),) = cursor.execute("select * from st").fetchall()  # type: ignore[union-attr]
        names = [column.name for column in cursor.description]

    assert names == ["ID", "S", "V", "METADATA$ACTION", "METADATA$ISUPDATE", "METADATA$ROW_ID"]
    assert (values[:2], values[3:], len(row_id)) == ([4, "d"], ["INSERT", False], 40)
    assert t.one("select st.v:n::int from st join t on st.id = t.id") == 7
    t("update t set s = 'x' where id = 1")
    assert t.one("select count(distinct metadata$row_id) from st where id = 1") == 1


def test_a_stream_can_begin_with_the_rows_that_are_there(t: Sql) -> None:
    t("create or replace stream st on table t show_initial_rows = true comment = 'it''s all'")
    t("update t set s = 'x' where id = 1")
    assert [row[1:] for row in changes(t)] == [
        ("x", "INSERT", False), ("b", "INSERT", False), (None, "INSERT", False),
    ]  # fmt: skip
    t("insert into taken select id, s from st")
    assert changes(t) == []


def test_streams_are_shown_and_dropped(t: Sql) -> None:
    t("show streams in schema")
    columns = '"name", "mode", "stale", "type"'
    shown = t(f"select {columns} from table(result_scan(last_query_id()))")

    assert shown == [("AP", "APPEND_ONLY", "false", "DELTA"), ("ST", "DEFAULT", "false", "DELTA")]
    assert t.one("drop stream ap") == "AP successfully dropped."
    assert "already dropped" in t.one("drop stream if exists ap")
    assert t.failure("select * from ap")[0] == 2003
    t("drop stream st")
    t("drop table t")


@pytest.mark.parametrize(
    ("statement", "errno"),
    [
        ("create stream st on table t", 2002),
        ("create stream t on table taken", 2002),
        ("create stream x on table nosuch", 2003),
        ("create stream x on view v", 2),
        ("create stream x on table t at (offset => -60)", 2),
        ("create stream x on table t insert_only = true", 2),
        ("create table x as select * from st", 2),
        ("create view x as select * from st", 2),
        ("create table st (a int)", 2),
        ("insert into st (id) values (1)", 1003),
        ("drop table t", 2),
        ("alter table t add column x int", 2),
        ("create or replace table t (a int)", 2),
        ("create dynamic table x target_lag = '1 hour' warehouse = w as select id from st", 2),
        ("drop stream nosuch", 2003),
        ('create stream "st" on table t', 2),
        ("insert into taken select id, s from st sample (50)", 2),
        ("select * from st pivot (max(s) for metadata$action in ('INSERT'))", 2),
        ('create stream x on table "_fs_global"."_fs_information_schema"."_fs_stages"', 2003),
    ],
)
def test_what_a_stream_is_not(t: Sql, statement: str, errno: int) -> None:
    assert t.failure(statement)[0] == errno
    assert changes(t) == []


def test_a_stream_is_defined_at_once_without_autocommit(
    t: Sql, new_sql: Callable[..., Sql]
) -> None:
    other = new_sql()
    t("alter session set autocommit = false")
    t("create stream x on table t")
    t("drop stream ap")
    t("rollback")
    other("begin")
    other("insert into t (id) values (4)")
    other("commit")

    assert changes(other, "x") == changes(t, "x") == [(4, None, "INSERT", False)]
    assert t.failure("select * from ap")[0] == 2003
    other.connection.close()


def test_no_stream_begins_in_the_midst_of_a_transaction(
    t: Sql, new_sql: Callable[..., Sql]
) -> None:
    other = new_sql()
    other("begin")
    other("insert into t (id) values (4)")
    assert t.failure("create stream x on table t")[0] == 2
    other("commit")
    t("create stream x on table t")
    assert changes(t, "x") == []
    other.connection.close()


def test_a_stream_goes_with_its_schema(t: Sql) -> None:
    name = t.one("select current_schema()")
    t("insert into t (id) values (4)")
    t(f"create stream canton.gold.{name} on table t")
    assert t.failure(f"drop schema canton.{name}")[0] == 2
    t(f"drop stream canton.gold.{name}")
    t(f"create or replace schema canton.{name}")
    t("create table t (id int, s string)")
    assert t.failure("select * from st")[0] == 2003
    t("create stream st on table t")
    assert changes(t) == []
