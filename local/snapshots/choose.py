"""The choice of the place that a command acts on."""

from collections.abc import Mapping

from local.snapshots.embedded_place import EmbeddedPlace
from local.snapshots.places import Place, is_stack


def chosen(environment: Mapping[str, str], network: str | None = None) -> Place:
    """The stack, or a network's folder of `make run`.

    Raises:
        CommandFailed: It isn't there.
    """
    if is_stack(environment):
        from local.snapshots.stack_place import StackPlace  # noqa: PLC0415 -- where there is one

        return StackPlace()
    return EmbeddedPlace(environment, network)
