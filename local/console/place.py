"""The place that a command acts on: a network's services, wherever they run."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from local.console.prefect_api import PrefectApi
from services.adapters.snowflake import Warehouse
from services.settings import read_snowflake
from services.wiring import open_warehouse


class Place(Protocol):
    """Services that are up."""

    @property
    def name(self) -> str:
        """The name to show: the network of a state folder, or the project of the stack."""
        ...

    def url(self, service: str) -> str:
        """A service's address on this machine: `scan`, `slack`, `prefect`."""
        ...

    def settings(self) -> dict[str, str]:
        """The pipeline's settings, with the services' addresses on this machine."""
        ...

    def prefect(self) -> PrefectApi: ...

    def warehouse(self) -> Warehouse:
        """The warehouse, logged in as the pipeline."""
        return open_warehouse(read_snowflake(self.settings()))


# Opens a place for a command that needs some of its services: `s3`, `snowflake`, `scan`, …
Opens = Callable[[Sequence[str]], AbstractContextManager[Place]]
