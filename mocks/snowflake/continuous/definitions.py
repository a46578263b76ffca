"""The definitions of dynamic tables, streams and tasks; each database keeps its schemas'."""
# ruff: noqa: S608 -- names of our own tables; values are bound

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import duckdb
import msgspec

from mocks.snowflake.errors import does_not_exist

if TYPE_CHECKING:
    from mocks.snowflake.session import Session

_TABLE = "_local_definitions"
Path = tuple[str, str, str]
"""Database, schema and name."""


class DynamicTable(msgspec.Struct, frozen=True, tag=True):
    """A dynamic table as it was defined."""

    path: Path
    text: str
    """The statement that made it."""
    made_in: tuple[str, str]
    """Database and schema in which its query's names mean what they meant."""
    target_lag: str
    warehouse: str
    refresh_mode: str
    comment: str = ""
    is_suspended: bool = False
    """True if it was suspended itself, rather than what it reads from."""
    refreshed_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    created_at: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))


class Stream(msgspec.Struct, frozen=True, tag=True):
    """A stream on a table."""

    path: Path
    table: Path
    is_append_only: bool = False
    comment: str = ""
    created_at: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))


class Task(msgspec.Struct, frozen=True, tag=True):
    """A task as it was defined."""

    path: Path
    body: str
    warehouse: str = ""
    schedule: str = ""
    after: list[Path] = []
    """The tasks that it follows."""
    condition: str = ""
    comment: str = ""
    is_resumed: bool = False
    id: str = msgspec.field(default_factory=lambda: str(uuid.uuid4()))
    created_at: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))


Definition = DynamicTable | Stream | Task
D = TypeVar("D", bound=Definition)
_KINDS: dict[type[Definition], str] = {
    DynamicTable: "Dynamic table", Stream: "Stream", Task: "Task",
}  # fmt: skip


def table_of(database: str) -> str:
    """The full name of a database's definitions."""
    return f'"{database}"._fs_information_schema.{_TABLE}'


def creation_sql(database: str) -> str:
    """The table that a database keeps."""
    return f"""
    CREATE TABLE IF NOT EXISTS {table_of(database)} (
        kind VARCHAR, schema_name VARCHAR, name VARCHAR, definition VARCHAR
    );
    """


class Definitions:
    """All definitions of the account, in memory and in their databases."""

    def __init__(self, duck: duckdb.DuckDBPyConnection, databases: Iterable[str]) -> None:
        self._known: dict[tuple[type[Definition], Path], Definition] = {}
        for database in databases:
            sql = f"SELECT definition FROM {table_of(database)}"
            for (text,) in duck.execute(sql).fetchall():
                definition = msgspec.json.decode(text, type=Definition)
                self._known[type(definition), definition.path] = definition

    def of(self, kind: type[D]) -> list[D]:
        """All of a kind, by path."""
        found = (d for (of_kind, _), d in list(self._known.items()) if of_kind is kind)
        return sorted(found, key=lambda d: d.path)  # type: ignore[return-value] # by its key

    def find(self, kind: type[D], path: Path) -> D | None:
        """The definition of a path."""
        return self._known.get((kind, path))  # type: ignore[return-value] # by its key

    def get(self, kind: type[D], path: Path) -> D:
        """The definition of a path.

        Raises:
            StatementFailed: 2003 if there is none.
        """
        if (found := self.find(kind, path)) is None:
            raise does_not_exist(_KINDS[kind], ".".join(path))
        return found

    def keep(
        self,
        session: "Session",
        *definitions: Definition,
        after: Callable[[], object] = lambda: None,
        locking: Sequence[str] = (),
    ) -> None:
        """Add definitions, in place of those of the same kind and path; known once committed.

        Args:
            session: Whose transaction writes them, and commits.
            definitions: What is added.
            after: The work that comes first, in the same transaction.
            locking: Full names of the tables whose locks that needs.
        """

        def write() -> None:
            after()
            for one in definitions:
                _remove(session.duck, one)
                database, *place = one.path
                values = [type(one).__name__, *place, msgspec.json.encode(one).decode()]
                session.duck.execute(
                    f"INSERT INTO {table_of(database)} VALUES (?, ?, ?, ?)", values
                )

        session.transaction.define(lambda: session.transaction.write(write, locking=locking))
        for one in definitions:
            self._known[type(one), one.path] = one

    def drop(
        self,
        session: "Session",
        *definitions: Definition,
        after: Callable[[], object] = lambda: None,
    ) -> None:
        """Remove definitions, after other work in the same transaction; unknown once committed."""

        def write() -> None:
            after()
            for one in definitions:
                _remove(session.duck, one)

        session.transaction.define(lambda: session.transaction.write(write))
        for one in definitions:
            self._known.pop((type(one), one.path), None)

    def in_schema(self, database: str, schema: str) -> list[Definition]:
        """All definitions of a schema."""
        return [d for d in list(self._known.values()) if d.path[:2] == (database, schema)]


def _remove(duck: duckdb.DuckDBPyConnection, definition: Definition) -> None:
    database, *place = definition.path
    duck.execute(
        f"DELETE FROM {table_of(database)} WHERE kind = ? AND schema_name = ? AND name = ?",
        [type(definition).__name__, *place],
    )
