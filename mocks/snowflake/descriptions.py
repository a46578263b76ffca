"""A cache of the columns of queries, emptied whenever a name may come to mean something else.

A pipeline sends the same statements again and again, of each of which DuckDB is asked for types.
"""

import contextlib
import re
import threading
from collections.abc import Callable, Hashable, Iterator, Sequence

Columns = Sequence[tuple[str, str]]
"""The name and DuckDB's type of each column, in order."""

_KEPT = 2_000
"""With so many remembered, all are forgotten: most hold values that no other statement has."""
_DEFINES_NOTHING = re.compile(
    r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE|MERGE|COPY|SHOW|USE|BEGIN|COMMIT|ROLLBACK|ALTER\s+SESSION)\b",
    re.IGNORECASE,
)
"""Statements that define nothing; those within a block come to `Descriptions.beside` one by one."""


class Descriptions:
    """The columns of queries that no statement has defined anew since they were told."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._defining = 0
        self._known: dict[Hashable, Columns] = {}

    @contextlib.contextmanager
    def beside(self, text: str) -> Iterator[None]:
        """Run a statement; of one that may define something, remember nothing and forget all."""
        if _DEFINES_NOTHING.match(text):
            yield
            return
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def of(self, query: Hashable, ask: Callable[[], Columns]) -> Columns:
        """The columns of a query.

        Args:
            query: Whatever the answer depends on.
            ask: Tells the columns; its errors aren't remembered.
        """
        known = self._known
        found = None if self._defining else known.get(query)
        if found is not None:
            return found
        columns = ask()
        with self._lock:
            if known is self._known and not self._defining:
                if len(known) >= _KEPT:
                    known.clear()
                known[query] = columns
        return columns

    def _count(self, change: int) -> None:
        with self._lock:
            self._defining += change
            self._known = {}
