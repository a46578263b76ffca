"""The time limits of all running statements, kept by one thread."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Limit:
    """A moment after which something is stopped."""

    deadline: float
    stop: Callable[[], None]
    passed: bool = False


class Watchdog:
    """Stops what runs for too long. A thread per statement would cost more than most statements."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._limits: set[Limit] = set()
        self._wakes_at = 0.0
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    @contextlib.contextmanager
    def limit(self, seconds: float, stop: Callable[[], None]) -> Iterator[Limit]:
        """Call `stop` once when what runs inside still does after so many seconds; never if 0."""
        limit = Limit(time.monotonic() + seconds, stop)
        if seconds:
            self._add(limit)
        try:
            yield limit
        finally:
            with self._changed:
                self._limits.discard(limit)

    def _add(self, limit: Limit) -> None:
        with self._changed:
            self._limits.add(limit)
            if limit.deadline < self._wakes_at:
                self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for limit in [each for each in self._limits if each.deadline <= now]:
                    self._limits.discard(limit)
                    _stop(limit)
                next_one = min((each.deadline for each in self._limits), default=float("inf"))
                # A statement that has ended isn't waited for, but the thread may wake up for it.
                self._wakes_at = min(next_one, now + _LONGEST_SLEEP)
                self._changed.wait(self._wakes_at - now)


def _stop(limit: Limit) -> None:
    limit.passed = True
    try:
        limit.stop()
    except Exception:  # the other statements keep their limits
        logger.exception("a statement could not be stopped")


_LONGEST_SLEEP = 3600.0
