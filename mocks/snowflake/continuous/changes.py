"""The changes of a table that a stream hasn't given yet: one log per stream.

A statement that writes adds what it changed in the transaction of its rows: what a row was (`not
IS_INSERT`) and what it is by now (`IS_INSERT`), found by DuckDB's row ids, which stay the same
within a transaction and not longer. Rows of the log that are about one row of the table share a row
id of ours. Rows with the same values are treated alike by every statement, so any of them may be
taken for any other.

A stream's offset moves by deleting what was read, so what others add meanwhile is neither lost nor
waited for.
"""
# ruff: noqa: S608 -- names alone; values are bound or numbers

import contextlib
import itertools
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import duckdb

from mocks.snowflake.continuous.definitions import Path
from mocks.snowflake.results import Result

_numbers = itertools.count(time.time_ns())  # of statements, in their order also after a restart
_AT, _ID, _IS_INSERT = '"METADATA$AT"', '"METADATA$ROW_ID"', '"METADATA$IS_INSERT"'
_IS_UPDATE, _ROW = '"METADATA$ISUPDATE"', '"METADATA$ROW"'
_NEW_ID = "left(sha256(uuid()::VARCHAR), 40)"
_BEFORE, _GONE = 'temp."_local_before"', 'temp."_local_gone"'


@dataclass(frozen=True)
class Log:
    """The log of one stream, on the connection that reads or writes it."""

    duck: duckdb.DuckDBPyConnection
    stream: Path
    table: Path
    is_append_only: bool

    def create(self, *, with_rows: bool) -> None:
        """Begin an empty log, or one of all rows that are there."""
        self.drop()
        self.duck.execute(
            f"""CREATE TABLE {self._place} AS
                SELECT {next(_numbers)}::BIGINT AS {_AT}, {_NEW_ID} AS {_ID}, true AS {_IS_INSERT},
                       false AS {_IS_UPDATE}, * FROM {quoted(self.table)} WHERE {with_rows}"""
        )

    def drop(self) -> None:
        """Remove the log, if there is one."""
        self.duck.execute(f"DROP TABLE IF EXISTS {self._place}")

    def statements(self) -> list[int]:
        """The numbers of the statements whose changes are there."""
        found = self.duck.execute(f"SELECT DISTINCT {_AT} FROM {self._place}").fetchall()
        return [number for (number,) in found]

    def changes(self, numbers: Sequence[int]) -> Result:
        """The net changes of these statements, with the METADATA$ columns of a stream."""
        columns = _listed(self._columns())
        # The first row about a row tells what it was, if it was there; the last what it is.
        ends = f"""
            SELECT * FROM {self._place} WHERE list_contains(?, {_AT}) QUALIFY
            (NOT {_IS_INSERT} AND row_number() OVER
             (PARTITION BY {_ID} ORDER BY {_AT}, {_IS_INSERT}) = 1) OR
            ({_IS_INSERT} AND row_number() OVER
             (PARTITION BY {_ID} ORDER BY {_AT} DESC, {_IS_INSERT} DESC) = 1)"""
        self.duck.execute(
            f"""SELECT {columns}, CASE WHEN {_IS_INSERT} THEN 'INSERT' ELSE 'DELETE' END
                       AS "METADATA$ACTION", count(*) OVER (PARTITION BY {_ID}) = 2
                       AS "METADATA$ISUPDATE", {_ID}
                FROM ({ends}) QUALIFY count(*) OVER (PARTITION BY {_ID}, {columns}) = 1
                ORDER BY {_AT}, {_ID}, {_IS_INSERT}""",
            [list(numbers)],
        )
        types = tuple(str(column[1]) for column in self.duck.description or ())
        table = self.duck.to_arrow_table()
        return Result(table, types, table.num_rows)

    def forget(self, numbers: Sequence[int]) -> None:
        """Remove what these statements changed: it was read."""
        self.duck.execute(
            f"DELETE FROM {self._place} WHERE list_contains(?, {_AT})", [list(numbers)]
        )

    def add_inserted(self, rows: str) -> None:
        """Add new rows of the table, which a query returns."""
        self.duck.execute(
            f"INSERT INTO {self._place} "
            f"SELECT {next(_numbers)}, {_NEW_ID}, true, false, * FROM ({rows})"
        )

    def add_changed(self) -> None:
        """Add what differs between the table and what it was before."""
        names = self._columns()
        columns, number = _listed(names), next(_numbers)
        are_same = " AND ".join(f"g.{n} IS NOT DISTINCT FROM l.{n}" for n in names)
        self.duck.execute(
            f"""CREATE OR REPLACE TEMP TABLE "_local_named" AS
            WITH l AS (
                SELECT *, row_number() OVER (PARTITION BY {columns}) AS "METADATA$N" FROM (
                    SELECT * FROM {self._place} QUALIFY {_IS_INSERT} AND row_number() OVER
                    (PARTITION BY {_ID} ORDER BY {_AT} DESC, {_IS_INSERT} DESC) = 1)),
            g AS (SELECT *, row_number() OVER (PARTITION BY {columns}) AS "METADATA$N" FROM {_GONE})
            SELECT g.* EXCLUDE "METADATA$N", coalesce(l.{_ID}, {_NEW_ID}) AS {_ID}
            FROM g LEFT JOIN l ON g."METADATA$N" = l."METADATA$N" AND {are_same}"""
        )
        named = 'temp."_local_named"'
        self.duck.execute(
            f"""INSERT INTO {self._place}
                SELECT {number}, {_ID}, false, {_IS_UPDATE}, {columns} FROM {named}"""
        )
        self.duck.execute(
            f"""INSERT INTO {self._place}
                SELECT {number}, coalesce(n.{_ID}, {_NEW_ID}), true, n.{_ID} IS NOT NULL,
                       {_listed(names, "t")}
                FROM {quoted(self.table)} t LEFT JOIN {named} n ON n.{_ROW} = t.rowid
                WHERE n.{_ROW} IS NOT NULL OR t.rowid NOT IN (SELECT {_ROW} FROM {_BEFORE})"""
        )
        self.duck.execute(f"DROP TABLE {named}")

    def _columns(self) -> list[str]:
        return _columns(self.duck, self._place)[4:]

    @property
    def _place(self) -> str:
        database, *names = self.stream
        schema, name = (one.replace("%", "%25").replace(".", "%2E") for one in names)
        return f'"{database}"._fs_information_schema."_local_stream_{schema}.{name}"'


@contextlib.contextmanager
def logged(logs: Sequence[Log], *, inserts_alone: bool) -> Generator[None]:
    """Add to the logs of a table what is done to it meanwhile, in the transaction of its rows.

    Args:
        logs: Those of all streams of one table.
        inserts_alone: Whether there can be new rows and no other changes.
    """
    duck, place = logs[0].duck, quoted(logs[0].table)
    if inserts_alone:
        ((last,),) = duck.execute(f"SELECT coalesce(max(rowid), -1) FROM {place}").fetchall()
        yield
        for log in logs:
            log.add_inserted(f"SELECT * FROM {place} WHERE rowid > {last}")
        return
    duck.execute(
        f'CREATE OR REPLACE TEMP TABLE "_local_before" AS SELECT rowid AS {_ROW}, * FROM {place}'
    )
    yield
    names = _columns(duck, place)
    differ = " OR ".join(f"b.{n} IS DISTINCT FROM t.{n}" for n in names)
    duck.execute(
        f"""CREATE OR REPLACE TEMP TABLE "_local_gone" AS
            SELECT b.{_ROW}, t.rowid IS NOT NULL AS {_IS_UPDATE}, {_listed(names, "b")}
            FROM {_BEFORE} b LEFT JOIN {place} t ON t.rowid = b.{_ROW}
            WHERE t.rowid IS NULL OR {differ}"""
    )
    for log in logs:
        if log.is_append_only:
            new = f"SELECT * FROM {place} WHERE rowid NOT IN (SELECT {_ROW} FROM {_BEFORE})"
            log.add_inserted(new)
        else:
            log.add_changed()
    for table in (_BEFORE, _GONE):
        duck.execute(f"DROP TABLE {table}")


def quoted(path: Path) -> str:
    """A path as SQL."""
    return ".".join(f'"{part}"' for part in path)


def _columns(duck: duckdb.DuckDBPyConnection, place: str) -> list[str]:
    duck.execute(f"SELECT * FROM {place} LIMIT 0")
    return [f'"{column[0]}"' for column in duck.description or ()]


def _listed(names: Sequence[str], table: str = "") -> str:
    return ", ".join(f"{table}.{name}" if table else name for name in names)
