"""Table locks as Snowflake takes them.

UPDATE, DELETE, MERGE, TRUNCATE and INSERT OVERWRITE lock their table until the transaction ends;
who comes second waits up to LOCK_TIMEOUT and then sees what the first one left. INSERT and COPY
lock nothing.
https://docs.snowflake.com/en/sql-reference/transactions#resource-locking

A transaction that is idle for 5 minutes and blocks another one is rolled back, because its client
may be gone.
https://docs.snowflake.com/en/sql-reference/transactions#aborting-transactions

DuckDB has no locks: it lets the second writer fail at once ("Conflict on update!"), and lets a
DELETE pass another transaction's pending UPDATE. With these locks neither happens.
"""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from mocks.snowflake.errors import canceled, deadlock, lock_timeout

WAKE_SECONDS = 0.25  # how often a waiter looks for a cancellation and at the holder
IDLE_SECONDS = 300.0  # Snowflake's, for a transaction that blocks another


class Owner(Protocol):
    """A transaction that takes locks."""

    def abort_if_idle(self, seconds: float) -> None:
        """Roll back, which gives the locks back, if no statement ran for so long."""
        ...


class TableLocks:
    """The locks of all tables, each with the transaction that holds it.

    Args:
        idle_seconds: An idle transaction that blocks another one is rolled back after so long.
    """

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._changed = threading.Condition()
        self._owners: dict[str, Owner] = {}
        self._waiting_for: dict[Owner, str] = {}

    def acquire(
        self, owner: Owner, table: str, timeout: float, is_canceled: Callable[[], bool]
    ) -> None:
        """Take a table's lock, waiting for whoever holds it.

        Raises:
            StatementFailed: 625 after `timeout` seconds, 628 when both would wait for each other,
                604 when canceled.
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            try:
                while self._owners.setdefault(table, owner) is not owner:
                    self._waiting_for[owner] = table
                    self._refuse_to_wait(owner, table, is_canceled)
                    self._owners[table].abort_if_idle(self._idle_seconds)
                    if table not in self._owners:
                        continue
                    left = deadline - time.monotonic()
                    if left <= 0:
                        raise lock_timeout(table, timeout)
                    self._changed.wait(min(left, WAKE_SECONDS))
            finally:
                self._waiting_for.pop(owner, None)

    def _refuse_to_wait(self, owner: Owner, table: str, is_canceled: Callable[[], bool]) -> None:
        if is_canceled():
            raise canceled()
        holder = self._owners[table]
        while (wanted := self._waiting_for.get(holder)) is not None and wanted in self._owners:
            holder = self._owners[wanted]
            if holder is owner:
                raise deadlock(table)

    def held(self) -> list[tuple[str, Owner, bool]]:
        """Each table with a transaction and whether that one holds the lock; else it waits."""
        with self._changed:
            holding = [(table, owner, True) for table, owner in self._owners.items()]
            return holding + [(table, owner, False) for owner, table in self._waiting_for.items()]

    def release(self, owner: Owner) -> None:
        """Give back all that this owner holds."""
        with self._changed:
            self._owners = {
                t: held_by for t, held_by in self._owners.items() if held_by is not owner
            }
            self._changed.notify_all()
