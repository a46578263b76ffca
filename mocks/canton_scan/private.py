"""Transactions that Scan doesn't see: of those, only the mediators' verdicts are served.

They stand between two updates of one migration and are known once the later of the two has
happened: until then its record time is not settled, and nothing may come to stand behind a cursor.
"""

from collections.abc import Iterator

from mocks.canton_scan.clock import Micros
from mocks.canton_scan.draws import Draws
from mocks.canton_scan.history import Position
from mocks.canton_scan.ids import private_id, private_of
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.timeline import Moment
from mocks.canton_scan.verdicts import Confirmation, Result

_PER_UPDATE = (0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2)  # 9 for each 11 updates: 45 % of all events
_ONE_REJECTED_IN = 7


def between(ledger: Ledger, index: int) -> list[Confirmation]:
    """Private transactions after the update at ``index`` and before the next one, oldest first.

    The next one must have happened.
    """
    before, after = ledger.position(index), ledger.position(index + 1)
    if before.migration_id != after.migration_id:
        return []
    draws = ledger.seed.draws(f"private {index}")
    return [
        Confirmation(
            private_id(ledger.seed, index, rank),
            Moment(index, before.migration_id, record_time),
            [ledger.network.accounts.account(draws)],
            Result.REJECTED if draws.one_in(_ONE_REJECTED_IN) else Result.ACCEPTED,
        )
        for rank, record_time in enumerate(_instants(draws, before, after))
    ]


def _instants(draws: Draws, before: Position, after: Position) -> Iterator[Micros]:
    """Distinct record times strictly between the two; fewer where there is less room."""
    room = after.record_time - before.record_time - 1
    count = min(draws.pick(_PER_UPDATE), room)
    offsets = sorted(draws.below(room - count + 1) for _ in range(count))
    for rank, offset in enumerate(offsets):
        yield before.record_time + 1 + offset + rank


def find(ledger: Ledger, update_id: str) -> Confirmation | None:
    """The private transaction with this id, if it is known by now."""
    place = private_of(ledger.seed, update_id)
    if place is None or place[0] + 1 >= ledger.count():
        return None
    index, rank = place
    confirmations = between(ledger, index)
    return confirmations[rank] if rank < len(confirmations) else None
