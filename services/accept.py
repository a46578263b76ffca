"""Checks of a `/v2/updates` page before landing, and its split into updates, byte for byte.

Pure functions over bytes. Whatever is odd about a page is found here, before it is stored under a
key that can never be replaced.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import msgspec

from services.errors import NetworkMismatch, PageRefused
from services.model import Page, Position, parse_record_time

MOST_AHEAD = timedelta(minutes=10)  # of a ledger's clock before this machine's
_PART_BYTES = 2**16
_PARTY = re.compile(r"[^:]+::(?P<namespace>1220[0-9a-f]{64})")


# What `after_migration_id` can name: a 64-bit number in the API.
MigrationId = Annotated[int, msgspec.Meta(le=2**63 - 1)]


class _Reassigned(msgspec.Struct):
    migration_id: MigrationId


class _Head(msgspec.Struct):
    """The fields that every update has. A reassignment has its migration inside `event`."""

    update_id: str
    record_time: str
    migration_id: MigrationId | None = None
    synchronizer_id: str | None = None
    event: _Reassigned | None = None


class _Body(msgspec.Struct):
    transactions: list[msgspec.Raw]


_decode_body = msgspec.json.Decoder(_Body).decode
_decode_head = msgspec.json.Decoder(_Head).decode


def accept_page(  # noqa: PLR0913 -- what an answer is judged by
    body: bytes,
    *,
    network: str,
    synchronizer_id: str | None,
    after: Position,
    page_size: int,
    source_url: str,
    now: datetime | None = None,
) -> Page | None:
    """The page in an answer, each line the exact bytes of one update; None when it is empty.

    Args:
        body: What the Scan sent.
        network: The network whose node answered (see `network_of`).
        synchronizer_id: The synchronizer seen so far; None before the first update.
        after: The requested position; the API's `after` is exclusive.
        page_size: The number of updates requested; a page with fewer is the head.
        source_url: The node, for messages and metadata.
        now: This machine's clock; None where the ledger's is another one.

    Raises:
        PageRefused: The body does not parse, is out of order, repeats an update, starts at or
            before `after`, holds an update that can't stand on one line or is from the future, or
            `after` is.
        NetworkMismatch: An update of a second synchronizer.
    """
    try:
        _check_text(body)
        lines = [bytes(raw) for raw in _decode_body(body).transactions]
        heads = [_decode_head(line) for line in lines]
        positions = [_position(head) for head in heads]
        _check_lines(lines)
        _check_order(after, positions)
        _check_time([after, *positions], now)
        _check_repeats(heads)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise PageRefused(f"page after {after}: {error}", body, source_url) from error
    _check_synchronizer(heads, synchronizer_id)
    if len(lines) > page_size:
        reason = f"page after {after}: {len(lines)} updates where {page_size} were asked for"
        raise PageRefused(reason, body, source_url)
    if not lines:
        return None
    is_short = len(lines) < page_size
    return Page(network, after, positions[-1], tuple(lines), source_url, is_short)


def position_of(line: bytes) -> Position:
    """The position of one landed update.

    Raises:
        ValueError: The line is no update.
    """
    return identity_of(line)[1]


def identity_of(line: bytes) -> tuple[str, Position]:
    """The id and the position of one landed update.

    Raises:
        ValueError: The line is no update.
    """
    try:
        head = _decode_head(line)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not an update: {error}") from error
    return head.update_id, _position(head)


def synchronizer_of(lines: Sequence[bytes]) -> str | None:
    """The synchronizer that these updates name; None when all are reassignments."""
    return next((named for line in lines if (named := _decode_head(line).synchronizer_id)), None)


def network_of(dso_party: str) -> str:
    """The network's short name: the first 12 hex digits of the DSO party's namespace.

    Raises:
        ValueError: Not a party id, ``DSO::1220<64 hex digits>``.
    """
    party = _PARTY.fullmatch(dso_party)
    if not party:
        raise ValueError(f"not a DSO party: {dso_party!r}")
    return party["namespace"][:12]


def _position(head: _Head) -> Position:
    migration_id = head.migration_id if head.event is None else head.event.migration_id
    if not head.update_id or migration_id is None:
        raise ValueError(f"update {head.update_id!r} at {head.record_time} has no id or migration")
    return Position(migration_id, parse_record_time(head.record_time))


def _check_text(body: bytes) -> None:
    # msgspec does not look into strings that it skips; the warehouse does. As one text, a page with
    # a single emoji would take four times its bytes.
    if not body.isascii():
        decoder = getincrementaldecoder("utf-8")()
        parts = memoryview(body)
        for start in range(0, len(body), _PART_BYTES):
            decoder.decode(parts[start : start + _PART_BYTES])
        decoder.decode(b"", final=True)


def _check_lines(lines: Sequence[bytes]) -> None:
    # JSON may hold raw line breaks between its tokens; a line of NDJSON may not.
    for number, line in enumerate(lines):
        if b"\n" in line or b"\r" in line:
            raise ValueError(f"update {number} holds a raw line break")


def _check_order(after: Position, positions: Sequence[Position]) -> None:
    earlier = after
    for position in positions:
        if position <= earlier:
            raise ValueError(f"update at {position} does not come after {earlier}")
        earlier = position


def _check_time(positions: Sequence[Position], now: datetime | None) -> None:
    # A position in the future stays there, and nothing comes after it: all that comes is before it.
    ahead = [one for one in positions if now and one.record_time > now + MOST_AHEAD]
    if now and ahead:
        raise ValueError(
            f"update at {ahead[0]} is from the future: here it is {now:%Y-%m-%dT%H:%M:%SZ}."
            " Is this machine's clock right? (A mocked ledger, whose clock can be moved, has"
            " CANTON_CLOCK=simulated.)"
        )


def _check_repeats(heads: Sequence[_Head]) -> None:
    seen: set[str] = set()
    for head in heads:
        if head.update_id in seen:
            raise ValueError(f"update {head.update_id} comes twice")
        seen.add(head.update_id)


def _check_synchronizer(heads: Sequence[_Head], expected: str | None) -> None:
    # Two synchronizers may share a record time, and the cursor doesn't distinguish them: a page
    # boundary there would skip an update (Scan orders by domain, its cursor does not hold it).
    named = {head.synchronizer_id for head in heads if head.synchronizer_id}
    if expected:
        named.add(expected)
    if len(named) > 1:
        raise NetworkMismatch(
            f"updates of a second synchronizer: {', '.join(sorted(named))}."
            " Two synchronizers may share a record time, where a page boundary can skip an update;"
            " reading on needs an overlap of a microsecond, which this version does not do."
        )
