"""Production beside local: what differs, and how large the overrides of a run are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from control.apply import Place
from infra.settings import Settings

MOST_OVERRIDES = 8192  # characters that ECS takes


class Difference(Protocol):
    """One between a local environment and one of the cloud; unexpected without a reason."""

    @property
    def where(self) -> str:
        """What differs."""
        ...

    @property
    def local(self) -> str:
        """As it is on this machine."""
        ...

    @property
    def cloud(self) -> str:
        """As it is in the cloud."""
        ...

    @property
    def reason(self) -> str | None:
        """Why that is right."""
        ...


@dataclass(frozen=True)
class Comparison:
    """Of an environment with the local one.

    Args:
        differences: All of them.
        overrides: By deployment, characters of what a run of it says of its own.
    """

    differences: Sequence[Difference] = ()
    overrides: Mapping[str, int] = field(default_factory=dict[str, int])


def compared(_settings: Settings, _place: Place) -> Comparison:
    """An environment beside the local one."""
    return Comparison()
