"""The target of a command: a network's services, wherever they run."""

from typing import Protocol

from services.adapters.snowflake import Warehouse


class Target(Protocol):
    """Services that are up."""

    @property
    def name(self) -> str:
        """The name to show: the network of a state folder, or the project of the stack."""
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
