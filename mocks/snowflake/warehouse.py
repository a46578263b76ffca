"""The engine: one DuckDB over the files of a folder, shared by all sessions."""
# ruff: noqa: S608 -- names of our own tables; values are bound

import contextlib
import ctypes
import gc
import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from fakesnow import info_schema
from fakesnow.instance import GLOBAL_DATABASE_NAME, FakeSnow
from fakesnow.transforms import show

from mocks.snowflake import (
    catalog,
    load_history,
    macros,
    patches,
    scalar_functions,
)
from mocks.snowflake.activity import Activity, note
from mocks.snowflake.commits import Commits
from mocks.snowflake.connection import LocalConnection
from mocks.snowflake.continuous.definitions import Definitions
from mocks.snowflake.continuous.task_runs import TaskRuns
from mocks.snowflake.descriptions import Descriptions
from mocks.snowflake.identity import Identity
from mocks.snowflake.locks import IDLE_SECONDS, TableLocks
from mocks.snowflake.object_store import ObjectStore
from mocks.snowflake.python_functions import PythonFunctions
from mocks.snowflake.results import Results
from mocks.snowflake.sql_definitions import FUNCTIONS, PROCEDURES, SqlFunctions
from mocks.snowflake.storage import Folder, FolderRefused, FolderUnreadable
from mocks.snowflake.watchdog import Watchdog

ENGINE_CONFIG = {
    # Of a statement; sessions run beside each other. A second one holds 2,048 documents of its own,
    # and is no faster: the functions in Python set the pace.
    "threads": "1",
    "lambda_syntax": "ENABLE_SINGLE_ARROW",  # sqlglot writes lambdas so
    "autoinstall_known_extensions": "false",  # nothing is ever downloaded
    "autoload_known_extensions": "false",
}
log = logging.getLogger("mocks.snowflake")


@dataclass(frozen=True)
class Limits:
    """The limits on DuckDB's memory and on how long an idle transaction may block another one."""

    memory: str
    idle_transaction_seconds: float = IDLE_SECONDS


class Warehouse(FakeSnow):
    """fakesnow's engine on files: databases, stages, comments and functions survive a restart."""

    def __init__(self, folder: Folder, limits: Limits, sources: Sequence[Path] = ()) -> None:
        # fakesnow's own __init__ attaches its catalog in memory, where a restart would lose it.
        self.folder = folder
        # What the limit has no room for goes to disk, by default beside the code.
        self._memory = limits.memory
        places = {"memory_limit": limits.memory, "temp_directory": str(folder.temporary)}
        pa.set_memory_pool(pa.system_memory_pool())  # gives back what it no longer needs
        self.duck_conn = duckdb.connect(":memory:", config=ENGINE_CONFIG | places)
        self.locks = TableLocks(limits.idle_transaction_seconds)
        self.commits = Commits()
        self.connections: dict[int, LocalConnection] = {}
        self._opening = threading.Lock()  # of the files, by `rest`
        self.watchdog = Watchdog()
        self.results = Results()
        self.descriptions = Descriptions()
        self.activity = Activity()
        self.has_mixed_names: bool | None = None
        """True if two names may differ by case alone; None until it is looked up."""
        self.objects = ObjectStore()
        patches.keep_internal_stages_in(folder.stages)
        patches.keep_default_escape()
        patches.silence_arrow_output()
        patches.reuse_generators()
        patches.share_notes()
        patches.read_formats_as_written()
        patches.tell_sql(note)
        self._attach_all()
        self.duck_conn.execute("SET GLOBAL TimeZone = 'UTC'")
        scalar_functions.register(self.duck_conn)
        self.functions = PythonFunctions(self.duck_conn, sources)
        self.functions.load()
        self.sql_functions = SqlFunctions(self.duck_conn, FUNCTIONS)
        self.procedures = SqlFunctions(self.duck_conn, PROCEDURES)
        self.task_runs = TaskRuns()
        self.definitions = Definitions(self.duck_conn, [n for n, _ in folder.databases()])
        self._shut_in()

    def connect(  # type: ignore[override] # our sessions take an identity, fakesnow's take regexes
        self,
        database: str | None = None,
        schema: str | None = None,
        identity: Identity | None = None,
    ) -> LocalConnection:
        """A new session."""
        connection = LocalConnection(self, self.duck_conn.cursor(), database, schema)
        connection.identity = identity or Identity()
        self.connections[id(connection)] = connection
        return connection

    def has_schema(self, database: str, schema: str | None) -> bool:
        """Tell whether a schema exists, or a database when `schema` is None."""
        with contextlib.closing(self.duck_conn.cursor()) as duck:
            found = duck.execute(
                "SELECT 1 FROM duckdb_schemas() WHERE database_name = ? AND schema_name = ?",
                [database, schema or "main"],
            ).fetchone()
        return found is not None

    def drop_database(self, name: str) -> None:
        """Let go of a database, and delete its file."""
        with self._opening:
            self.duck_conn.execute(f'DETACH "{name}"')
            self.folder.remove(name)

    def probe(self) -> None:
        """Return when every database answers.

        Raises:
            duckdb.Error: One doesn't, such as after a write that the disk had no space for.
        """
        tables = [f"{GLOBAL_DATABASE_NAME}._fs_information_schema._fs_stages"]
        tables += [load_history.table_of(name) for name, _ in self.folder.databases()]
        with self._opening, contextlib.closing(self.duck_conn.cursor()) as duck:
            for table in tables:
                duck.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchall()

    def rest(self) -> None:
        """Give memory back; for a time without sessions.

        DuckDB keeps what it has read of a file while that is open, a record of each buffer that
        statements had (up to 32,768 in each of several queues, 40 MB in all), and in its allocator
        what they needed. It looks through the queues for a limit that it can't keep, and clears the
        allocator for one that it can. What Arrow and Python freed lies between what they still
        hold, where the C library keeps it until it is told.

        Raises:
            FolderRefused: A file can't be opened again; its database is gone for every session.
        """
        account = (GLOBAL_DATABASE_NAME, self.folder.account)
        with self._opening:
            for name, file in (account, *self.folder.databases()):
                try:
                    self.duck_conn.execute(f'DETACH "{name}"')
                except duckdb.IOException as error:  # a full disk: detached, its log holds the rest
                    log.warning("the log of %s stays: %s", name, " ".join(str(error).split()))
                self._attach(name, str(file))
        with contextlib.suppress(duckdb.OutOfMemoryException):  # refused: the limit stays as it was
            self.duck_conn.execute("SET memory_limit = '0B'")
        self.duck_conn.execute(f"SET memory_limit = {_literal(self._memory)}")
        self.results.rest()
        gc.collect()
        with contextlib.suppress(AttributeError):  # of glibc alone
            ctypes.CDLL(None).malloc_trim(0)

    def close(self) -> None:
        """Write everything into the database files and let go of the folder."""
        for name in self.databases():
            # A session that outlived its request may still write: the log then holds what it must.
            with contextlib.suppress(duckdb.TransactionException):
                self.duck_conn.execute(f'CHECKPOINT "{name}"')
        self.functions.unregister()
        scalar_functions.unregister(self.duck_conn)
        self.duck_conn.close()
        self.folder.release()

    def databases(self) -> Iterator[str]:
        """The names of all databases, that of the account among them."""
        yield GLOBAL_DATABASE_NAME
        yield from (name for name, _ in self.folder.databases())

    def _attach_all(self) -> None:
        self._attach(GLOBAL_DATABASE_NAME, str(self.folder.account))
        self.duck_conn.execute(info_schema.fs_global_creation_sql())
        self.duck_conn.execute(show.fs_global_creation_sql())
        self.duck_conn.execute(catalog.GLOBAL_SQL)
        self.duck_conn.execute(macros.CREATION_SQL)
        for name, file in self.folder.databases():
            self._attach(name, str(file))
            self.duck_conn.execute(info_schema.per_db_creation_sql(name))
            self.duck_conn.execute(catalog.database_sql(name))

    def _shut_in(self) -> None:
        """Leave DuckDB the data folder alone of this machine's files, for good."""
        self.duck_conn.execute(f"SET allowed_directories = [{_literal(str(self.folder.path))}]")
        self.duck_conn.execute("SET enable_external_access = false")
        self.duck_conn.execute("SET allowed_configs = ['memory_limit']")  # for `rest`
        self.duck_conn.execute("SET lock_configuration = true")

    def _attach(self, name: str, file: str) -> None:
        try:
            self.duck_conn.execute(f'ATTACH DATABASE {_literal(file)} AS "{name}"')
        except duckdb.Error as error:
            said = " ".join(str(error).split())
            if "No space left" in said or "Permission denied" in said:
                raise FolderRefused(said) from error
            raise FolderUnreadable(
                f"{file} can't be read by DuckDB {duckdb.__version__}: {said}"
            ) from error


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
