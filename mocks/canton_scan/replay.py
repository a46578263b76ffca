"""A recording in place of the generated ledger: updates as a real Scan served them.

Each becomes one line without white space between its tokens; the tokens themselves stay as they
were recorded (``1.10`` stays ``1.10``, escapes and the order of keys too). A recording may also
hold whole answers, as they came, for the pages after some positions: those that a client refused.
"""

import re
from bisect import bisect_right
from codecs import BOM_UTF8
from copy import copy
from itertools import pairwise, takewhile
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from mocks.canton_scan.clock import Micros, parse_instant, wall_clock
from mocks.canton_scan.history import History, Position
from mocks.canton_scan.ledger import HOUR, brief_ledger

_STRING_OR_SPACE = re.compile(rb'("(?:[^"\\]|\\.)*")|\s+')
_EXPECTED = (
    'expected {"transactions": [update, …]} as /v2/updates answers, or an update a line'
    " (of events, each one's `update`)"
)
_DSO = re.compile(rb'"dso":"([^"]+)"|"(DSO::[^"]+)"')


class RecordingRefused(Exception):
    """The file can't be replayed; the message is one line for a person."""


class Recording:
    """A `History` that never grows."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            RecordingRefused: It can't be read, or holds no ordered updates of one network.
        """
        try:
            recorded = _read(path)
            self._answers = {_place(one.after): one.body for one in recorded.answers}
            self._hold([_compact(raw) for raw in recorded.transactions])
            self._check()
            self.dso_party_id = recorded.dso_party_id or _dso_party_id(self._updates)
        except OSError as error:
            raise RecordingRefused(f"{path} can't be read: {error.strerror}") from error
        except RecursionError as error:
            raise RecordingRefused(f"{path} can't be replayed: it is nested too deeply") from error
        except ValueError as error:
            raise RecordingRefused(f"{path} can't be replayed: {error}") from error

    def _hold(self, updates: list[bytes]) -> None:
        headings = [_heading(number, update) for number, update in enumerate(updates, 1)]
        self._updates = updates
        self._positions = [_position(number, one) for number, one in enumerate(headings, 1)]
        self._by_id = dict(zip((one.update_id for one in headings), updates, strict=True))

    def _check(self) -> None:
        if not self._updates and not self._answers:
            raise ValueError("it holds no updates")
        if len(self._by_id) < len(self._updates):
            raise ValueError("an update id occurs twice")
        for number, (before, after) in enumerate(pairwise(self._positions), 2):
            if after <= before:
                raise ValueError(f"update {number} is not after the one before it")

    def page(self, after: Position | None, size: int) -> list[bytes]:
        """See `History.page`."""
        first = 0 if after is None else bisect_right(self._positions, after)
        return self._updates[first : first + size]

    def answer(self, after: Position | None) -> bytes | None:
        """Return the whole recorded answer for the page after a position, if there is one."""
        return self._answers.get(after)

    def find(self, update_id: str) -> bytes | None:
        """See `History.find`."""
        return self._by_id.get(update_id)

    def now(self) -> Micros:
        """Return the record time of the last update: a recording has no other time."""
        return self.head().record_time

    def count(self) -> int:
        """See `History.count`."""
        return len(self._updates)

    def head(self) -> Position:
        """See `History.head`."""
        return self._positions[-1] if self._positions else Position(0, 0)

    def behind(self, lag: Micros) -> "Recording":
        """See `History.behind`: without the updates of the last `lag`, but for the first one."""
        newest = self.now() - lag
        seen = takewhile(
            lambda one: one[1].record_time <= newest,
            zip(self._updates, self._positions, strict=True),
        )
        behind = copy(self)
        behind._hold([update for update, _ in seen] or self._updates[:1])  # noqa: SLF001 -- of ours
        return behind

    def after_reset(self) -> History:
        """See `History.after_reset`: a generated one."""
        hour = wall_clock() // HOUR * HOUR
        return brief_ledger(f"{self.dso_party_id}, reset", ends_at=hour)


class _After(Struct):
    after_migration_id: int
    after_record_time: str


class _Answer(Struct):
    after: _After | None
    body: bytes
    """Base64 in the file."""


class _Page(Struct):
    transactions: list[Raw]
    dso_party_id: str | None = None
    answers: list[_Answer] = []


class _Event(Struct):
    migration_id: int


class _Heading(Struct):
    """The fields that give an update's position; a reassignment's migration is in its event."""

    update_id: str
    record_time: str
    migration_id: int | None = None
    event: _Event | None = None


def _read(path: Path) -> _Page:
    """A page of ``/v2/updates``, or a file with one update a line."""
    data = path.read_bytes()
    if data.startswith(BOM_UTF8):
        raise ValueError("it begins with a byte order mark: save it as UTF-8 without one")
    try:
        return msgspec.json.decode(data, type=_Page)
    except msgspec.DecodeError as error:
        try:
            return _Page(msgspec.json.Decoder(Raw).decode_lines(data))
        except msgspec.DecodeError as no_lines:
            is_json = isinstance(error, msgspec.ValidationError)
            raise ValueError(f"{error if is_json else no_lines}; {_EXPECTED}") from error


def _place(after: _After | None) -> Position | None:
    return after and Position(after.after_migration_id, parse_instant(after.after_record_time))


def _compact(update: Raw) -> bytes:
    return _STRING_OR_SPACE.sub(lambda match: match[1] or b"", bytes(update))


def _heading(number: int, update: bytes) -> _Heading:
    try:
        return msgspec.json.decode(update, type=_Heading)
    except msgspec.ValidationError as error:
        raise ValueError(f"update {number}: {error}; {_EXPECTED}") from error


def _position(number: int, heading: _Heading) -> Position:
    migration_id = heading.migration_id
    if heading.event is not None:
        migration_id = heading.event.migration_id
    if migration_id is None:
        raise ValueError(f"update {number} has no migration_id")
    try:
        return Position(migration_id, parse_instant(heading.record_time))
    except ValueError as error:
        raise ValueError(f"update {number}: no such time: {heading.record_time}") from error


def _dso_party_id(updates: list[bytes]) -> str:
    """The DSO that the contracts name; a signatory of that name where none does."""
    found = {(match[1] or match[2]).decode() for one in updates for match in _DSO.finditer(one)}
    if len(found) != 1:
        raise ValueError(
            f"it names {len(found)} DSO parties, not one: {sorted(found)[:3]};"
            ' "dso_party_id" in the file, beside "transactions", says which one is meant'
        )
    return found.pop()
