"""The stack that is up."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from local.console.errors import CommandFailed
from local.console.local_settings import s3_settings, warehouse_settings
from local.console.place import Place
from local.console.prefect_api import PrefectApi
from local.stack.compose import is_up
from local.stack.folder import refuse_half_restored
from local.stack.settings import Stack, read_stack


@dataclass(frozen=True)
class StackPlace(Place):
    """The stack's services at their ports on this machine."""

    stack: Stack

    @property
    def name(self) -> str:
        return f"the stack {self.stack.project}"

    def url(self, service: str) -> str:
        return self.stack.url(service)

    def settings(self) -> dict[str, str]:
        values = self.stack.values
        return {
            **s3_settings(self.url("s3")),
            **warehouse_settings(int(values["SNOWFLAKE_PORT"]), values["WAREHOUSE_PASSWORD"]),
        }

    def prefect(self) -> PrefectApi:
        return PrefectApi(self.url("prefect"), self.stack.values["PREFECT_AUTH"])

    def refuse_if_down(self) -> None:
        """Raise `CommandFailed` unless it is up, and whole."""
        refuse_half_restored()
        if not is_up():
            raise CommandFailed("the stack is down: make up starts it")


def opened(_: Mapping[str, str], __: Sequence[str]) -> AbstractContextManager[StackPlace]:
    """The running stack, for a command: all of its services are up."""
    return nullcontext(running())


def running() -> StackPlace:
    found = StackPlace(read_stack())
    found.refuse_if_down()
    return found
