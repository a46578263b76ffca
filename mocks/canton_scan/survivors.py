"""Contracts of any template that a block's updates created and nothing has archived so far.

Contracts of other templates than those that are kept (`left.py`) are archived in their own block,
or by updates that are known: a liveness record by the claim whose turn it is, a round by those that
open, close and issue the next ones, a contract that is renewed by its next version.
"""

from collections.abc import Iterator
from functools import lru_cache

from mocks.canton_scan import templates, wire
from mocks.canton_scan.acs import Snapshot
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.mix import BLOCK
from mocks.canton_scan.plan import Quiet
from mocks.canton_scan.timeline import LIVE_MIGRATION, OLD_MIGRATION

_ROUNDS = (templates.OPEN_ROUND, templates.SUMMARIZING_ROUND, templates.ISSUING_ROUND)
_OF_ROUNDS = (Quiet.ROUND_OPENED, Quiet.ROUND_CLOSED, Quiet.ROUND_ISSUING)
_LASTS = 3  # at most so many windows later a round goes on to its next state


@lru_cache(maxsize=1)
def _of_block(
    ledger: Ledger, start: int, end: int
) -> tuple[list[tuple[int, list[wire.CreatedEvent]]], frozenset[str]]:
    """The creates of each update, by index, and the ids of all that they archive."""
    created, archived = [], set[str]()
    for index in range(start, end):
        if ledger.plan(index) is not Quiet.FOREIGN_COIN:  # of another DSO: its Scan knows about it
            update = ledger.written(index)
            created.append((index, wire.arrivals(update)))
            archived.update(wire.archived(update))
    return created, frozenset(archived)


def survivors(at: Snapshot, block: int, start: int) -> Iterator[tuple[int, wire.CreatedEvent]]:
    """The creates left of a block from its ``start``-th update on, by index of the update."""
    first, end = block * BLOCK, min((block + 1) * BLOCK, at.count)
    created, archived = _of_block(at.ledger, first, end)
    for index, events in created:
        if index >= first + start:
            for event in events:
                if event.contract_id not in archived and not _is_gone(at, index, event):
                    yield index, event


def _is_gone(at: Snapshot, index: int, event: wire.CreatedEvent) -> bool:
    """Tell whether an update of a later block has archived it."""
    path = event.template_id.partition(":")[2]
    if path == templates.LIVENESS_RECORD.path:
        return at.ledger.planner.is_claimed(index, at.count)
    if path in {one.path for one in _ROUNDS}:
        newest = at.ledger.network.rounds.newest(at.ledger.timeline.moment(index).record_time)
        later = (newest + number for number in range(_LASTS + 1))
        return any(event.contract_id in _ended(at.ledger, one, at.count) for one in later)
    return False


@lru_cache(maxsize=64)
def _ended(ledger: Ledger, window: int, count: int) -> frozenset[str]:
    """The ids of rounds that go on to their next state in a ten-minute window, as far as it is."""
    planner, archived = ledger.planner, set[str]()
    for migration_id in (OLD_MIGRATION, LIVE_MIGRATION):
        first = planner.window(migration_id, window)
        for index in range(first, min(first + len(_OF_ROUNDS), count)):
            if ledger.plan(index) in _OF_ROUNDS:
                archived.update(wire.archived(ledger.written(index)))
    return frozenset(archived)
