"""Holdings of each party at a snapshot: `/v1/holdings/summary`, from plans alone.

Everybody begins with a large holding that the seed draws; what moves from then on is what the plans
say. Coin that an open promise has locked stays locked until it is answered, coin that expires
locked until then. `active.py` has the same contract by contract.
"""

from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from mocks.canton_scan import older
from mocks.canton_scan.amounts import COIN, Units
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.left import Sums
from mocks.canton_scan.splits import at_rest


class Summary(Struct, frozen=True):
    """The holdings of one party: amounts with ten decimals, zero is ``0.0000000000``."""

    party_id: str
    total_unlocked_coin: str
    total_locked_coin: str
    total_coin_holdings: str


def summaries(ledger: Ledger, count: int, owners: Iterable[str]) -> list[Summary]:
    """Return each owner's holdings after the first ``count`` updates; omit who holds nothing."""
    sums = _sums(ledger, count)
    return [
        _summary(owner, opening(ledger, owner) + sums.gained[owner], sums.locked[owner])
        for owner in dict.fromkeys(owners)
        if owner in ledger.network.accounts.holders
    ]


def opening(ledger: Ledger, owner: str) -> Units:
    """Return an owner's units at genesis: what it will spend of them, and far more at rest."""
    return at_rest(ledger.seed, owner) + older.in_all(ledger.planner)[owner]


@lru_cache(maxsize=4)
def _sums(ledger: Ledger, count: int) -> Sums:
    """Return the sums of the first ``count`` updates, which have happened and so never change."""
    sums, holders = Sums(), ledger.network.accounts.all_holders
    for left in ledger.blocks.upto(ledger, count):
        for one in left.moved:
            sums.gained[holders[one.owner]] += int(one.gained)
            sums.locked[holders[one.owner]] += int(one.locked)
    sums.locked.update(older.locked_since(ledger.planner, count))
    return sums


def _summary(owner: str, total: Units, locked: Units) -> Summary:
    return Summary(owner, text(total - locked), text(locked), text(total))


def text(amount: Units) -> str:
    """An amount as summaries have it: ``0.0000000000``."""
    return f"{amount // COIN}.{amount % COIN:010d}"
