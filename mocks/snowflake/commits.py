"""The tables that committed transactions have changed, and in which order."""

import threading
from collections.abc import Iterable


class Commits:
    """The last change of each table by a committed transaction."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._last: dict[str, int] = {}

    def mark(self) -> int:
        """The number of commits by now."""
        return self._count

    def record(self, tables: Iterable[str]) -> None:
        """Note a commit, and the full names of the tables that it changed."""
        with self._lock:
            self._count += 1
            self._last |= dict.fromkeys(tables, self._count)

    def since(self, mark: int) -> set[str]:
        """The full names of the tables that were changed after a mark."""
        with self._lock:
            return {table for table, count in self._last.items() if count > mark}
