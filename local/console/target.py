"""What commands act on: a network's services, wherever they run."""

from typing import Protocol

from services.adapters.snowflake import Warehouse


class Target(Protocol):
    """Services that are up."""

    @property
    def name(self) -> str:
        """What people call it: a network's state, or the stack's project."""
        ...

    def warehouse(self) -> Warehouse:
        """The warehouse, logged in as the pipeline."""
        ...

    def url(self, service: str) -> str:
        """A service's address on this machine: `scan`, `slack`, `prefect`."""
        ...

    def settings(self) -> dict[str, str]:
        """The pipeline's settings, with the services' addresses on this machine."""
        ...
