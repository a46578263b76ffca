"""The truth about a ledger: movements and totals from its plans, never from what it served.

None of the rules by which a reader finds movements in an update is here. Amounts are whole units
of 10^-10 Canton Coin until they are written as decimals with ten places.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mocks.canton_scan.amounts import decimal_text
from mocks.canton_scan.clock import SECOND, Micros, instant_text, parse_instant
from mocks.canton_scan.history import Position
from mocks.canton_scan.ids import update_id
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.plan import Movement, MovementKind

MINUTE: Micros = 60 * SECOND
_MINTS = (MovementKind.MINT, MovementKind.DEVNET_TAP)


@dataclass(frozen=True)
class Happened:
    """An update that took place: where it stands, and what it moved."""

    update_id: str
    position: Position
    movements: tuple[Movement, ...]

    @property
    def minute(self) -> Micros:
        """The nearest minute; its half belongs to the next."""
        return (self.position.record_time + MINUTE // 2) // MINUTE * MINUTE


def truth(ledger: Ledger, after: Position | None, upto: Position | None, limit: int) -> Any:
    """Return the updates in ``(after, upto]``, `limit` at most, and their totals as JSON values.

    Returns:
        ``upto`` (how far the answer reaches), ``is_complete`` (whether that is what was asked
        for), ``updates`` with their ``movements``, ``accounts`` and ``minutes``: totals of these
        updates by account and minute, and by minute. Totals of several answers add up.
    """
    first = ledger.index_after(after)
    end = ledger.count() if upto is None else min(ledger.index_after(upto), ledger.count())
    reached = min(end, first + limit)
    found = [happened(ledger, index) for index in range(first, reached)]
    return {
        "upto": _place(found[-1].position) if found else None,
        "is_complete": reached >= end,
        "updates": [_described(one) for one in found],
        "accounts": list(account_totals(found)),
        "minutes": list(minute_totals(found)),
    }


def bound(query: Mapping[str, Any], name: str) -> Position | None:
    """The position that ``<name>_migration_id`` and ``<name>_record_time`` are; None without both.

    Raises:
        ValueError: One is missing or makes no sense.
    """
    migration_id, record_time = query.get(f"{name}_migration_id"), query.get(f"{name}_record_time")
    if migration_id is None and record_time is None:
        return None
    return Position(int(migration_id or ""), parse_instant(record_time or ""))


def happened(ledger: Ledger, index: int) -> Happened:
    """The update at an index, as it was planned."""
    movements = ledger.plan(index).movements
    return Happened(update_id(ledger.seed, index), ledger.position(index), movements)


def account_totals(found: Iterable[Happened]) -> Iterator[dict[str, Any]]:
    """Yield the totals that each account moved in each minute."""
    sums: dict[tuple[Micros, str], Counter[str]] = defaultdict(Counter)
    for one in found:
        for account, moved in _by_account(one.movements).items():
            sums[one.minute, account] += moved
    for (minute, account), moved in sorted(sums.items()):
        yield {"minute_at": instant_text(minute), "account": account, **_written(moved, _ACCOUNT)}


def minute_totals(found: Iterable[Happened]) -> Iterator[dict[str, Any]]:
    """Yield the totals that the whole network moved in each minute; a payment counts once."""
    sums: dict[Micros, Counter[str]] = defaultdict(Counter)
    for one in found:
        sums[one.minute] += _counts(one.movements) + Counter(update_count=1)
        for movement in one.movements:
            sums[one.minute][_NETWORK_COLUMN[movement.kind]] += movement.amount
    for minute, moved in sorted(sums.items()):
        yield {"minute_at": instant_text(minute), **_written(moved, _NETWORK)}


_ACCOUNT = (
    *("transaction_count", "aborted_count"),
    *("sent_cc", "received_cc", "minted_cc", "burned_cc"),
)
_NETWORK = (
    *("update_count", "transaction_count", "aborted_count"),
    *("transferred_cc", "minted_cc", "burned_cc"),
)
_NETWORK_COLUMN = {
    MovementKind.TRANSFER: "transferred_cc",
    MovementKind.MINT: "minted_cc",
    MovementKind.DEVNET_TAP: "minted_cc",
    MovementKind.BURN: "burned_cc",
    MovementKind.ABORT: "transferred_cc",  # of amount 0
}


def _by_account(movements: Iterable[Movement]) -> dict[str, Counter[str]]:
    """An update's part in the totals of each account that it names as its own."""
    sides: dict[str, list[Movement]] = defaultdict(list)
    for movement in movements:
        for account in dict.fromkeys(_parties(movement)):
            sides[account].append(movement)
    return {account: _moved(account, met) for account, met in sides.items()}


def _parties(movement: Movement) -> list[str]:
    """Return the accounts whose totals include the movement: an abort is the sender's alone."""
    is_abort = movement.kind is MovementKind.ABORT
    return [one for one in (movement.sender, None if is_abort else movement.receiver) if one]


def _moved(account: str, movements: Iterable[Movement]) -> Counter[str]:
    moved = _counts(movements)
    for movement in movements:
        if movement.kind is MovementKind.TRANSFER:
            moved["sent_cc"] += movement.amount * (movement.sender == account)
            moved["received_cc"] += movement.amount * (movement.receiver == account)
        elif movement.kind in _MINTS:
            moved["minted_cc"] += movement.amount
        elif movement.kind is MovementKind.BURN:
            moved["burned_cc"] += movement.amount
    return moved


def _counts(movements: Iterable[Movement]) -> Counter[str]:
    """An update counts once, as one that moved coin or as one that called an offer off."""
    kinds = {movement.kind for movement in movements}
    return Counter(
        transaction_count=int(bool(kinds - {MovementKind.ABORT})),
        aborted_count=int(MovementKind.ABORT in kinds),
    )


def _written(moved: Counter[str], columns: Iterable[str]) -> dict[str, Any]:
    return {
        name: decimal_text(moved[name]) if name.endswith("_cc") else moved[name] for name in columns
    }


def _described(one: Happened) -> dict[str, Any]:
    return {
        "update_id": one.update_id,
        **_place(one.position),
        "movements": [
            {
                "kind": movement.kind.value,
                "sender": movement.sender,
                "receiver": movement.receiver,
                "amount_cc": decimal_text(movement.amount),
            }
            for movement in one.movements
        ],
    }


def _place(position: Position) -> dict[str, Any]:
    return {
        "migration_id": position.migration_id,
        "record_time": instant_text(position.record_time),
    }
