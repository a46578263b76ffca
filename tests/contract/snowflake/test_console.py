"""Checks of the page that shows what the server does."""

import re
import threading
from collections.abc import Callable
from html import unescape

import httpx
import pytest

from tests.clone import until
from tests.contract.snowflake.server import PASSWORD, LocalSnowflake
from tests.contract.snowflake.sql import Sql

Console = Callable[[], dict[str, str]]
_SECTION = re.compile(r"<h2>([\w ]+)</h2>(.*?)(?=<h2>|</main>)", re.DOTALL)


@pytest.fixture
def console(local_snowflake: LocalSnowflake) -> Console:
    """The sections of the page, as text without tags."""

    def look() -> dict[str, str]:
        answer = httpx.get(f"http://127.0.0.1:{local_snowflake.port}/", trust_env=False)
        assert (answer.status_code, "<script" in answer.text) == (200, False)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert PASSWORD not in answer.text
        return {
            name: " ".join(unescape(re.sub(r"<[^>]+>", " ", part)).split())
            for name, part in _SECTION.findall(answer.text)
        }

    return look


def session_id(sql: Sql) -> str:
    return str(sql.one("select current_session()"))


def test_a_session_is_shown_and_its_token_is_not(
    new_sql: Callable[..., Sql], schema: str, local_snowflake: LocalSnowflake, console: Console
) -> None:
    sql = new_sql()
    sql("begin name settling")

    assert (
        f"{session_id(sql)} PIPELINE PUBLIC CANTON.{schema} SETTLING, since"
        in (console()["Sessions"])
    )
    token = sql.connection.rest.token
    page = httpx.get(f"http://127.0.0.1:{local_snowflake.port}/", trust_env=False).text
    assert (len(token) > 20, token in page) == (True, False)


def test_the_last_statements_are_shown_with_what_duckdb_ran(sql: Sql, console: Console) -> None:
    sql("create table k (i int, v variant)")
    sql("insert into k select 1, parse_json(%s)", ('{"a": "<b>"}',))
    sql("merge into k using (select 1 as i) s on k.i = s.i when matched then update set i = 2")
    sql.failure("select nosuch from k")
    shown = console()["Last statements"]

    assert "000904 (42000): SQL compilation error: invalid identifier 'NOSUCH'" in shown
    assert re.search(r"merge into k using .* MERGE INTO .* RETURNING merge_action", shown)
    assert re.search(r"insert into k select 1, parse_json\('{\"a\": \"<b>\"}'\) INSERT INTO", shown)
    assert "number of rows inserted" not in shown


def test_a_password_is_not_shown(sql: Sql, console: Console) -> None:
    sql("create user somebody password = 'hunter2'")

    assert "create user somebody password = '…'" in (shown := console()["Last statements"])
    assert "hunter2" not in shown


def test_who_holds_a_lock_and_who_waits_is_shown_with_what_runs(
    sql: Sql, new_sql: Callable[..., Sql], schema: str, console: Console
) -> None:
    sql("create table k (i int)")
    holder, waiter = new_sql(), new_sql()
    holder_id, waiter_id = session_id(holder), session_id(waiter)
    holder("begin name blocking")
    holder("delete from k")
    waiting = threading.Thread(target=waiter, args=("update k set i = 2",))
    waiting.start()
    try:
        until(
            lambda: f"CANTON.{schema}.K {waiter_id} autocommit waits" in console()["Locks"], "waits"
        )
        shown = console()
    finally:
        holder("rollback")
        waiting.join()

    assert f"CANTON.{schema}.K {holder_id} BLOCKING holds" in shown["Locks"]
    assert f"{waiter_id} update k set i = 2" in shown["Running"]
    assert "update k set i = 2" not in console()["Running"]


def test_sizes_are_those_of_the_files(
    local_snowflake: LocalSnowflake, sql: Sql, console: Console
) -> None:
    sql("select 1")
    sizes = re.findall(r"([A-Za-z]+) ([\d,]+)", console()["Sizes"])
    found = {name: int(size.replace(",", "")) for name, size in sizes}

    assert found.keys() >= {"account", "CANTON", "stages"}
    assert found["CANTON"] >= (local_snowflake.data / "CANTON.db").stat().st_size > 0


def test_the_page_can_only_be_read(local_snowflake: LocalSnowflake) -> None:
    for method in ("POST", "PUT", "DELETE"):
        url = f"http://127.0.0.1:{local_snowflake.port}/"
        assert httpx.request(method, url, trust_env=False).status_code == 405
