"""Holdings of each party at a snapshot: `/v1/holdings/summary`, from plans alone.

Everybody begins with a large holding that the seed draws; what moves from then on is what the plans
say. Nothing is kept but the sums of the last few snapshots asked for: they take 20 microseconds an
update. Coin that an open promise has locked stays locked until it is answered, coin that expires
locked until then. `active.py` tells the same contract by contract.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from msgspec import Struct

from mocks.canton_scan import older
from mocks.canton_scan.amounts import COIN, Units
from mocks.canton_scan.draws import Seed
from mocks.canton_scan.eras import ABOUT_COIN
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.plan import Answer, Plan, Promise, Settlement, Trade

MOST_UPDATES = 200_000
_BILLION: Units = 10**9 * COIN


class Summary(Struct, frozen=True):
    """The holdings of one party: amounts with ten decimals, zero is ``0.0000000000``."""

    party_id: str
    total_unlocked_coin: str
    total_locked_coin: str
    total_coin_holdings: str


@dataclass(frozen=True, slots=True)
class Sums:
    """Amounts that parties gained since genesis, and their locked amounts; both in units."""

    gained: Counter[str] = field(default_factory=Counter)
    locked: Counter[str] = field(default_factory=Counter)

    def add(self, plan: Plan) -> None:
        """Take one more update into account."""
        for movement in plan.movements:
            if movement.sender is not None:
                self.gained[movement.sender] -= movement.amount
            if movement.receiver is not None:
                self.gained[movement.receiver] += movement.amount
        for owner, amount in _locked(plan):
            self.locked[owner] += amount


def _locked(plan: Plan) -> Iterator[tuple[str, Units]]:
    """Yield owners and amounts locked, or unlocked (negative); a trade's `kept` stays locked."""
    match plan:
        case Promise():
            yield plan.sender, plan.locked
        case Answer():
            yield plan.promise.sender, -plan.promise.locked
        case Trade():
            yield from ((one.owner, one.locked) for one in plan.fundings)
        case Settlement():
            yield from ((one.owner, -one.need) for one in plan.trade.fundings)
        case _:
            return


def summaries(ledger: Ledger, count: int, owners: Iterable[str]) -> list[Summary]:
    """Return each owner's holdings after the first ``count`` updates; omit who holds nothing."""
    sums = _sums(ledger, count)
    return [
        _summary(owner, opening(ledger.seed, owner) + sums.gained[owner], sums.locked[owner])
        for owner in dict.fromkeys(owners)
        if owner in ledger.network.accounts.holders
    ]


def opening(seed: Seed, owner: str) -> Units:
    """Return an owner's units at genesis: far more than all payments that a summary covers."""
    draws = seed.draws(f"opening holding of {owner}")
    return draws.between(200, 500) * _BILLION + draws.below(_BILLION)


@lru_cache(maxsize=4)
def _sums(ledger: Ledger, count: int) -> Sums:
    """Return the sums of the first ``count`` updates, which have happened and so never change."""
    sums = Sums()
    for _, plan in ledger.planner.plans(ABOUT_COIN, count):
        sums.add(plan)
    sums.locked.update(older.locked_since(ledger.planner, count))
    return sums


def _summary(owner: str, total: Units, locked: Units) -> Summary:
    return Summary(owner, text(total - locked), text(locked), text(total))


def text(amount: Units) -> str:
    """An amount as summaries have it: ``0.0000000000``."""
    return f"{amount // COIN}.{amount % COIN:010d}"
