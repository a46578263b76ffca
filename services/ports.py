"""Interfaces to the outside that the steps need and that have more than one implementation."""

from collections.abc import Iterator
from typing import Protocol

from services.model import LandedPage, Page, Position


class UpdateSource(Protocol):
    """The update history of one network, from one node or several."""

    def network(self) -> str:
        """The network's short name, read from the node. Each run begins with it."""
        ...

    def start(self, start_at: str) -> Position:
        """The position that a configured start means on this network."""
        ...

    def pages(
        self, after: Position, synchronizer_id: str | None, patience_seconds: float = ...
    ) -> Iterator[Page]:
        """Pages of updates strictly after a position, oldest first, up to the head.

        While the network is too busy, each page is waited for so long at most.
        """
        ...


class LandingStore(Protocol):
    """Objects that can be written once and read back."""

    def check(self) -> None:
        """Prove that the bucket is there."""
        ...

    def land(self, key: str, page: Page, run_id: str) -> LandedPage:
        """Store a page, or find the one that an earlier attempt stored there."""
        ...

    def find(self, key: str, after: Position) -> LandedPage | None:
        """The page that stands at a key."""
        ...

    def read(self, key: str) -> bytes:
        """An object's bytes."""
        ...

    def keep(self, key: str, content: bytes) -> None:
        """Store bytes under a key that names them; the same again changes nothing."""
        ...


class Notifier(Protocol):
    """Sends messages to people."""

    def send(self, text: str) -> None:
        """Send one message."""
        ...
