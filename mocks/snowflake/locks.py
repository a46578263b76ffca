"""Table locks as Snowflake takes them.

UPDATE, DELETE, MERGE, TRUNCATE and INSERT OVERWRITE lock their table until the transaction ends;
who comes second waits up to LOCK_TIMEOUT and then sees what the first one left. INSERT and COPY
lock nothing.
https://docs.snowflake.com/en/sql-reference/transactions#resource-locking

DuckDB has no locks: it lets the second writer fail at once ("Conflict on update!"), and lets a
DELETE pass another transaction's pending UPDATE. With these locks neither happens.
"""

import threading
import time
from collections.abc import Callable

from mocks.snowflake.errors import canceled, deadlock, lock_timeout

WAKE_SECONDS = 0.25  # how often a waiter looks whether it was canceled meanwhile


class TableLocks:
    """Which session holds which table's lock. A session is any hashable owner."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._owners: dict[str, object] = {}
        self._waiting_for: dict[object, str] = {}

    def acquire(
        self, owner: object, table: str, timeout: float, is_canceled: Callable[[], bool]
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
                    left = deadline - time.monotonic()
                    if left <= 0:
                        raise lock_timeout(table, timeout)
                    self._changed.wait(min(left, WAKE_SECONDS))
            finally:
                self._waiting_for.pop(owner, None)

    def _refuse_to_wait(self, owner: object, table: str, is_canceled: Callable[[], bool]) -> None:
        if is_canceled():
            raise canceled()
        holder = self._owners[table]
        while (wanted := self._waiting_for.get(holder)) is not None and wanted in self._owners:
            holder = self._owners[wanted]
            if holder is owner:
                raise deadlock(table)

    def release(self, owner: object) -> None:
        """Give back all that this owner holds."""
        with self._changed:
            self._owners = {
                t: held_by for t, held_by in self._owners.items() if held_by is not owner
            }
            self._changed.notify_all()
