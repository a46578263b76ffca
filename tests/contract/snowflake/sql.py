"""Helpers that run a SQL statement and return its rows or its error."""

from typing import Any

import pytest
from snowflake.connector import SnowflakeConnection
from snowflake.connector.errors import Error

Failure = tuple[int, str]


class Sql:
    """A session, as short as tests want it."""

    def __init__(self, connection: SnowflakeConnection) -> None:
        self.connection = connection
        self.is_spoilt = False
        """True if a statement has changed the session itself, for whoever uses it next."""

    def __call__(self, text: str, *params: Any) -> list[tuple]:
        """The rows of a statement."""
        self.is_spoilt |= text.lower().startswith(("alter session", "use ", "set "))
        self.is_spoilt |= "temporary" in text.lower()
        with self.connection.cursor() as cursor:
            cursor.execute(text, *params)
            return cursor.fetchall()

    def count(self, text: str, *params: Any) -> int | None:
        """Return the number of rows that a statement changed."""
        with self.connection.cursor() as cursor:
            return cursor.execute(text, *params).rowcount

    def one(self, text: str, *params: Any) -> Any:
        """The one value of a one-row answer, or its one row."""
        (row,) = self(text, *params)
        return row[0] if len(row) == 1 else row

    def failure(self, text: str, *params: Any) -> Failure:
        """Number and message of the error that a statement ends in."""
        with pytest.raises(Error) as caught:
            self(text, *params)
        return caught.value.errno, str(caught.value.raw_msg)
