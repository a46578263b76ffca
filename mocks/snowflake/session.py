"""The protocols of a session and of its account, as statements use them.

Modules that rewrite and answer statements know these protocols alone; `connection`, `warehouse` and
`cursor` are what they get.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import pyarrow as pa
from fakesnow.params import MutableParams
from sqlglot import Expr

from mocks.snowflake.identity import Identity
from mocks.snowflake.parameters import Parameters
from mocks.snowflake.results import Result, Results
from mocks.snowflake.transactions import Transaction

if TYPE_CHECKING:
    from pathlib import Path

    from fakesnow.transforms.stage import TableStages

    from mocks.snowflake.activity import Activity
    from mocks.snowflake.commits import Commits
    from mocks.snowflake.continuous.definitions import Definitions
    from mocks.snowflake.continuous.task_runs import TaskRuns
    from mocks.snowflake.declared_columns import Declared
    from mocks.snowflake.handlers.workers import Worker
    from mocks.snowflake.locks import TableLocks
    from mocks.snowflake.object_store import ObjectStore
    from mocks.snowflake.python_functions import PythonFunctions
    from mocks.snowflake.scripting.running import Inner
    from mocks.snowflake.sql_definitions import SqlFunctions
    from mocks.snowflake.storage import Folder


class Account(Protocol):
    """The state that all sessions of an account share."""

    folder: "Folder"
    locks: "TableLocks"
    commits: "Commits"
    results: Results
    activity: "Activity"
    objects: "ObjectStore"
    functions: "PythonFunctions"
    sql_functions: "SqlFunctions"
    procedures: "SqlFunctions"
    definitions: "Definitions"
    task_runs: "TaskRuns"
    has_mixed_names: bool | None

    @property
    def connections(self) -> Mapping[int, "Session"]:
        """The open sessions."""
        ...

    def has_schema(self, database: str, schema: str | None) -> bool:
        """Tell whether a schema exists, or a database when `schema` is None."""
        ...

    def drop_database(self, name: str) -> None:
        """Let go of a database, and delete its file."""
        ...

    def connect(
        self,
        database: str | None = None,
        schema: str | None = None,
        identity: Identity | None = None,
    ) -> "Session":
        """A new session."""
        ...


class Session(Protocol):
    """The current objects, parameters and transaction of one client."""

    identity: Identity
    database: str | None
    db_path: "Path | None"
    table_stages: "TableStages"
    worker: "Worker"
    child: "Session | None"
    canceled: threading.Event
    transaction: Transaction
    parameters: Parameters
    temporary_tables: "dict[str, dict[str, Declared]]"
    local_variables: dict[str, Expr]
    depth: int

    @property
    def schema(self) -> str | None:
        """Its current schema."""
        ...

    @property
    def local(self) -> Account:
        """The account, which it shares with other sessions."""
        ...

    @property
    def duck(self) -> duckdb.DuckDBPyConnection:
        """Its own connection to DuckDB."""
        ...

    def cursor(self) -> "Cursor":
        """A cursor that runs one statement."""
        ...

    def probe(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A connection for questions, on which an error can't abort the session's transaction."""
        ...

    def temporary_rows(
        self, name: str, rows: pa.Table
    ) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A connection on which rows can be selected by a name."""
        ...

    def is_lent(self, name: str) -> bool:
        """Tell whether rows can be selected by a name now, which is that of no table."""
        ...

    @property
    def has_own_names(self) -> bool:
        """True if a name may mean what no other session knows of."""
        ...

    def has_table(self, name: tuple[str, str, str]) -> bool:
        """Tell whether a table or view of this name (database, schema, name) exists."""
        ...

    def column_names(self, name: tuple[str, str, str]) -> list[str]:
        """The columns of a table (database, schema, name), in order; none if there is no table."""
        ...

    def query_id(self, number: Expr | None) -> str | None:
        """LAST_QUERY_ID(n)."""
        ...

    def use(self, database: str, schema: str | None) -> None:
        """Make an existing database, and schema, the current ones."""
        ...

    def leave(self) -> None:
        """Have no current database any more."""
        ...

    def stop_if_canceled(self) -> None:
        """Return unless somebody wants the statement to stop."""
        ...

    def cancel(self) -> None:
        """Stop the statement that runs."""
        ...

    def deeper(self) -> int:
        """The depth of what runs within what runs now."""
        ...

    def close(self) -> None:
        """End it: its transaction is rolled back, its locks are free."""
        ...


class Cursor(Protocol):
    """Runs one statement in its session."""

    type_id: int
    download: Mapping[str, Any] | None

    @property
    def session(self) -> Session:
        """The session it belongs to."""
        ...

    def run(
        self, text: str, bound: Sequence[list[Any]] = (), inner: "Inner | None" = None
    ) -> Result:
        """Execute one statement, with each row of bound values if there are several."""
        ...

    def run_parsed(self, expression: Expr, bind: Callable[[Expr], None] | None = None) -> Result:
        """Execute a query of our own making, of which no query id is told."""
        ...

    def run_steps(
        self,
        expression: Expr,
        params: MutableParams | None,
        duck: duckdb.DuckDBPyConnection | None = None,
    ) -> Result:
        """Rewrite and execute, in as many steps as it takes; the last one's answer counts."""
        ...

    def check_db_and_schema(self, expression: Expr) -> None:
        """Refuse names that need a current database or schema where there is none."""
        ...
