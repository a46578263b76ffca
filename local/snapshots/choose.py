"""The choice of the place that a command acts on."""

from collections.abc import Mapping

from local.snapshots.embedded_state import EmbeddedState
from local.snapshots.state import State, is_stack


def selected_state(environment: Mapping[str, str], network: str | None = None) -> State:
    """The stack, or a network's folder of `make run`.

    Raises:
        CommandFailed: It isn't there.
    """
    if is_stack(environment):
        from local.snapshots.stack_state import StackState  # noqa: PLC0415 -- where there is one

        return StackState()
    return EmbeddedState(environment, network)
