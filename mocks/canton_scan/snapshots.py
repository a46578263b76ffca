"""Times of a Scan's snapshots of all contracts: every three hours, in UTC.

It takes one for a migration once that has gone on beyond the full hour; so a snapshot lies between
the first and the last update of its migration. Lookups are at or before an instant, as in Splice's
AcsSnapshotStore. A recording has no snapshots.
"""

from mocks.canton_scan.clock import SECOND, Micros
from mocks.canton_scan.history import History, Position
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.timeline import LIVE_MIGRATION, OLD_MIGRATION

INTERVAL: Micros = 3 * 3600 * SECOND
_BEFORE_ALL: Micros = -(2**62)
_MIGRATIONS = (OLD_MIGRATION, LIVE_MIGRATION)


def span(ledger: Ledger, migration_id: int) -> tuple[int, int] | None:
    """The indexes of the first and the last update of a migration; None: it has none so far."""
    first = ledger.index_after(Position(migration_id, _BEFORE_ALL))
    end = min(ledger.index_after(Position(migration_id + 1, _BEFORE_ALL)), ledger.count())
    return (first, end - 1) if first < end else None


def between(ledger: Ledger, migration_id: int, since: Micros | None, before: Micros) -> range:
    """The indexes of a migration's updates from an instant on, up to, not including, another."""
    earliest = _BEFORE_ALL if since is None else since - 1
    first = ledger.index_after(Position(migration_id, earliest))
    return range(first, min(ledger.index_after(Position(migration_id, before - 1)), ledger.count()))


def newest_upto(history: History, migration_id: int, at: Micros) -> Micros | None:
    """The newest snapshot of a migration at or before an instant."""
    bounds = _bounds(history, migration_id)
    if bounds is None:
        return None
    began, ended = bounds
    at = min(at, ended)
    snapshot = at - at % INTERVAL
    return snapshot if snapshot >= began else None


def first_after(history: History, migration_id: int, at: Micros) -> Micros | None:
    """The first snapshot after an instant, of a migration or of a later one."""
    found = (_first_after(history, one, at) for one in _MIGRATIONS if one >= migration_id)
    return next((one for one in found if one is not None), None)


def _first_after(history: History, migration_id: int, at: Micros) -> Micros | None:
    bounds = _bounds(history, migration_id)
    if bounds is None:
        return None
    began, ended = bounds
    earliest = max(began, at + 1)
    snapshot = -(-earliest // INTERVAL) * INTERVAL
    return snapshot if snapshot <= ended else None


def _bounds(history: History, migration_id: int) -> tuple[Micros, Micros] | None:
    """The record times between which snapshots of a migration lie."""
    found = span(history, migration_id) if isinstance(history, Ledger) else None
    if not isinstance(history, Ledger) or found is None:
        return None
    first, last = (history.position(one).record_time for one in found)
    return first, last
