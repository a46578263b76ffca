"""The update history that the API serves, generated or recorded."""

from dataclasses import dataclass
from typing import Protocol

from mocks.canton_scan.clock import Micros


@dataclass(frozen=True, order=True, slots=True)
class Position:
    """A place in the order of the API, whether an update stands there or not."""

    migration_id: int
    record_time: Micros


class History(Protocol):
    """Updates by ``(migration_id, record_time)``, each as the bytes that are served."""

    dso_party_id: str

    def page(self, after: Position | None, size: int) -> list[bytes]:
        """Up to ``size`` updates after a position (exclusive), or from genesis."""
        ...

    def find(self, update_id: str) -> bytes | None:
        """The update with this id, if it has happened."""
        ...

    def now(self) -> Micros:
        """Return the current time of this node."""
        ...

    def count(self) -> int:
        """Return the number of updates so far."""
        ...

    def head(self) -> Position:
        """Return the position of the newest update; there is always one."""
        ...

    def behind(self, lag: Micros) -> "History":
        """The same history as a node sees it that is so far behind."""
        ...

    def after_reset(self) -> "History":
        """Another network's, which began anew when this one was reset."""
        ...
