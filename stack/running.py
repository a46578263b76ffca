"""The stack that is up."""

from dataclasses import dataclass

from console.errors import CommandFailed
from console.prefect_api import PrefectApi
from services.adapters.snowflake import Warehouse
from services.settings import read_snowflake
from services.wiring import open_warehouse
from stack.compose import is_up
from stack.settings import Stack, read_stack


@dataclass(frozen=True)
class Running:
    """A `Target`: the stack's services at their ports on this machine."""

    stack: Stack

    @property
    def name(self) -> str:
        """See `Target.name`."""
        return f"the stack {self.stack.project}"

    def warehouse(self) -> Warehouse:
        """See `Target.warehouse`."""
        return open_warehouse(
            read_snowflake(
                {
                    "SNOWFLAKE_ACCOUNT": "local",
                    "SNOWFLAKE_HOST": "127.0.0.1",
                    "SNOWFLAKE_PORT": self.stack.values["SNOWFLAKE_PORT"],
                    "SNOWFLAKE_PROTOCOL": "http",
                    "SNOWFLAKE_USER": "pipeline",
                    "SNOWFLAKE_PASSWORD": self.stack.values["WAREHOUSE_PASSWORD"],
                }
            )
        )

    def url(self, service: str) -> str:
        """See `Target.url`."""
        return self.stack.url(service)

    def prefect(self) -> PrefectApi:
        """A client of the stack's Prefect server."""
        return PrefectApi(self.url("prefect"), self.stack.values["PREFECT_AUTH"])


def running() -> Running:
    """The stack, if it is up.

    Raises:
        CommandFailed: It isn't.
    """
    if not is_up():
        raise CommandFailed("the stack is not up: make up")
    return Running(read_stack())
