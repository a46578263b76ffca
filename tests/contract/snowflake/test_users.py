"""Users that CREATE USER makes: they log in with their password until it is changed or dropped."""

from collections.abc import Callable, Iterator

import pytest
from snowflake.connector import SnowflakeConnection
from snowflake.connector.errors import DatabaseError

from tests.contract.snowflake.server import PASSWORD, USER, LocalSnowflake
from tests.contract.snowflake.sql import Sql

Login = Callable[..., SnowflakeConnection]


@pytest.fixture
def guest(sql: Sql) -> Iterator[Sql]:
    """A session; there is a user GUEST meanwhile."""
    sql("create user guest password = 'it''s $ecret' default_role = reader comment = 'for a day'")
    yield sql
    sql("drop user if exists guest")


def refused(connect: Login, password: str, user: str = "guest") -> int:
    with pytest.raises(DatabaseError) as failed:
        connect(user=user, password=password)
    return failed.value.errno


def test_a_user_logs_in_with_its_password_alone(guest: Sql, connect: Login) -> None:
    session = Sql(connect(user="guest", password="it's $ecret"))

    assert session.one("select current_user(), current_role()") == ("GUEST", "READER")
    assert refused(connect, "it''s $ecret") == refused(connect, "IT'S $ECRET") == 390100
    assert refused(connect, PASSWORD) == 390100
    guest("alter user guest set password = $$other$$")
    assert refused(connect, "it's $ecret") == 390100
    connect(user="GUEST", password="other")
    guest("drop user guest")
    assert refused(connect, "other") == 390100
    assert session.one("select 1") == 1


def test_a_user_without_a_password_cannot_log_in(sql: Sql, connect: Login) -> None:
    sql("create or replace user nobody")
    assert refused(connect, "any", user="nobody") == 390100
    sql("drop user nobody")


def test_a_disabled_user_is_told_so_once_the_password_is_right(guest: Sql, connect: Login) -> None:
    guest("alter user guest set disabled = true")
    assert (refused(connect, "it's $ecret"), refused(connect, "wrong")) == (390101, 390100)
    guest("alter user guest set disabled = false")
    connect(user="guest", password="it's $ecret")


def test_users_are_shown_without_their_passwords(guest: Sql) -> None:
    with guest.connection.cursor() as cursor:
        cursor.execute("show users")
        names = [column.name for column in cursor.description]
        shown = {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}

    assert {USER, "GUEST"} <= shown.keys()
    assert (len(names), "password_hash" in names) == (26, False)
    told = ("login_name", "default_role", "comment", "disabled", "has_password")
    assert [shown["GUEST"][name] for name in told] == [
        "GUEST", "READER", "for a day", "false", "true",
    ]  # fmt: skip
    guest("alter user guest unset comment")
    assert [row[9] for row in guest("show users like 'guest'")] == [None]


@pytest.mark.parametrize(
    ("statement", "errno"),
    [
        ("create user guest", 2002),
        ("create user other login_name = 'pipeline'", 2002),
        ("create user other rsa_public_key = 'x'", 2),
        ("create user other must_change_password = true", 2),
        ("create user other nonsense", 1003),
        ("alter user guest rename to other", 1003),
        ("alter user pipeline set password = 'mine'", 2),
        ("drop user pipeline", 2),
        ("drop user nobody", 2003),
        ("alter user nobody set comment = 'x'", 2003),
    ],
)
def test_what_is_no_such_user_is_refused(guest: Sql, statement: str, errno: int) -> None:
    assert guest.failure(statement)[0] == errno
    assert guest("show users like 'other'") == []


def test_users_outlive_the_server_with_hashes_alone(
    guest: Sql, local_snowflake: LocalSnowflake, connect: Login
) -> None:
    guest("create user if not exists guest password = 'other'")
    connect(user="guest", password="it's $ecret")
    account = local_snowflake.data / "account.db"
    kept = account.read_bytes() + account.with_name("account.db.wal").read_bytes()

    assert (b"GUEST" in kept, b"$ecret" in kept) == (True, False)
