"""The services that a command needs: those of a running `make run`, or some started for it."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from local.console.errors import CommandFailed
from local.console.local_settings import foreign_free, s3_settings
from local.console.place import Place
from local.console.ports import Ports
from local.console.prefect_api import PrefectApi
from local.console.variables import state_root
from local.embedded import world
from local.embedded.children import Children
from local.embedded.state import (
    StateFolder,
    current_state,
    networks,
    refusals_explained,
    refuse_half_restored,
)


@dataclass(frozen=True)
class EmbeddedPlace(Place):
    """A network's state folder, and its services with their ports."""

    state: StateFolder
    ports: Ports
    children: Children

    @property
    def name(self) -> str:
        return self.state.network

    def url(self, service: str) -> str:
        return self.ports.url(service)

    def settings(self) -> dict[str, str]:
        return world.pipeline_environment(self.state, self.ports)

    def prefect(self) -> PrefectApi:
        return PrefectApi(self.url("prefect"))


@contextmanager
def attach(environment: Mapping[str, str], needed: Sequence[str]) -> Generator[EmbeddedPlace]:
    """The services of the last network, or of NETWORK.

    Args:
        needed: Of `s3`, `snowflake`, `scan`, `prefect` and `slack`.

    Raises:
        CommandFailed: There is no such state, another command is busy with it, or its updates
            came from another Scan than the mock, or it is of another version or broken.
    """
    root = state_root(environment)
    refuse_half_restored(root)
    state = current_state(environment.get("NETWORK"), root)
    state.adopt()
    if "scan" in needed and not state.ledger.exists():
        others = [name for name in networks(root) if StateFolder(name, root).ledger.exists()]
        raise CommandFailed(
            f"{state.network}: its updates did not come from a generated ledger, and only that"
            " has a clock and knows what is true. "
            + (f"NETWORK=… names one of {', '.join(others)}" if others else "make run makes one")
        )
    with ExitStack() as stack:
        children = stack.enter_context(Children(state.path / "logs", foreign_free(environment)))
        if state.is_locked():
            if not (running := state.running_ports()):
                raise CommandFailed(
                    f"another command works in {state.path} (a make run that starts, a make sql):"
                    " try again soon"
                )
            try:
                ports = Ports(**running)
            except TypeError:
                raise CommandFailed(
                    f"the make run that works in {state.path} is of another version: wait until it"
                    " ends, or use the clone that it was started from"
                ) from None
            yield EmbeddedPlace(state, ports, children)
            return
        stack.enter_context(state.lock())
        ports = world.choose_ports({})
        specs = {
            "s3": lambda: world.s3(state, ports),
            "snowflake": lambda: world.snowflake(state, ports, s3_settings(ports.url("s3"))),
            "scan": lambda: world.scan(ports.scan, "--state", str(state.ledger)),
            "prefect": lambda: world.prefect(state, ports),
            "slack": lambda: world.slack(state, ports),
        }
        with refusals_explained(state.path):
            children.wait_ready(*[children.start(specs[name]()) for name in needed])
        yield EmbeddedPlace(state, ports, children)
