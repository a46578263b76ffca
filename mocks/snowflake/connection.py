"""A session's state: current objects, parameters, transaction; over fakesnow's connection."""

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
from fakesnow.conn import FakeSnowflakeConnection
from snowflake.connector.cursor import SnowflakeCursor

from mocks.snowflake.cursor import LocalCursor
from mocks.snowflake.errors import (
    StatementFailed,
    canceled,
    invalid,
    statement_timeout,
    unsupported,
)
from mocks.snowflake.handlers.workers import SESSION_VARIABLE
from mocks.snowflake.identity import Identity
from mocks.snowflake.parameters import Parameters, Value
from mocks.snowflake.transactions import Transaction, Waiting

if TYPE_CHECKING:
    from sqlglot import Expr

    from mocks.snowflake.declared_columns import Declared
    from mocks.snowflake.session import Session
    from mocks.snowflake.warehouse import Warehouse

KEPT_IDS = 1000
"""At least so many of a session's last query ids are known to LAST_QUERY_ID."""

_MOST_DEEP = 16


class Lent:
    """Rows that DuckDB may read until they are taken back.

    It keeps what was registered until the transaction ends, and a COPY would hold all its files.
    """

    def __init__(self, rows: pa.Table) -> None:
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The rows by Arrow's own protocol.

        https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html
        """
        return self._rows.__arrow_c_stream__(requested_schema)

    def take_back(self) -> None:
        """Let go of the rows."""
        self._rows = self._rows.schema.empty_table()


class LocalConnection(FakeSnowflakeConnection):
    """One session on the local Snowflake."""

    def __init__(
        self,
        local: "Warehouse",
        duck: duckdb.DuckDBPyConnection,
        database: str | None = None,
        schema: str | None = None,
    ) -> None:
        # What doesn't exist is not made, as on Snowflake: the session has no current database then.
        super().__init__(
            duck,
            results_cache={},
            database=database,
            schema=schema,
            create_database=False,
            create_schema=False,
            db_path=local.folder.path,
        )
        self._forget_missing()
        self.local = local
        self.identity = Identity()
        self.canceled = threading.Event()
        self.temporary_tables: dict[str, dict[str, Declared]] = {}
        """Declared columns by the full name of their table."""
        self._temporary: dict[str, Lent] = {}
        self._probe: duckdb.DuckDBPyConnection | None = None
        self._probe_schema: str | None = None
        self._probed: set[str] = set()  # the names of `_temporary` that are registered there
        self.query_ids: list[str] = []
        """The latest statements; `has_forgotten` tells whether there were more."""
        self.has_forgotten = False
        self.depth = 0
        """The number of procedures and tasks that are running within each other."""
        self.child: Session | None = None
        """The session of a task that this one runs now."""
        self.local_variables: dict[str, Expr] = {}
        self.parameters = Parameters(self._parameter_changed)
        self.worker = local.functions.workers.open(self.canceled.is_set)
        self._name_worker(duck)
        self.transaction = Transaction(
            duck,
            local.locks,
            local.commits,
            Waiting(lambda: float(self.parameters["LOCK_TIMEOUT"]), self.canceled.is_set),
        )

    @property
    def duck(self) -> duckdb.DuckDBPyConnection:
        """The session's own connection to DuckDB."""
        return self._duck_conn

    def cursor(self, cursor_class: type[SnowflakeCursor] = SnowflakeCursor) -> LocalCursor:  # noqa: ARG002 -- fakesnow's signature; rows are never fetched as dicts here
        """A cursor that runs one statement."""
        return LocalCursor(conn=self, duck_conn=self._duck_conn)

    def deeper(self) -> int:
        """The depth of what runs within what runs now.

        Raises:
            StatementFailed: 2 for a depth that would end in Python's own limit.
        """
        if self.depth >= _MOST_DEEP:
            raise unsupported(f"more than {_MOST_DEEP} calls within each other")
        return self.depth + 1

    def has_table(self, name: tuple[str, str, str]) -> bool:
        """Tell whether a table or view of this name (database, schema, name) exists."""
        with self.probe() as duck:
            found = duck.execute(
                """SELECT 1 FROM information_schema.tables
                   WHERE table_catalog = ? AND table_schema = ? AND table_name = ?""",
                name,
            ).fetchall()
        return bool(found)

    def column_names(self, name: tuple[str, str, str]) -> list[str]:
        """The columns of a table (database, schema, name), in order; none if there is no table."""
        is_temporary = ".".join(name) in self.temporary_tables
        place = ("temp", "main", name[2]) if is_temporary else name
        found = self._duck_conn.execute(
            """SELECT column_name FROM duckdb_columns()
               WHERE database_name = ? AND schema_name = ? AND table_name = ?
               ORDER BY column_index""",
            place,
        ).fetchall()
        return [column for (column,) in found]

    @contextlib.contextmanager
    def probe(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for questions, on which an error can't abort the session's transaction."""
        if not self.transaction.has_begun:
            yield self._duck_conn
            return
        duck = self._probe_at_current_schema()
        new = self._temporary.keys() - self._probed  # of a probe within another: none
        duck.complete()
        for name in new:
            duck.register(name, self._temporary[name])
        self._probed |= new
        try:
            yield duck
        finally:
            self._probed -= new
            for name in new:
                duck.unregister(name)

    @contextlib.contextmanager
    def temporary_rows(self, name: str, rows: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection on which rows can be selected by a name, and asked about by `probe`."""
        lent = Lent(rows)
        self._duck_conn.complete()  # of what was asked before, a row may be all that was read
        self._duck_conn.register(name, lent)
        self._temporary[name] = lent
        try:
            yield self._duck_conn
            self._duck_conn.unregister(name)  # after an error the rollback does it
        finally:
            del self._temporary[name]
            lent.take_back()

    def is_lent(self, name: str) -> bool:
        """Tell whether rows can be selected by a name now, which is that of no table."""
        return name in self._temporary

    @property
    def has_own_names(self) -> bool:
        """True if a name may mean what no other session knows of."""
        return bool(self.temporary_tables or self._temporary)

    def use(self, database: str, schema: str | None) -> None:
        """Make an existing database, and schema, the current ones."""
        self._duck_conn.execute(_set_schema(database, schema))
        self.database, self.database_set = database, True
        self._schema, self.schema_set = schema, schema is not None

    def leave(self) -> None:
        """Have no current database any more."""
        for duck in filter(None, (self._duck_conn, self._probe)):
            duck.execute("SET schema = 'memory.main'")
        self.database = self._schema = self._probe_schema = None
        self.database_set = self.schema_set = False

    @contextlib.contextmanager
    def time_limit(self) -> Iterator[None]:
        """Stop what runs inside after STATEMENT_TIMEOUT_IN_SECONDS.

        Raises:
            StatementFailed: 630 at the limit, 604 when it was canceled from outside.
        """
        seconds = float(self.parameters["STATEMENT_TIMEOUT_IN_SECONDS"])
        with self.local.watchdog.limit(seconds, self.cancel) as limit:
            try:
                yield
            except (duckdb.Error, StatementFailed) as error:
                is_stopped = isinstance(error, duckdb.InterruptException)
                if not is_stopped and not self.canceled.is_set():
                    raise
                raise statement_timeout(seconds) if limit.passed else canceled() from error

    def stop_if_canceled(self) -> None:
        """Return unless somebody wants the statement to stop; for work outside of DuckDB."""
        if self.canceled.is_set():
            raise canceled()

    def cancel(self) -> None:
        """Stop the statement that runs, wherever it is."""
        self.canceled.set()
        self._duck_conn.interrupt()
        if self._probe:
            self._probe.interrupt()
        self.worker.stop()
        if self.child:
            self.child.cancel()

    def keep_query_id(self, query_id: str) -> None:
        """Remember a statement that has run."""
        self.query_ids.append(query_id)
        if len(self.query_ids) > 2 * KEPT_IDS:
            del self.query_ids[:KEPT_IDS]
            self.has_forgotten = True

    def query_id(self, number: "Expr | None") -> str | None:
        """LAST_QUERY_ID(n): the latest for none, from the end for less than 0, else from the first.

        Raises:
            StatementFailed: 1003 for what is no whole number.
        """
        text = "-1" if number is None else number.sql()
        if not text.lstrip("-").isdigit():
            raise invalid(f"LAST_QUERY_ID takes a whole number, not {text}")
        at = int(text)
        if self.has_forgotten and not -len(self.query_ids) <= at < 0:
            raise unsupported(f"LAST_QUERY_ID({at})", f"the last {KEPT_IDS} statements are known")
        found = self.query_ids[at - 1 if at > 0 else at :]
        is_there = at and abs(at) <= len(self.query_ids)
        return found[0] if is_there else None

    def close(self, retry: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 -- fakesnow's signature
        """End the session: its transaction is rolled back, its locks are free."""
        self.local.connections.pop(id(self), None)
        self.transaction.close()
        self.worker.close()
        if self._probe:
            self._probe.close()
        super().close()

    def _probe_at_current_schema(self) -> duckdb.DuckDBPyConnection:
        if self._probe is None:
            self._probe = self._duck_conn.cursor()
            self._name_worker(self._probe)
        schema = _set_schema(self.database, self._schema) if self.database else None
        if schema and schema != self._probe_schema:
            self._probe.execute(schema)
        self._probe_schema = schema
        return self._probe

    def _name_worker(self, duck: duckdb.DuckDBPyConnection) -> None:
        """Let calls of Python functions on a connection find this session's process."""
        duck.execute(f"SET VARIABLE {SESSION_VARIABLE} = {self.worker.number}::BIGINT")

    def _forget_missing(self) -> None:
        if not self.database_set:
            self.database = None
        if not self.schema_set:
            self._schema = None

    def _parameter_changed(self, name: str, value: Value) -> None:
        if name == "AUTOCOMMIT":
            self.transaction.set_autocommit(on=bool(value))


def _set_schema(database: str, schema: str | None) -> str:
    return f"""SET schema = '"{database}"."{schema or "main"}"'"""
