"""Faults that a Scan shows: rules with a probability or a count, and a time to live.

What is injected must be met: a fault is counted when it was really played, so a test can assert
that it did not pass for want of one.
"""

import math
import random
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

API_PATH = "/api/scan/"
UPDATES_PATH = "/api/scan/v2/updates"


class Kind(StrEnum):
    """The kind of failure that a fault injects."""

    TOO_MANY_REQUESTS = "too_many_requests"
    BACKFILLING = "backfilling"
    TIMEOUT = "timeout"
    ERROR = "error"
    SLOW = "slow"
    RESET = "reset"
    TRUNCATED = "truncated"
    CONTENT_TYPE = "content_type"
    MALFORMED = "malformed"
    TWICE = "twice"
    LAGGING = "lagging"
    LOST_HISTORY = "lost_history"
    NETWORK_RESET = "network_reset"


class Fault(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule.

    ``path`` is what the paths begin with that meet it: by default the updates', and all of the API
    where a whole node is wrong. ``probability`` is that of each request, ``times`` how often it is
    played at most, and ``ttl_seconds`` how long it stands; after that it lifts by itself.
    ``seconds`` is how long a `slow` answer takes, and how far a `lagging` node is behind.
    """

    kind: Kind
    path: Annotated[str, Meta(pattern="^/api/scan/")] | None = None
    probability: Annotated[float, Meta(gt=0, le=1)] = 1.0
    times: Annotated[int, Meta(ge=1)] | None = None
    ttl_seconds: Annotated[float, Meta(gt=0)] | None = None
    seconds: Annotated[float, Meta(ge=0)] = 5.0

    def meets(self, path: str) -> bool:
        """Tell whether the fault may affect a request for this path."""
        default = API_PATH if self.kind in OF_A_WHOLE_NODE else UPDATES_PATH
        return path.startswith(self.path or default)


OF_A_WHOLE_NODE = {Kind.LAGGING, Kind.LOST_HISTORY, Kind.NETWORK_RESET}

PROFILES: dict[str, tuple[Fault, ...]] = {
    "calm": (),
    "flaky": (
        Fault(Kind.TOO_MANY_REQUESTS, probability=0.1),
        Fault(Kind.TIMEOUT, probability=0.05),
        Fault(Kind.RESET, probability=0.05),
        Fault(Kind.SLOW, probability=0.1, seconds=1),
    ),
    "storm": (
        Fault(Kind.TOO_MANY_REQUESTS, probability=0.25),
        Fault(Kind.TIMEOUT, probability=0.15),
        Fault(Kind.ERROR, probability=0.1),
        Fault(Kind.RESET, probability=0.1),
        Fault(Kind.TRUNCATED, probability=0.1),
        Fault(Kind.MALFORMED, probability=0.05),
        Fault(Kind.TWICE, probability=0.05),
        Fault(Kind.SLOW, probability=0.2, seconds=2),
    ),
    "lagging": (Fault(Kind.LAGGING, seconds=300),),
    "outage": (Fault(Kind.BACKFILLING, path=API_PATH),),
}


class Rule:
    """A fault that stands on a board, and how often it was played."""

    def __init__(self, fault: Fault, now: float) -> None:
        self.fault = fault
        self.fired = 0
        self._ends = math.inf if fault.ttl_seconds is None else now + fault.ttl_seconds

    def lift(self) -> None:
        """Play it no more."""
        self._ends = -math.inf

    def stands(self, now: float) -> bool:
        """Tell whether the fault may still be played: not expired, lifted or used up."""
        is_spent = self.fault.times is not None and self.fired >= self.fault.times
        return not is_spent and now < self._ends


class Board:
    """The faults of one node. Chances are drawn from a seed: the same requests meet the same."""

    def __init__(self, seed: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self._chance = random.Random(seed)  # noqa: S311 -- a drill, no secret
        self._clock = clock
        self._rules: list[Rule] = []

    def add(self, fault: Fault) -> None:
        """Let a fault stand, beside those that do."""
        self._rules.append(Rule(fault, self._clock()))

    def play(self, profile: str, ttl_seconds: float | None) -> None:
        """Let a profile's faults stand, and no others.

        Raises:
            KeyError: No such profile.
        """
        faults = PROFILES[profile]
        self.clear()
        for fault in faults:
            self.add(msgspec.structs.replace(fault, ttl_seconds=ttl_seconds))

    def clear(self) -> None:
        """Lift all faults; their counts stay readable."""
        for rule in self._rules:
            rule.lift()

    def draw(self, path: str) -> list[Rule]:
        """The faults that a request for a path may meet: those whose chance comes up, in order."""
        now = self._clock()
        return [
            rule
            for rule in self._rules
            if rule.fault.meets(path)
            and rule.stands(now)
            and self._chance.random() < rule.fault.probability
        ]

    def describe(self) -> list[dict[str, object]]:
        """All rules, those that were lifted too, with what they did."""
        now = self._clock()
        return [
            {
                "kind": rule.fault.kind.value,
                "fired": rule.fired,
                "stands": rule.stands(now),
                **msgspec.to_builtins(rule.fault),
            }
            for rule in self._rules
        ]
