"""What silver and gold should hold of a generated ledger, from its plans and nothing of ours.

Amounts are the mock's whole units of 10^-10 CC, times its microseconds since 1970.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.plan import Movement, MovementKind

MINUTE = 60_000_000
Row = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class Side:
    """One side of a movement: a row of silver, without its place in the event tree."""

    index: int
    account: str
    direction: str
    kind: str
    counterparty: str | None
    units: int


def sides(ledger: Ledger, indexes: Iterable[int]) -> Iterator[Side]:
    """The sides of all movements of some updates."""
    for index in indexes:
        for movement in ledger.plan(index).movements:
            yield from _sides_of(index, movement)


def _sides_of(index: int, movement: Movement) -> Iterator[Side]:
    kind, sender, receiver = movement.kind.value, movement.sender, movement.receiver
    if movement.kind is MovementKind.ABORT:
        yield Side(index, str(sender), "none", kind, receiver, 0)
        return
    if sender:
        yield Side(index, sender, "sent", kind, receiver, movement.amount)
    if receiver:
        yield Side(index, receiver, "received", kind, sender, movement.amount)


def account_minutes(ledger: Ledger, count: int, rate: Decimal) -> list[Row]:
    """gold.account_activity_minute of the first updates, without ledger prices."""
    by_key: dict[tuple[int, str], list[Side]] = defaultdict(list)
    for side in sides(ledger, range(count)):
        by_key[_minute(ledger, side.index), side.account].append(side)
    return [
        {"minute_at": _at(minute), "account": account, **_account_sums(found, rate)}
        for (minute, account), found in sorted(by_key.items())
    ]


def network_minutes(ledger: Ledger, count: int, rate: Decimal) -> list[Row]:
    """gold.network_activity_minute of the first updates, without ledger prices."""
    update_counts = Counter(_minute(ledger, index) for index in range(count))
    by_minute: dict[int, list[Side]] = defaultdict(list)
    for side in sides(ledger, range(count)):
        by_minute[_minute(ledger, side.index)].append(side)
    return [
        {
            "minute_at": _at(minute),
            "update_count": update_counts[minute],
            "account_count": len({side.account for side in by_minute[minute]}),
            **_network_sums(by_minute[minute], rate),
        }
        for minute in sorted(update_counts)
    ]


def cc(units: int) -> Decimal:
    """CC with its ten places."""
    return Decimal(units).scaleb(-10)


def _account_sums(found: list[Side], rate: Decimal) -> Row:
    sent = _sum(found, {"transfer"}, "sent")
    received = _sum(found, {"transfer"}, "received")
    minted = _sum(found, {"mint", "devnet_tap"}, "received")
    burned = _sum(found, {"burn"}, "sent")
    total = sent + received + minted + burned
    return {
        **_counts(found),
        "sent_cc": cc(sent),
        "received_cc": cc(received),
        "minted_cc": cc(minted),
        "burned_cc": cc(burned),
        "net_cc": cc(received + minted - sent - burned),
        "total_cc": cc(total),
        "usd_rate": rate,
        "usd_value": _usd(total, rate),
    }


def _network_sums(found: list[Side], rate: Decimal) -> Row:
    transferred = _sum(found, {"transfer"}, "received")
    minted = _sum(found, {"mint", "devnet_tap"}, "received")
    burned = _sum(found, {"burn"}, "sent")
    return {
        **_counts(found),
        "transferred_cc": cc(transferred),
        "minted_cc": cc(minted),
        "burned_cc": cc(burned),
        "usd_rate": rate,
        "usd_value": _usd(transferred + minted + burned, rate),
    }


def _counts(found: list[Side]) -> Row:
    return {
        "transaction_count": len({side.index for side in found if side.kind != "abort"}),
        "aborted_count": len({side.index for side in found if side.kind == "abort"}),
    }


def _sum(found: list[Side], kinds: set[str], direction: str) -> int:
    return sum(side.units for side in found if side.kind in kinds and side.direction == direction)


def _usd(units: int, rate: Decimal) -> Decimal:
    exact = cc(units) * rate
    return exact.quantize(Decimal("1E-10"), rounding=ROUND_HALF_UP)


def _minute(ledger: Ledger, index: int) -> int:
    """The nearest minute, in minutes since 1970; its half belongs to the next."""
    return (ledger.position(index).record_time + MINUTE // 2) // MINUTE


def _at(minute: int) -> datetime:
    return _EPOCH + timedelta(minutes=minute)
