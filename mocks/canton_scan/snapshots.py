"""When a Scan has taken snapshots of all contracts: every three hours, in UTC.

It takes one for a migration once that has gone on beyond the full hour; so a snapshot lies between
the first and the last update of its migration. Lookups are at or before an instant, as in Splice's
AcsSnapshotStore. A recording has no snapshots.
"""

from mocks.canton_scan.clock import SECOND, Micros
from mocks.canton_scan.history import History, Position
from mocks.canton_scan.ledger import Ledger

INTERVAL: Micros = 3 * 3600 * SECOND
_BEFORE_ALL: Micros = -(2**62)


def newest_upto(history: History, migration_id: int, at: Micros) -> Micros | None:
    """The newest snapshot of a migration at or before an instant."""
    if not isinstance(history, Ledger):
        return None
    first = history.index_after(Position(migration_id, _BEFORE_ALL))
    end = min(history.index_after(Position(migration_id + 1, _BEFORE_ALL)), history.count())
    if first >= end:
        return None
    began, ended = history.position(first).record_time, history.position(end - 1).record_time
    at = min(at, ended)
    snapshot = at - at % INTERVAL
    return snapshot if snapshot >= began else None
