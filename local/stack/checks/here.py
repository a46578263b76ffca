"""The input of the checks: a clone's stack, and the engine if one answers."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from local.console.finding import Finding
from local.stack.engine import Engine, labelled
from local.stack.settings import Stack


@dataclass(frozen=True)
class Here:
    """A clone's stack on this machine.

    Attributes:
        engine: None if none answers: then Docker isn't called.
    """

    stack: Stack
    engine: Engine | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[], float] = time.time

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def of_this_stack(self, kind: str) -> list[str]:
        """Ids of this stack's containers, volumes, networks or images, whatever their state."""
        return labelled(kind, self.stack.project) if self.engine else []


Check = Callable[[Here], Iterable[Finding]]
