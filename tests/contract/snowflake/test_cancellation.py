"""Statements that are stopped and asked about by their ids, as drivers do."""

import re
import threading
from collections.abc import Callable, Iterator
from html import unescape

import httpx
import pytest
from snowflake.connector.constants import QueryStatus
from snowflake.connector.errors import Error, ProgrammingError

from tests.clone import until
from tests.contract.snowflake.server import LocalSnowflake
from tests.contract.snowflake.sql import Sql
from tests.contract.snowflake.test_sessions import SLOW

Running = tuple[str, Sql, list[Error]]


@pytest.fixture
def running(new_sql: Callable[..., Sql], local_snowflake: LocalSnowflake) -> Iterator[Running]:
    """The id of a statement that would run for hours, its session, and what becomes of it."""
    sql = new_sql()
    session_id = sql.one("select current_session()")
    ended: list[Error] = []

    def run() -> None:
        with pytest.raises(Error) as stopped:
            sql(SLOW)
        ended.append(stopped.value)

    thread = threading.Thread(target=run)
    thread.start()
    shown = re.compile(rf"<td>{session_id}</td>.*?<td>([\w-]{{36}})</td>", re.DOTALL)

    def query_id() -> str:
        page = httpx.get(f"http://127.0.0.1:{local_snowflake.port}/", trust_env=False).text
        part = unescape(page).partition("<h2>Running</h2>")[2].partition("<h2>")[0]
        found = shown.search(part)
        return found[1] if found else ""

    yield until(query_id, "the statement runs", 30), sql, ended
    local_snowflake.connect().cursor().execute(f"select system$cancel_all_queries({session_id})")
    thread.join(30)


def until_ended(ended: list[Error]) -> Error:
    until(lambda: ended, "the statement has ended", 30)
    return ended[0]


def test_a_driver_stops_a_statement_by_its_id(sql: Sql, running: Running) -> None:
    query_id, _, ended = running
    assert sql.connection.get_query_status(query_id) == QueryStatus.RUNNING
    assert sql.connection.cursor().abort_query(query_id) is True

    stopped = until_ended(ended)
    assert (stopped.errno, stopped.sfqid) == (604, query_id)
    assert sql.connection.get_query_status(query_id) == QueryStatus.FAILED_WITH_ERROR
    with pytest.raises(ProgrammingError, match="SQL execution canceled") as told:
        sql.connection.get_query_status_throw_if_error(query_id)
    assert told.value.errno == 604
    assert sql.connection.cursor().abort_query(query_id) is False


def test_a_statement_stops_another_of_its_own_session(running: Running) -> None:
    query_id, session, ended = running

    assert session.one(f"select system$cancel_query('{query_id}')") == (
        f"query [{query_id}] terminated."
    )
    assert until_ended(ended).errno == 604
    not_running = "Identified SQL statement is not currently executing."
    assert session.one(f"select system$cancel_query('{query_id}')") == not_running


def test_all_statements_of_a_session_are_stopped(sql: Sql, running: Running) -> None:
    _, session, ended = running
    session_id = session.connection.session_id

    assert sql.one(f"select system$cancel_all_queries({session_id})") == "1 cancelled."
    assert until_ended(ended).errno == 604
    assert sql.one(f"select system$cancel_all_queries({session_id})") == "0 cancelled."


def test_a_statement_of_another_user_is_neither_known_nor_stopped(
    sql: Sql, new_sql: Callable[..., Sql], running: Running
) -> None:
    query_id, session, ended = running
    sql("create or replace user passer_by password = 'secret'")
    other = new_sql(user="passer_by", password="secret")
    sql("drop user passer_by")

    assert other.connection.get_query_status(query_id) == QueryStatus.NO_DATA
    assert other.connection.cursor().abort_query(query_id) is False
    call = f"select system$cancel_all_queries({session.connection.session_id})"
    assert (other.one(call), ended) == ("0 cancelled.", [])


def test_the_end_of_a_statement_is_known_by_its_id(sql: Sql) -> None:
    with sql.connection.cursor() as cursor:
        cursor.execute("select 1")
        assert sql.connection.get_query_status(str(cursor.sfqid)) == QueryStatus.SUCCESS
        with pytest.raises(ProgrammingError):
            cursor.execute("select nosuch")
        failed = sql.connection.get_query_status(str(cursor.sfqid))

    assert failed == QueryStatus.FAILED_WITH_ERROR
    unknown = "01234567-0123-0123-0123-0123456789ab"
    assert sql.connection.get_query_status(unknown) == QueryStatus.NO_DATA
