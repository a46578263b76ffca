"""Fixtures of the local Snowflake's tests."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from snowflake.connector import SnowflakeConnection

from tests.contract.snowflake.server import (
    connect,
    local_snowflake,
    s3_settings,
    snowflake_server,
)
from tests.contract.snowflake.sql import Sql

__all__ = ["connect", "local_snowflake", "s3_settings", "snowflake_server"]
_numbers = itertools.count(1)


@pytest.fixture
def schema(connect: Callable[..., SnowflakeConnection]) -> str:
    """A schema of the test's own."""
    name = f"T{next(_numbers)}"
    connect().cursor().execute(f"create schema canton.{name}")
    return name


@pytest.fixture
def new_sql(schema: str, connect: Callable[..., SnowflakeConnection]) -> Callable[..., Sql]:
    """Opens sessions in the test's schema."""

    def open_sql(**changes: Any) -> Sql:
        return Sql(connect(schema=schema, **changes))

    return open_sql


@pytest.fixture
def sql(new_sql: Callable[..., Sql]) -> Sql:
    """A session in the test's schema."""
    return new_sql()
