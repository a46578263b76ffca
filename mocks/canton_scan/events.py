"""The event history: each update with its verdict, and verdicts of what Scan doesn't see.

`/v0/events` goes through the same positions as `/v2/updates`, with private transactions between
them. Any page is made from its position alone.
"""

from collections.abc import Iterator
from itertools import islice

import msgspec
from msgspec import Raw, Struct

from mocks.canton_scan import private
from mocks.canton_scan.history import History, Position
from mocks.canton_scan.ids import index_of, update_id
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.plan import Quiet
from mocks.canton_scan.verdicts import (
    AppActivityRecords,
    Confirmation,
    Result,
    TrafficSummary,
    Verdict,
    decide,
)
from mocks.canton_scan.wire import encode


class Event(Struct, frozen=True):
    """An update, or a verdict, or both; what there is not is null."""

    update: Raw | None
    verdict: Verdict | None = None
    traffic_summary: TrafficSummary | None = None
    app_activity_records: AppActivityRecords | None = None


def page(history: History, after: Position | None, size: int) -> bytes:
    """The body of a page of up to ``size`` events after a position (exclusive), or from genesis."""
    events = islice(_events(history, after, size), size)
    return b'{"events":[' + b",".join(map(encode, events)) + b"]}"


def find(history: History, transaction_id: str) -> bytes | None:
    """The event of the transaction with this id, if it has happened."""
    if not isinstance(history, Ledger):
        update = history.find(transaction_id)
        return None if update is None else encode(Event(Raw(update)))
    index = index_of(history.seed, transaction_id)
    if index is not None:
        return encode(_public(history, index)) if index < history.count() else None
    found = private.find(history, transaction_id)
    return None if found is None else encode(_decided(history, None, found))


def _events(history: History, after: Position | None, size: int) -> Iterator[Event]:
    """Iterate over at least ``size`` events, or all that exist; a recording holds no verdicts."""
    if not isinstance(history, Ledger):
        return (Event(Raw(update)) for update in history.page(after, size))
    return _generated(history, after)


def _generated(ledger: Ledger, after: Position | None) -> Iterator[Event]:
    first, count = ledger.index_after(after), ledger.count()
    if after is not None and 0 < first < count:
        behind = private.between(ledger, first - 1)
        yield from (_decided(ledger, None, one) for one in behind if _place(one) > after)
    for index in range(first, count):
        yield _public(ledger, index)
        if index + 1 < count:
            yield from (_decided(ledger, None, one) for one in private.between(ledger, index))


def _public(ledger: Ledger, index: int) -> Event:
    """An update; only a transaction has a verdict, and it was accepted."""
    update = ledger.update(index)
    if ledger.plan(index) is Quiet.REASSIGNED:
        return Event(Raw(update))
    name, moment = update_id(ledger.seed, index), ledger.timeline.moment(index)
    confirmation = Confirmation(name, moment, _submitters(update), Result.ACCEPTED)
    return _decided(ledger, Raw(update), confirmation)


def _decided(ledger: Ledger, update: Raw | None, confirmation: Confirmation) -> Event:
    decision = decide(ledger.network, confirmation)
    return Event(update, decision.verdict, decision.traffic_summary, decision.app_activity_records)


def _place(confirmation: Confirmation) -> Position:
    return Position(confirmation.moment.migration_id, confirmation.moment.record_time)


class _Node(Struct):
    acting_parties: list[str]


class _Tree(Struct):
    root_event_ids: list[str]
    events_by_id: dict[str, Raw]


def _submitters(update: bytes) -> list[str]:
    """Return the parties that act at the transaction's roots: no update names its submitters."""
    tree = msgspec.json.decode(update, type=_Tree)
    roots = (msgspec.json.decode(tree.events_by_id[one], type=_Node) for one in tree.root_event_ids)
    return sorted({party for root in roots for party in root.acting_parties})
