"""The values that move between the steps. Frozen, comparable, and small enough for a log line."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import total_ordering
from typing import Self

_POSITION = re.compile(r"(?P<migration>\d+)[/_](?P<time>.+)")
_COMPACT = "%Y%m%dT%H%M%S.%fZ"
_ISO = "%Y-%m-%dT%H:%M:%S.%fZ"
_NANOSECONDS = re.compile(r"[.,]\d{7}")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_record_time(text: str) -> datetime:
    """A UTC time from the API's form, ``2025-12-10T16:23:25.721430Z`` (the fraction may be absent).

    Raises:
        ValueError: Not a time, not in UTC, or finer than a microsecond: a position must survive a
            TIMESTAMP_NTZ and an object key, and Python would cut it off in silence.
    """
    at = datetime.fromisoformat(text)
    if at.utcoffset() != EPOCH.utcoffset():
        raise ValueError(f"not a UTC time: {text!r}")
    if _NANOSECONDS.search(text):
        raise ValueError(f"finer than a microsecond: {text!r}")
    return at.astimezone(UTC)


@total_ordering
@dataclass(frozen=True)
class Position:
    """A stream's position: the ``(migration_id, record_time)`` of an update, ordered as a pair.

    Record times of two migrations may overlap, so a time alone is no position (Scan API,
    `/v2/updates`). `GENESIS` is before everything.
    """

    migration_id: int
    record_time: datetime

    def __lt__(self, other: Self) -> bool:
        return (self.migration_id, self.record_time) < (other.migration_id, other.record_time)

    def __str__(self) -> str:
        if self == GENESIS:
            return "genesis"
        return f"{self.migration_id}/{self.record_time.strftime(_ISO)}"

    @property
    def for_key(self) -> str:
        """The position in an object key: no colons, sorts like the position within a migration."""
        if self == GENESIS:
            return "genesis"
        return f"{self.migration_id}_{self.record_time.strftime(_COMPACT)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The position written as ``4/2025-12-10T16:23:25.721430Z`` or ``genesis``.

        Raises:
            ValueError: Neither.
        """
        if text == "genesis":
            return cls(GENESIS.migration_id, GENESIS.record_time)
        match = _POSITION.fullmatch(text)
        if not match:
            raise ValueError(
                f"not a position: {text!r} (4/2025-12-10T16:23:25.721430Z, or genesis)"
            )
        return cls(int(match["migration"]), parse_record_time(match["time"]))


GENESIS = Position(0, EPOCH)


@dataclass(frozen=True)
class Stretch:
    """A part of a history: the updates after one position, up to and with another."""

    after: Position
    upto: Position

    def __str__(self) -> str:
        return f"({self.after}, {self.upto}]"


@dataclass(frozen=True)
class Page:
    """One answer of `/v2/updates`, accepted: each line the exact bytes of one update.

    `after` is its requested start (exclusive), `upto` its last update. A short page is
    the node's head for now.
    """

    network: str
    after: Position
    upto: Position
    lines: tuple[bytes, ...]
    source_url: str
    is_short: bool


@dataclass(frozen=True)
class LandedPage:
    """A page that stands in the landing zone as one immutable object.

    `sha256` is of the object's bytes as stored; `line_count` lines of NDJSON, one an update.
    """

    key: str
    after: Position
    upto: Position
    line_count: int
    sha256: str
    source_url: str
