"""Instants as whole microseconds since 1970 (UTC), and the texts the API writes for them."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated

from msgspec import Meta, Struct

Micros = int
Clock = Callable[[], Micros]

SECOND: Micros = 1_000_000
LATEST: Micros = 220_000_000_000 * SECOND  # in the year 8941; texts of instants end with 9999
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def wall_clock() -> Micros:
    """Now."""
    return time.time_ns() // 1000


class ClockSetting(Struct, frozen=True):
    """A steered clock's setting: it showed `shown` at `since` (wall time), then ran at `speed`."""

    shown: Micros
    since: Micros
    speed: float = 1.0
    is_frozen: bool = False

    def at(self, wall: Micros) -> Micros:
        """Return the time that the clock shows at a wall time; it stops at `LATEST`."""
        passed = 0 if self.is_frozen else int((wall - self.since) * self.speed)
        return min(self.shown + passed, LATEST)


class ClockMove(Struct, frozen=True, forbid_unknown_fields=True):
    """A change to a steered clock's setting; omitted fields stay as they are.

    `advance_seconds` at once, 100 years at most; `freeze` stops it or lets it go on; `speed` is how
    many of its seconds pass in one.
    """

    advance_seconds: Annotated[float, Meta(ge=0, le=100 * 365 * 86_400)] = 0.0
    freeze: bool | None = None
    speed: Annotated[float, Meta(gt=0, le=1_000_000)] | None = None

    def applied(self, clock: ClockSetting, wall: Micros) -> ClockSetting:
        """The clock after the move."""
        return ClockSetting(
            shown=clock.at(wall) + round(self.advance_seconds * SECOND),
            since=wall,
            speed=clock.speed if self.speed is None else self.speed,
            is_frozen=clock.is_frozen if self.freeze is None else self.freeze,
        )


def parse_instant(text: str) -> Micros:
    """The instant that an ISO-8601 text with a zone names.

    Raises:
        ValueError: No such text; the message is the text alone.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(text) from error
    if instant.tzinfo is None:
        raise ValueError(text)
    return (instant - _EPOCH) // _MICROSECOND


def instant_text(at: Micros) -> str:
    """``2025-12-10T16:23:25.721430Z``: always 27 characters, as in ``record_time``."""
    minute, rest = divmod(at, 60 * SECOND)
    return f"{_minute_text(minute)}{rest // SECOND:02d}.{rest % SECOND:06d}Z"


@lru_cache(maxsize=1024)  # a third of the time of a text, and texts are a tenth of an update's
def _minute_text(minute: int) -> str:
    return (_EPOCH + timedelta(minutes=minute)).isoformat()[:17]


def ledger_time_text(at: Micros) -> str:
    """Format ``effective_at`` with 0, 3 or 6 decimals, as `java.time.Instant.toString` does."""
    text = instant_text(at)
    if at % 1000:
        return text
    return text[:23] + "Z" if at % SECOND else text[:19] + "Z"


def creation_time_text(ledger_time: str) -> str:
    """Without trailing zeros: ``16:23:34.34423Z``, as ``created_at`` of the recorded updates."""
    return ledger_time[:-1].rstrip("0").rstrip(".") + "Z" if "." in ledger_time else ledger_time
