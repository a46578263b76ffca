"""A session's transaction as Snowflake sees it, kept by DuckDB.

Snowflake reads committed data statement by statement; DuckDB takes one snapshot at the first
statement. So DuckDB's transaction begins only with the first statement that writes: reads before it
see what is committed at that moment, and an UPDATE that waited for a lock sees what the other
transaction left.

Limits, all of them errors or in the README: after the first write, reads see the snapshot of that
write; a statement that fails after the first write ends the transaction, because DuckDB can't undo
one statement.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import duckdb

from mocks.snowflake.errors import StatementFailed, compilation, transaction_aborted
from mocks.snowflake.locks import TableLocks

T = TypeVar("T")


@dataclass
class Waiting:
    """How long a session waits for locks, and how it learns that it was canceled."""

    seconds: Callable[[], float]
    is_canceled: Callable[[], bool]


class Transaction:
    """What BEGIN, COMMIT, ROLLBACK and every statement in between do to one session."""

    def __init__(
        self, duck: duckdb.DuckDBPyConnection, locks: TableLocks, waiting: Waiting
    ) -> None:
        self._duck = duck
        self._locks = locks
        self._waiting = waiting
        self.autocommit = True
        self.is_open = False
        self.has_written = False
        self.has_begun = False
        """Whether DuckDB is in a transaction, which any error on its connection would abort."""
        self._aborted_by = ""

    def begin(self) -> None:
        """BEGIN; inside a transaction it changes nothing, as on Snowflake."""
        self.is_open = True

    def commit(self) -> None:
        """COMMIT; without a transaction it changes nothing.

        Raises:
            StatementFailed: The transaction had been rolled back by an error, or can't be written.
        """
        aborted_by, had_written = self._aborted_by, self.has_written
        if aborted_by:
            self._end()
            raise transaction_aborted(aborted_by)
        try:
            if had_written:
                self._duck.commit()
                self.has_begun = False
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
        return self._guarded(action) if self.has_written else action()

    def write(self, action: Callable[[], T], *, locking: Sequence[str] = ()) -> T:
        """Run a statement that writes rows, in several steps if it likes: all of them or none.

        Args:
            action: Does the work on the session's DuckDB connection.
            locking: Full names of the tables whose locks the statement needs.
        """
        self._refuse_if_aborted()
        if not self.autocommit:
            self.is_open = True
        try:
            for table in locking:
                self._locks.acquire(self, table, self._waiting.seconds(), self._waiting.is_canceled)
        except StatementFailed:
            if not self.is_open:
                self._locks.release(self)
            raise
        if self.has_written:
            return self._guarded(action)
        return self._first_write(action)

    def define(self, action: Callable[[], T]) -> T:
        """Run a statement that defines objects; outside of transactions only.

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
        return action()

    def close(self) -> None:
        """End the session's transaction, whatever its state."""
        self.rollback()

    def _first_write(self, action: Callable[[], T]) -> T:
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
            self._rollback_quietly()
            self.has_written = False
            self._aborted_by = str(error).split("\n\nLINE ")[0]
            self._locks.release(self)
            raise

    def _refuse_if_aborted(self) -> None:
        if self._aborted_by:
            raise transaction_aborted(self._aborted_by)

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
        self._aborted_by = ""
        self._locks.release(self)
