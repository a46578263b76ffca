"""Logins, parameters, timeouts, repeated requests: what happens around statements."""

import json
import socket
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from snowflake.connector.errors import DatabaseError, Error

from tests.clone import until
from tests.contract.snowflake.server import PASSWORD, USER, LocalSnowflake
from tests.contract.snowflake.sql import Sql

NewSql = Callable[..., Sql]


def der(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"user": "somebody"}, {"password": PASSWORD.upper()}]
)
def test_wrong_credentials_are_refused(local_snowflake: LocalSnowflake, wrong: dict) -> None:
    with pytest.raises(DatabaseError) as refused:
        local_snowflake.connect(**wrong)

    assert refused.value.errno == 390100
    assert "Incorrect username or password was specified." in str(refused.value)


def test_a_key_pair_logs_in(local_snowflake: LocalSnowflake, key_pair: rsa.RSAPrivateKey) -> None:
    with local_snowflake.connect(password=None, private_key=der(key_pair)) as session:
        assert Sql(session).one("select current_user()") == USER


def test_another_key_is_refused(local_snowflake: LocalSnowflake) -> None:
    another = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(DatabaseError, match="JWT token is invalid"):
        local_snowflake.connect(password=None, private_key=der(another))


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"exp": 1}, id="expired"),
        pytest.param({"sub": "LOCAL.SOMEBODY"}, id="another user"),
        pytest.param({"iss": "LOCAL.PIPELINE.SHA256:x"}, id="another key's name"),
        pytest.param({"exp": None}, id="for ever"),
    ],
)
def test_a_token_with_wrong_claims_is_refused(
    local_snowflake: LocalSnowflake, key_pair: rsa.RSAPrivateKey, claims: dict[str, Any]
) -> None:
    right = {"iss": "LOCAL.PIPELINE.SHA256:y", "sub": "LOCAL.PIPELINE", "exp": time.time() + 60}
    payload = {name: value for name, value in (right | claims).items() if value is not None}
    token = jwt.encode(payload, key_pair, algorithm="RS256")
    login = {"LOGIN_NAME": USER, "AUTHENTICATOR": "SNOWFLAKE_JWT", "TOKEN": token}
    answer = local_snowflake.post("/session/v1/login-request", {"data": login})

    assert (answer["success"], answer["code"]) == (False, "390144")


def test_a_login_makes_no_database_or_schema(connect: Any) -> None:
    sql = Sql(connect(database="nowhere", schema="nothing"))

    assert sql.one("select current_database(), current_schema()") == (None, None)
    assert sql.failure("select * from t")[0] == 90105
    sql = Sql(connect(schema="nothing"))
    assert sql.one("select current_database(), current_schema()") == ("CANTON", None)
    assert sql.failure("select * from t")[0] == 90106
    assert sql.failure("use schema nothing")[0] == 2043


def test_a_session_knows_who_and_where_it_is(connect: Any) -> None:
    sql = Sql(connect(role="canton_pipeline", warehouse="canton_wh", schema="silver"))

    assert sql.one(
        """select current_user(), current_role(), current_warehouse(), current_database(),
                  current_schema(), current_account(), current_region()"""
    ) == (USER, "CANTON_PIPELINE", "CANTON_WH", "CANTON", "SILVER", "LOCAL", "LOCAL")
    sql("use role other")
    sql("use warehouse small")
    sql("use schema gold")
    assert sql.one("select current_role(), current_warehouse(), current_schema()") == (
        "OTHER",
        "SMALL",
        "GOLD",
    )
    assert sql.one("select current_session()").isdigit()
    assert sql.one("select current_version()")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QUERY_TAG", "run 1"),
        ("TIMEZONE", "UTC"),
        ("LOCK_TIMEOUT", "60"),
        ("STATEMENT_TIMEOUT_IN_SECONDS", "600"),
        ("ABORT_DETACHED_QUERY", "true"),
        ("AUTOCOMMIT", "true"),
        ("CLIENT_SESSION_KEEP_ALIVE", "true"),
    ],
)
def test_a_parameter_is_kept_from_login_and_alter_session(
    new_sql: NewSql, name: str, value: str
) -> None:
    def kept(sql: Sql) -> Any:
        return sql.one(f"show parameters like '{name}' in session")[1]

    assert kept(new_sql(session_parameters={name: value})) == value
    sql = new_sql()
    sql(f"alter session set {name} = '{value}'")
    assert kept(sql) == value
    sql(f"alter session unset {name}")


@pytest.mark.parametrize(
    ("setting", "errno"),
    [
        ("nonsense = 1", 1006),
        ("lock_timeout = 'soon'", 1008),
        ("timezone = 'Europe/Berlin'", 2),
        ("timestamp_type_mapping = 'TIMESTAMP_LTZ'", 2),
        ("week_start = 1", 2),
    ],
)
def test_a_parameter_that_is_unknown_or_would_be_ignored_is_refused(
    sql: Sql, setting: str, errno: int
) -> None:
    assert sql.failure(f"alter session set {setting}")[0] == errno


def test_an_unknown_parameter_is_refused_at_login(new_sql: NewSql) -> None:
    with pytest.raises(Error, match="NONSENSE"):
        new_sql(session_parameters={"NONSENSE": 1})


SLOW = "select count(*) from table(generator(rowcount => 100000)) a, table(generator(rowcount => 100000)) b, table(generator(rowcount => 1000)) c"  # noqa: E501


def test_a_statement_ends_at_its_timeout(sql: Sql) -> None:
    sql("alter session set statement_timeout_in_seconds = 1")
    started = time.monotonic()
    errno, message = sql.failure(SLOW)

    assert (errno, "timeout of 1 second" in message) == (630, True)
    assert time.monotonic() - started < 10
    assert sql.one("select 1") == 1


def test_a_client_timeout_stops_the_statement(sql: Sql) -> None:
    started = time.monotonic()
    with pytest.raises(Error) as stopped, sql.connection.cursor() as cursor:
        cursor.execute(SLOW, timeout=1)

    assert stopped.value.errno == 604
    assert time.monotonic() - started < 10
    assert sql.one("select 1") == 1


def test_a_statement_that_waits_for_a_lock_can_be_stopped(sql: Sql, new_sql: NewSql) -> None:
    sql("create table t (a int)")
    sql("insert into t values (1)")
    holder = new_sql()
    holder("begin")
    holder("update t set a = 2")
    with pytest.raises(Error) as stopped, sql.connection.cursor() as cursor:
        cursor.execute("update t set a = 3", timeout=1)

    assert stopped.value.errno == 604


def test_a_repeated_request_is_not_run_twice(local_snowflake: LocalSnowflake, sql: Sql) -> None:
    sql("create table t (a int)")
    token = sql.connection.rest.token
    path = f"/queries/v1/query-request?requestId={uuid.uuid4()}"
    insert = {"sqlText": "insert into t select 1"}
    answers: list[dict] = []
    threads = [
        threading.Thread(target=lambda: answers.append(local_snowflake.post(path, insert, token)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer["data"]["rowset"] for answer in answers] == [[["1"]]] * 3
    assert sql.one("select count(*) from t") == 1


@pytest.mark.parametrize("body", [{}, {"sqlText": None}, {"sqlText": "select 1", "bindings": 5}])
def test_a_senseless_request_is_answered_not_retried(
    local_snowflake: LocalSnowflake, sql: Sql, body: dict
) -> None:
    path = f"/queries/v1/query-request?requestId={uuid.uuid4()}"
    answer = local_snowflake.post(path, body, sql.connection.rest.token)

    assert (answer["success"], answer["data"]["errorCode"]) == (False, "370001")


def test_a_stranger_gets_no_answer(local_snowflake: LocalSnowflake) -> None:
    answer = local_snowflake.post("/queries/v1/query-request", {"sqlText": "select 1"}, "guess")

    assert (answer["success"], answer["code"]) == (False, "390111")


@pytest.mark.parametrize(
    ("text", "errno"), [("select 1; select 2", 8), ("  -- nothing\n;", 900), ("selec 1", 1003)]
)
def test_a_text_has_one_statement(sql: Sql, text: str, errno: int) -> None:
    assert sql.failure(text)[0] == errno
    assert sql("/* one; */ select ';' as a -- two;\n;") == [(";",)]


def test_a_login_that_nobody_waited_for_leaves_no_session(local_snowflake: LocalSnowflake) -> None:
    """The connector gives up a login that takes long, and asks anew."""

    def sessions() -> int:
        return httpx.get(f"http://127.0.0.1:{local_snowflake.port}/health").json()["sessions"]

    before = sessions()
    body = json.dumps({"data": {"LOGIN_NAME": USER, "PASSWORD": PASSWORD}})
    request = (
        f"POST /session/v1/login-request HTTP/1.1\r\nHost: 127.0.0.1:{local_snowflake.port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    with local_snowflake.stopped():  # or it may answer before the client is gone
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", local_snowflake.port)) as gone:
                gone.sendall(request.encode())
    with local_snowflake.connect():
        pass
    until(lambda: sessions() <= before, "no session of them", 15)  # another may end meanwhile
