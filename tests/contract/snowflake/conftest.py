"""Fixtures of the local Snowflake's tests."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from snowflake.connector import SnowflakeConnection

from tests.contract.snowflake.server import (
    LocalSnowflake,
    connect,
    key_pair,
    local_snowflake,
    s3_settings,
    snowflake_server,
)
from tests.contract.snowflake.sql import Sql

__all__ = ["connect", "key_pair", "local_snowflake", "s3_settings", "snowflake_server"]
_numbers = itertools.count(1)


class Pool:
    """Sessions that tests left as they found them, for the next test."""

    def __init__(self, server: LocalSnowflake) -> None:
        self._server = server
        self._idle: list[Sql] = []

    def take(self) -> Sql:
        return self._idle.pop() if self._idle else Sql(self._server.connect())

    def give_back(self, sql: Sql) -> None:
        if sql.is_spoilt or sql.connection.is_closed():
            sql.connection.close()
            return
        sql("rollback")
        self._idle.append(sql)

    def close(self) -> None:
        for sql in self._idle:
            sql.connection.close()


@pytest.fixture(scope="session")
def pool(local_snowflake: LocalSnowflake) -> Iterator[Pool]:
    shared = Pool(local_snowflake)
    yield shared
    shared.close()


@pytest.fixture
def sql(pool: Pool, schema: str) -> Iterator[Sql]:
    """A session in the test's schema."""
    taken = pool.take()
    taken.connection.cursor().execute(f"use schema canton.{schema}")
    yield taken
    pool.give_back(taken)


@pytest.fixture
def schema(pool: Pool) -> str:
    """A schema of the test's own."""
    name = f"T{next(_numbers)}"
    admin = pool.take()
    admin(f"create schema canton.{name}")
    pool.give_back(admin)
    return name


@pytest.fixture
def new_sql(schema: str, connect: Callable[..., SnowflakeConnection]) -> Callable[..., Sql]:
    """Opens more sessions in the test's schema."""

    def open_sql(**changes: object) -> Sql:
        return Sql(connect(schema=schema, **changes))

    return open_sql
