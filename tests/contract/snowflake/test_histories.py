"""COPY_HISTORY and QUERY_HISTORY: table functions of INFORMATION_SCHEMA."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.contract.snowflake.server import BUCKET, s3_client
from tests.contract.snowflake.sql import Sql
from tests.contract.snowflake.test_cancellation import Running, running

__all__ = ["running"]
HOUR = "dateadd(hour, -1, current_timestamp())"
COUNTS = "file_name, status, row_count, row_parsed, file_size, error_count, error_limit"


@pytest.fixture
def loaded(sql: Sql, schema: str, s3_settings: dict[str, str], tmp_path: Path) -> Sql:
    """A session with a table T that has loaded a file of two stages each."""
    sql("create table t (a int, b string)")
    sql("create stage s")
    (tmp_path / "a.csv").write_text("1,x\n2,y\n")
    sql(f"put file://{tmp_path / 'a.csv'} @s/sub/ auto_compress = false")
    sql("copy into t from @s/sub/ file_format = (type = csv)")
    place = f"canton/{schema}"
    s3_client(s3_settings).put_object(Bucket=BUCKET, Key=f"{place}/in/b.csv", Body=b"3,z\nno,z\n")
    sql(f"create stage e url = 's3://{BUCKET}/{place}/'")
    sql("copy into t from @e/in/ file_format = (type = csv) on_error = continue")
    return sql


def copies(sql: Sql, columns: str, more: str = "", name: str = "T") -> list[tuple]:
    call = f"information_schema.copy_history(table_name => '{name}', start_time => {HOUR}{more})"
    return sql(f"select {columns} from (select * from table({call}) order by last_load_time)")


def test_each_file_that_a_table_has_loaded_is_told(loaded: Sql, schema: str) -> None:
    assert copies(loaded, COUNTS) == [
        ("sub/a.csv", "Loaded", 2, 2, 8, 0, 1),
        ("in/b.csv", "Partially loaded", 1, 2, 9, 1, 2),
    ]
    (_, faulty) = copies(loaded, "first_error_message, first_error_line_number")
    assert (faulty[0].split()[0], faulty[1]) == ("Numeric", 2)
    names = "table_catalog_name, table_schema_name, table_name, pipe_name, pipe_received_time"
    assert copies(loaded, names)[0] == ("CANTON", schema, "T", None, None)
    assert copies(loaded, "count(*)", name=f"canton.{schema.lower()}.t") == [(2,)]


def test_a_file_that_is_loaded_again_is_told_again(loaded: Sql) -> None:
    loaded("copy into t from @s/sub/ file_format = (type = csv) force = true")

    assert [name for (name,) in copies(loaded, "file_name")] == [
        "sub/a.csv", "in/b.csv", "sub/a.csv",
    ]  # fmt: skip


def test_files_are_told_by_the_time_of_their_load(loaded: Sql) -> None:
    (first,), (second,) = copies(loaded, "last_load_time")
    assert timedelta() < datetime.now(UTC) - first < timedelta(hours=1)

    until_first = f", end_time => '{second - timedelta(microseconds=1)}'::timestamp_ltz"
    assert copies(loaded, "file_name", until_first) == [("sub/a.csv",)]
    start = second.isoformat()
    call = "select file_name from table(information_schema.copy_history(table_name => %s, "
    assert loaded(f"{call} start_time => %s::timestamp_ltz))", ("t", start)) == [("in/b.csv",)]


def test_files_that_failed_or_were_truncated_are_not_told(loaded: Sql, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("no,z\n")
    loaded(f"put file://{tmp_path / 'c.csv'} @s/bad/")
    told = loaded("copy into t from @s/bad/ file_format = (type = csv) on_error = skip_file")
    assert told[0][1] == "LOAD_FAILED"
    assert copies(loaded, "count(*)") == [(2,)]

    loaded("truncate table t")
    assert copies(loaded, "count(*)") == [(0,)]


def test_load_history_has_snowflakes_columns_alone(loaded: Sql, schema: str) -> None:
    with loaded.connection.cursor() as cursor:
        cursor.execute(
            "select * from information_schema.load_history where schema_name = %s", schema
        )
        assert [column.name for column in cursor.description] == [
            "SCHEMA_NAME", "FILE_NAME", "TABLE_NAME", "LAST_LOAD_TIME", "STATUS", "ROW_COUNT",
            "ROW_PARSED", "FIRST_ERROR_MESSAGE", "FIRST_ERROR_LINE_NUMBER",
            "FIRST_ERROR_CHARACTER_POSITION", "FIRST_ERROR_COL_NAME", "ERROR_COUNT", "ERROR_LIMIT",
        ]  # fmt: skip
        assert [row[4:7] for row in cursor.fetchall()] == [
            ("LOADED", 2, 2),
            ("PARTIALLY LOADED", 1, 2),
        ]


def test_a_history_of_no_table_and_of_long_ago_is_refused(loaded: Sql) -> None:
    call = "select * from table(information_schema.copy_history({}))"
    missing = loaded.failure(call.format(f"table_name => 'NOSUCH', start_time => {HOUR}"))
    assert missing[0] == 2003
    old = "table_name => 'T', start_time => dateadd(day, -15, current_timestamp())"
    number, message = loaded.failure(call.format(old))
    assert (number, message.splitlines()[-1]) == (
        1003,
        "Cannot retrieve data from more than 14 days ago.",
    )
    assert loaded.failure(call.format("table_name => 'T'"))[0] == 1003
    assert loaded.failure(call.format(f"'T', start_time => {HOUR}"))[0] == 2
    pipe = f"table_name => 'T', start_time => {HOUR}, pipe_name => 'p'"
    assert "PIPE_NAME of COPY_HISTORY" in loaded.failure(call.format(pipe))[1]


def queries(
    sql: Sql, columns: str, arguments: str = "", by: str = "", where: str = ""
) -> list[tuple]:
    call = f"information_schema.query_history{by}({arguments})"
    return sql(f"select {columns} from table({call}) {where}")


def test_statements_are_told_the_newest_first(new_sql: Callable[..., Sql], schema: str) -> None:
    sql = new_sql(role="loader")
    sql("alter session set query_tag = 'nightly'")
    with sql.connection.cursor() as cursor:
        cursor.execute("select 1 as told_by_history")
        query_id = cursor.sfqid
        with pytest.raises(ProgrammingError):
            cursor.execute("select nosuch")
    by = "_by_session"
    columns = "query_text, execution_status, error_code, error_message, query_tag"
    (itself, failed, done, tagged) = queries(sql, columns, by=by)
    assert itself[1:] == ("RUNNING", None, None, "nightly")
    assert failed[:3] == ("select nosuch", "FAILED_WITH_ERROR", 904)
    assert failed[3].endswith("invalid identifier 'NOSUCH'")
    assert done == ("select 1 as told_by_history", "SUCCESS", None, None, "nightly")
    assert tagged[1:] == ("SUCCESS", None, None, "")

    columns = "database_name, schema_name, session_id, user_name, role_name"
    (told,) = queries(sql, columns, by=by, where=f"where query_id = '{query_id}'")
    user = sql.one("select current_user()")
    assert told == ("CANTON", schema, sql.connection.session_id, user, "LOADER")


def test_statements_are_told_by_the_time_of_their_end(new_sql: Callable[..., Sql]) -> None:
    sql = new_sql()
    sql("select 1")
    sql("select 2")
    times = "query_text, start_time, end_time, total_elapsed_time"
    itself, second, first = queries(sql, times, by="_by_session")
    assert (itself[2], itself[3] >= 0) == (None, True)
    assert [second[0], first[0]] == ["select 2", "select 1"]
    assert first[1] <= first[2] <= second[1] <= second[2]
    assert first[3] == (first[2] - first[1]) // timedelta(milliseconds=1)

    end = f"end_time_range_end => '{first[2]}'::timestamp_ltz"
    assert queries(sql, "query_text", end, "_by_session") == [("select 1",)]
    start = f"end_time_range_start => '{second[2]}'::timestamp_ltz"
    limited = queries(sql, "query_text", f"{start}, result_limit => 3", "_by_session")
    assert limited[-1] != ("select 2",)
    both = f"{start}, end_time_range_end => '{second[2]}'::timestamp_ltz"
    assert queries(sql, "query_text", both, "_by_session") == [("select 2",)]
    assert len(queries(sql, "query_id", "result_limit => 2")) == 2


def test_statements_of_other_sessions_are_told_and_of_other_users_are_not(
    sql: Sql, new_sql: Callable[..., Sql], running: Running
) -> None:
    query_id, session, _ = running
    number = session.connection.session_id
    wanted = f"where query_id = '{query_id}'"
    told = [(query_id, "RUNNING")]
    columns = "query_id, execution_status"
    assert queries(sql, columns, where=wanted) == told
    assert queries(sql, columns, f"session_id => {number}", "_by_session", wanted) == told
    assert queries(sql, columns, "user_name => current_user()", "_by_user", wanted) == told
    assert queries(sql, columns, by="_by_user", where=wanted) == told

    sql("create or replace user onlooker password = 'secret'")
    other = new_sql(user="onlooker", password="secret")
    sql("drop user onlooker")
    of_session = queries(other, "query_id", f"session_id => {number}", "_by_session")
    of_user = queries(
        other, "query_id", f"user_name => '{sql.one('select current_user()')}'", "_by_user"
    )
    assert (of_session, of_user) == ([], [])
    assert {user for (user,) in queries(other, "user_name")} == {"ONLOOKER"}


def test_a_history_has_no_secret(sql: Sql) -> None:
    sql("create or replace user listed password = 'hunter2'")
    sql("drop user listed")

    (text,) = queries(sql, "query_text", where="where query_text like 'create or replace user l%'")[
        0
    ]
    assert text == "create or replace user listed password = '…'"


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        ("result_limit => 0", 1003),
        ("result_limit => 10001", 1003),
        ("result_limit => null", 1003),
        ("end_time_range_start => dateadd(day, -8, current_timestamp())", 1003),
        ("include_client_generated_statement => true", 2),
        ("session_id => 1", 2),
        ("100", 2),
    ],
)
def test_other_arguments_of_a_history_are_refused(sql: Sql, arguments: str, number: int) -> None:
    call = f"select 1 from table(information_schema.query_history({arguments}))"
    assert sql.failure(call)[0] == number


@pytest.mark.parametrize("name", ["", "a.b.c.d", "nosuch"])
def test_a_history_of_a_name_that_is_none_is_refused(sql: Sql, name: str) -> None:
    call = f"copy_history(table_name => '{name}', start_time => {HOUR})"
    number, message = sql.failure(f"select 1 from table(information_schema.{call})")
    assert (number, "does not exist" in message, "class" in message) == (2003, True, False)


@pytest.mark.parametrize("function", ["query_history()", "task_history()"])
def test_a_history_of_a_database_that_is_not_there_is_refused(sql: Sql, function: str) -> None:
    number, message = sql.failure(f"select 1 from table(nosuch.information_schema.{function})")
    assert (number, "Database 'NOSUCH'" in message) == (2003, True)


@pytest.mark.parametrize(
    ("function", "column"),
    [
        ("query_history()", "QUERY_TYPE"),
        ("query_history()", "WAREHOUSE_NAME"),
        ("query_history()", "ROWS_PRODUCED"),
        (f"copy_history(table_name => 'N', start_time => {HOUR})", "STAGE_LOCATION"),
    ],
)
def test_a_column_that_can_not_be_told_is_refused_by_name(
    sql: Sql, function: str, column: str
) -> None:
    sql("create table n (i int)")
    number, message = sql.failure(f"select {column} from table(information_schema.{function})")
    assert (number, column in message) == (904, True)
