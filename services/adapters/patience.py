"""The backoff of a Scan client: how long it pauses, and how many updates it requests at once.

Pure decisions. Clocks, chance and the waiting itself are the callers'.

Rate limits are waited out here. A Scan's own limit is over in a second (10 requests a second and
client, Splice 0.7.4 and later): a few short pauses, then the next node is tried. A sustained window
(60 s where an SV sets one; 120 requests in 60 s at some ingresses) refuses everything until it has
passed: once every node is busy, the pauses grow and reach beyond it. Any other failure is for the
next node, or for the steps' own retries (``flows/steps.py``).
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self

BUSY_PAUSES = (0.5, 1.0, 2.0)  # seconds at most, before each further try of one node
LONGEST_PAUSE = 10.0  # seconds; a node that wants more is passed over
BUSY_SECONDS = 180.0  # waited at most for one answer while every node is busy
LONG_PAUSES = (5.0, 10.0, 20.0, 30.0)  # seconds at most; the last one is repeated
SLOW_TRIES = 3  # of one page at one node, each half as large as the one before it
SMALLEST_PAGE = 10
GROWS_AFTER = 4  # pages in time


def pause(attempt: int, retry_after: float | None, chance: float) -> float | None:
    """Seconds to wait before a request to a busy node is retried; None: not worth the wait.

    Args:
        attempt: The number of retries so far.
        retry_after: The node's own `Retry-After`, in seconds.
        chance: 0 to 1; the whole pause is left to it, so that clients who were refused together
            don't come back together.
    """
    if attempt >= len(BUSY_PAUSES):
        return None
    if retry_after is None:
        return BUSY_PAUSES[attempt] * chance
    return retry_after if retry_after <= LONGEST_PAUSE else None


def long_pause(attempt: int, retry_after: float | None, left: float, chance: float) -> float | None:
    """Seconds to wait before all nodes are tried again, if each is busy; None: give up.

    Args:
        attempt: How often such a pause was made already.
        retry_after: The shortest `Retry-After` of the nodes, in seconds.
        left: Seconds that may still be waited.
        chance: 0 to 1; half of the pause is left to it.
    """
    if left <= 0 or (retry_after is not None and retry_after > left):
        return None
    if retry_after is not None:
        return retry_after
    longest = LONG_PAUSES[min(attempt, len(LONG_PAUSES) - 1)]
    return min(longest * (1 + chance) / 2, left)


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """Return a Retry-After (seconds or HTTP date) as seconds; None if it is neither (RFC 9110)."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())


@dataclass(frozen=True)
class PageSize:
    """The number of updates to request: fewer while a node is too slow, more when it recovers.

    Attributes:
        most: What is set.
        now: The size of the next request.
        in_time: How many answers in a row came in time since it changed.
    """

    most: int
    now: int
    in_time: int = 0

    @classmethod
    def of(cls, most: int) -> Self:
        """The whole size."""
        return cls(most, most)

    def after_slow(self) -> Self:
        """Half of it, unless it is as small already as it may be."""
        smallest = min(SMALLEST_PAGE, self.most)
        return replace(self, now=max(self.now // 2, smallest), in_time=0)

    def after_answer(self) -> Self:
        """Twice of it, once several answers came in time."""
        if self.now == self.most:
            return self
        if self.in_time + 1 < GROWS_AFTER:
            return replace(self, in_time=self.in_time + 1)
        return replace(self, now=min(self.now * 2, self.most), in_time=0)
