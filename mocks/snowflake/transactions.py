"""A session's transaction as Snowflake sees it, kept by DuckDB.

Snowflake reads committed data statement by statement; DuckDB takes one snapshot at the first
statement. So DuckDB's transaction begins only with the first statement that writes: reads before it
see what is committed at that moment, and an UPDATE that waited for a lock sees what the other
transaction left. How the statements after it do is in `isolation`.

A limit that is an error: a statement that fails while it writes, after the first write, ends the
transaction, because DuckDB can't undo one statement.
"""

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import duckdb

from mocks.snowflake.commits import Commits
from mocks.snowflake.errors import (
    StatementFailed,
    compilation,
    transaction_aborted,
    transaction_ended,
)
from mocks.snowflake.locks import TableLocks
from mocks.snowflake.translation import translate

if TYPE_CHECKING:
    from mocks.snowflake.results import Result

T = TypeVar("T")
Path = tuple[str, str, str]
Around = Callable[[], contextlib.AbstractContextManager[object]]
_ids = itertools.count(time.time_ns())  # Snowflake's ids are times as well; no two are the same


@dataclass(frozen=True)
class Label:
    """An open transaction as SHOW TRANSACTIONS names it."""

    id: int
    name: str
    started_on: datetime


@dataclass
class Waiting:
    """A session's lock timeout in seconds, and its check for cancellation."""

    seconds: Callable[[], float]
    is_canceled: Callable[[], bool]


class Transaction:
    """The transaction state of one session, from BEGIN to COMMIT or ROLLBACK and in autocommit."""

    def __init__(
        self,
        duck: duckdb.DuckDBPyConnection,
        locks: TableLocks,
        commits: Commits,
        waiting: Waiting,
    ) -> None:
        self._duck = duck
        self._locks = locks
        self._commits = commits
        self._waiting = waiting
        self.autocommit = True
        self.is_open = False
        self.has_written = False
        self.has_begun = False
        """True if DuckDB is in a transaction, which any error on its connection would abort."""
        self.label: Label | None = None
        """The transaction that is open now."""
        self.written: set[str] = set()
        """Full names of the tables that it has changed."""
        self.mark = 0
        """The number of all commits when it first wrote."""
        self.stream_ends: dict[Path, list[int]] = {}
        self.stream_rows: dict[Path, Result] = {}
        """The ends of streams in the open transaction, and their rows once they were read."""
        self._around: Around = contextlib.nullcontext
        self._also_locking: Sequence[str] = ()
        self._aborted: StatementFailed | None = None
        self._in_use = threading.RLock()
        self._used_at = time.monotonic()

    @contextlib.contextmanager
    def statement(self) -> Iterator[None]:
        """Keep others from ending the transaction while a statement runs in it."""
        with self._in_use:
            try:
                yield
            finally:
                self._used_at = time.monotonic()

    @contextlib.contextmanager
    def accompanied(self, around: Around, locking: Sequence[str]) -> Iterator[None]:
        """Let statements that write also do what a context does around them, in their step.

        Args:
            around: Entered once the locks are held; left, on success, before the step is over.
            locking: Names of further locks.
        """
        self._around, self._also_locking = around, locking
        try:
            yield
        finally:
            self._around, self._also_locking = contextlib.nullcontext, ()

    def begin(self, name: str, stream_ends: Mapping[Path, list[int]]) -> None:
        """BEGIN; inside a transaction it changes nothing, as on Snowflake."""
        if not self.is_open:
            self._open(name)
            self.stream_ends.update(stream_ends)

    def commit(self) -> None:
        """COMMIT; without a transaction it changes nothing.

        Raises:
            StatementFailed: The transaction had been rolled back by an error, or can't be written.
        """
        aborted, had_written = self._aborted, self.has_written
        if aborted:
            self._end()
            raise aborted
        try:
            if had_written:
                self._duck.commit()
                self.has_begun = False
                self._commits.record(self.written)
        except duckdb.Error:
            self._rollback_quietly()
            raise
        finally:
            self._end()

    def rollback(self) -> None:
        """ROLLBACK; without a transaction it changes nothing."""
        self._rollback_quietly()
        self._end()

    def set_autocommit(self, *, on: bool) -> None:
        """AUTOCOMMIT; a transaction that is open is committed, as on Snowflake."""
        if self.is_open:
            self.commit()
        self.autocommit = on

    def read(self, action: Callable[[], T]) -> T:
        """Run a statement that writes nothing.

        Raises:
            StatementFailed: The transaction is aborted already.
        """
        self._refuse_if_aborted()
        try:
            return action()
        except BaseException as error:
            if self.has_written and self._is_lost():
                self._abort_by(error)
            raise

    def write(self, action: Callable[[], T], *, locking: Sequence[str] = ()) -> T:
        """Run a statement that writes rows, in several steps if it likes: all of them or none.

        Args:
            action: Does the work on the session's DuckDB connection.
            locking: Full names of the tables whose locks the statement needs.
        """
        self._refuse_if_aborted()
        if not self.autocommit and not self.is_open:
            self._open()
        try:
            for name in (*locking, *self._also_locking):
                self.hold(name)
        except StatementFailed:
            if not self.is_open:
                self._locks.release(self)
            raise
        around = self._around

        def run() -> T:
            with around():
                return action()

        return self._guarded(run) if self.has_written else self._first_write(run)

    def wrote(self, tables: Collection[str]) -> None:
        """Note the tables (full names) that a statement has changed; others see it at COMMIT."""
        if self.is_open:
            self.written.update(tables)
        elif tables:
            self._commits.record(tables)

    def hold(self, name: str) -> None:
        """Take a lock, until the transaction ends.

        Raises:
            StatementFailed: Another transaction has it, and keeps it for longer than LOCK_TIMEOUT.
        """
        self._locks.acquire(self, name, self._waiting.seconds(), self._waiting.is_canceled)

    def define(self, action: Callable[[], T]) -> T:
        """Run a statement that defines objects, and commits itself; outside of transactions only.

        Raises:
            StatementFailed: In a transaction: Snowflake would commit it silently.
        """
        if self.is_open:
            raise compilation(
                2,
                "0A000",
                "DDL inside an open transaction is refused by the local Snowflake: on Snowflake it "
                "would commit the transaction silently. COMMIT or ROLLBACK first.",
            )
        before, self.autocommit = self.autocommit, True
        try:
            return action()
        finally:
            self.autocommit = before

    def at_once(self, action: Callable[[], T]) -> T:
        """Run the steps of a definition in a DuckDB transaction: all of them or none.

        Args:
            action: Writes to one database alone: DuckDB's transactions have no more.
        """
        return self._first_write(action)

    def close(self) -> None:
        """End the session's transaction, whatever its state."""
        with self._in_use:
            self.rollback()

    def abort(self) -> None:
        """Roll back for somebody else, once the statement that runs is over."""
        with self._in_use:
            self._abort("it was aborted by SYSTEM$ABORT_TRANSACTION")

    def abort_if_idle(self, seconds: float) -> None:
        """Roll back if no statement ran for so long: the transaction blocks another one."""
        if not self._in_use.acquire(blocking=False):
            return
        try:
            if time.monotonic() - self._used_at >= seconds:
                self._abort(f"it was idle for {seconds:g} seconds while it blocked another one")
        finally:
            self._in_use.release()

    def _abort(self, why: str) -> None:
        if self.label is None:
            return
        self._rollback_quietly()
        self.has_written = False
        self._aborted = transaction_ended(self.label.id, why)
        self._locks.release(self)

    def _open(self, name: str = "") -> None:
        id_ = next(_ids)
        self.label = Label(id_, name or str(id_), datetime.now(UTC))
        self.is_open = True

    def _first_write(self, action: Callable[[], T]) -> T:
        self.mark = self._commits.mark()
        self._duck.begin()
        self.has_begun = True
        try:
            result = action()
            if not self.is_open:
                self._duck.commit()
                self.has_begun = False
        except BaseException:
            self._rollback_quietly()
            if not self.is_open:
                self._locks.release(self)
            raise
        if self.is_open:
            self.has_written = True
        else:
            self._locks.release(self)
        return result

    def _guarded(self, action: Callable[[], T]) -> T:
        try:
            return action()
        except BaseException as error:
            self._abort_by(error)
            raise

    def _abort_by(self, error: BaseException) -> None:
        self._rollback_quietly()
        self.has_written = False
        self._aborted = transaction_aborted(_told(error))
        self._locks.release(self)

    def _is_lost(self) -> bool:
        """Tell whether an error has ended DuckDB's transaction."""
        try:
            self._duck.execute("SELECT 1")
        except duckdb.Error:
            return True
        return False

    def _refuse_if_aborted(self) -> None:
        if self._aborted:
            raise self._aborted

    def _rollback_quietly(self) -> None:
        self.has_begun = False
        try:
            self._duck.rollback()
        except duckdb.Error:
            # Nothing to roll back: never begun, or ended by DuckDB itself (a failed commit).
            return

    def _end(self) -> None:
        self.is_open = False
        self.has_written = False
        self.label = None
        self.written = set()
        self._aborted = None
        self.stream_ends.clear()
        self.stream_rows.clear()
        self._locks.release(self)


def _told(error: BaseException) -> str:
    """An error in the words that the client had of it."""
    if not isinstance(error, Exception):
        return str(error)
    try:
        translate(error)
    except StatementFailed as failed:
        return str(failed)
