"""The files that each table has loaded, so that COPY INTO loads none twice.

A row for each file and table, in the database of the table: it commits and rolls back with the
rows. A file whose content has changed is another file, as on Snowflake (which compares ETags).
https://docs.snowflake.com/en/user-guide/data-load-considerations-load#load-metadata
"""
# ruff: noqa: S608 -- names of our own tables; values are bound

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

TABLE = "_local_load_history"
VIEW = "_local_load_history_view"
"""INFORMATION_SCHEMA.LOAD_HISTORY."""


@dataclass(frozen=True)
class LoadedFile:
    """A file that was loaded, wholly or in part.

    Attributes:
        url: Where it stands: its URL, or its path below the folder of internal stages.
        path: Where it stands on its stage.
        digest: A digest of its content.
        size: Its size in bytes, as it is stored.
        row_count: How many of its rows were loaded.
        parsed: How many it has.
        error_limit: With so many faults it would not have been loaded.
        faults: The message and line of each row that could not be loaded.
    """

    url: str
    path: str
    digest: str
    size: int
    row_count: int
    parsed: int
    error_limit: int
    faults: Sequence[tuple[str, int | None]] = ()


def table_of(database: str) -> str:
    """The full name of a database's history."""
    return f'"{database}"._fs_information_schema.{TABLE}'


def creation_sql(database: str) -> str:
    """The table that a database keeps, and its view with the columns of LOAD_HISTORY."""
    return f"""
    CREATE TABLE IF NOT EXISTS {table_of(database)} (
        SCHEMA_NAME VARCHAR, FILE_NAME VARCHAR, TABLE_NAME VARCHAR, LAST_LOAD_TIME TIMESTAMPTZ,
        STATUS VARCHAR, ROW_COUNT BIGINT, ROW_PARSED BIGINT, FIRST_ERROR_MESSAGE VARCHAR,
        FIRST_ERROR_LINE_NUMBER BIGINT, FIRST_ERROR_CHARACTER_POSITION BIGINT,
        FIRST_ERROR_COL_NAME VARCHAR, ERROR_COUNT BIGINT, ERROR_LIMIT BIGINT, CONTENT_DIGEST VARCHAR
    );
    UPDATE {table_of(database)} SET FILE_NAME = regexp_replace(FILE_NAME, '^/.*?/stages/', '')
        WHERE FILE_NAME LIKE '/%';  -- of releases that kept the whole path
    ALTER TABLE {table_of(database)} ADD COLUMN IF NOT EXISTS STAGE_PATH VARCHAR;
    ALTER TABLE {table_of(database)} ADD COLUMN IF NOT EXISTS FILE_SIZE BIGINT;
    CREATE OR REPLACE VIEW "{database}"._fs_information_schema.{VIEW} AS
    SELECT * EXCLUDE (CONTENT_DIGEST, STAGE_PATH, FILE_SIZE) FROM {table_of(database)};
    """


class LoadHistory:
    """The history of one table, on the connection that loads it."""

    def __init__(self, duck: duckdb.DuckDBPyConnection, name: tuple[str, str, str]) -> None:
        self._duck = duck
        self._table = table_of(name[0])
        self._owner = name[1:]

    def digests(self, urls: Sequence[str]) -> dict[str, set[str]]:
        """Digests under which each of these URLs was loaded."""
        sql = f"""SELECT FILE_NAME, CONTENT_DIGEST FROM {self._table}
                  WHERE SCHEMA_NAME = ? AND TABLE_NAME = ? AND list_contains(?, FILE_NAME)"""
        found: dict[str, set[str]] = {}
        for url, digest in self._duck.execute(sql, [*self._owner, list(urls)]).fetchall():
            found.setdefault(url, set()).add(digest)
        return found

    def add(self, file: LoadedFile) -> None:
        """Remember a file that was just loaded."""
        self._duck.execute(
            f"""INSERT INTO {self._table} (SCHEMA_NAME, TABLE_NAME, FILE_NAME, STAGE_PATH,
                CONTENT_DIGEST, FILE_SIZE, LAST_LOAD_TIME, STATUS, ROW_COUNT, ROW_PARSED,
                ERROR_COUNT, ERROR_LIMIT, FIRST_ERROR_MESSAGE, FIRST_ERROR_LINE_NUMBER)
                VALUES (?, ?, ?, ?, ?, ?, now(), ?, ?, ?, ?, ?, ?, ?)""",
            [
                *(*self._owner, file.url, file.path, file.digest, file.size),
                "PARTIALLY LOADED" if file.faults else "LOADED",
                *(file.row_count, file.parsed, len(file.faults), file.error_limit),
                *(file.faults[0] if file.faults else (None, None)),
            ],
        )

    def rename(self, name: tuple[str, str, str]) -> None:
        """Let the history follow the table to its new name, in the same database."""
        LoadHistory(self._duck, name).forget()
        self._duck.execute(
            f"""UPDATE {self._table} SET SCHEMA_NAME = ?, TABLE_NAME = ?
                WHERE SCHEMA_NAME = ? AND TABLE_NAME = ?""",
            [*name[1:], *self._owner],
        )

    def forget(self) -> None:
        """Forget everything: the table was truncated, dropped or replaced."""
        self._duck.execute(
            f"DELETE FROM {self._table} WHERE SCHEMA_NAME = ? AND TABLE_NAME = ?", self._owner
        )
