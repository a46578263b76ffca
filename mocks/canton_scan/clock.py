"""Instants as whole microseconds since 1970 (UTC), and the texts the API writes for them."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Micros = int
Clock = Callable[[], Micros]

SECOND: Micros = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def wall_clock() -> Micros:
    """Now."""
    return time.time_ns() // 1000


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
    return (_EPOCH + timedelta(microseconds=at)).isoformat(timespec="microseconds")[:26] + "Z"


def ledger_time_text(at: Micros) -> str:
    """With 0, 3 or 6 decimals, as `java.time.Instant.toString` writes ``effective_at``."""
    text = instant_text(at)
    if at % 1000:
        return text
    return text[:23] + "Z" if at % SECOND else text[:19] + "Z"


def creation_time_text(ledger_time: str) -> str:
    """Without trailing zeros: ``16:23:34.34423Z``, as ``created_at`` of the recorded updates."""
    return ledger_time[:-1].rstrip("0").rstrip(".") + "Z" if "." in ledger_time else ledger_time
