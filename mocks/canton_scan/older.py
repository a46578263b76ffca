"""Coins from before the ledger began: those that its updates consume and none of them made.

An update consumes coins that an earlier one of the same block of the mix made, or else such ones.
They are those of the first epoch, known before any update consumes them; later ones are made
(`splits.py`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from mocks.canton_scan.amounts import Units
from mocks.canton_scan.eras import ABOUT_COIN
from mocks.canton_scan.eras import Coin as Kind
from mocks.canton_scan.mix import BLOCK
from mocks.canton_scan.plan import (
    Expiry,
    FailedCommand,
    Plan,
    Promise,
    Purchase,
    Together,
    Trade,
    Transfer,
)
from mocks.canton_scan.update import contract_of

if TYPE_CHECKING:
    from mocks.canton_scan.ledger import Ledger
    from mocks.canton_scan.planner import Planner


@dataclass(frozen=True, slots=True)
class Coin:
    """A coin that the update at `index` consumes under this name; `age` is in rounds, if known."""

    index: int
    name: str
    owner: str
    amount: Units
    is_locked: bool = False
    age: int | None = None

    def contract_id(self, ledger: "Ledger") -> str:
        """The id by which the update names it."""
        return contract_of(ledger.network, self.index, self.name)


def consumed(index: int, plan: Plan, part: str = "") -> Iterator[Coin]:
    """Yield the coins that an update with this plan consumes and none of its block has made."""
    if isinstance(plan, Together):
        for number, one in enumerate(plan.parts):
            yield from consumed(index, one, f"part {number}/" if number else "")
    elif isinstance(plan, Expiry):
        yield Coin(index, "expired", plan.owner, plan.amount, plan.is_locked, plan.rounds)
    elif isinstance(plan, Trade):
        for owner, (number, amount) in (
            (one.owner, item) for one in plan.fundings for item in enumerate(one.inputs)
        ):
            yield Coin(index, f"input {number} of {owner}", owner, amount)
    elif spending := _spending(plan):
        first = 1 if spending.spends else 0
        for number, amount in enumerate(spending.inputs[first:], first):
            yield Coin(index, f"{part}input {number}", spending.sender, amount)


def _spending(plan: Plan) -> Transfer | None:
    """The transfer that spends coin from before; answers spend what their promise has locked."""
    match plan:
        case Transfer():
            return plan
        case Purchase(split=one) | Promise(locking=one) | FailedCommand(merge=one):
            return one
        case _:
            return None


@lru_cache(maxsize=100)
def in_block(planner: "Planner", block: int) -> tuple[Coin, ...]:
    """The coins made elsewhere that a block's updates consume, in their order."""
    return tuple(_within(planner, block * BLOCK, (block + 1) * BLOCK))


@lru_cache(maxsize=1)
def needed(planner: "Planner", start: int, end: int) -> dict[str, list[Coin]]:
    """The same of all blocks from ``start`` on, before ``end``, by owner."""
    found: dict[str, list[Coin]] = defaultdict(list)
    for one in _within(planner, start, end):
        found[one.owner].append(one)
    return found


def _within(planner: "Planner", start: int, end: int) -> Iterator[Coin]:
    plans = planner.plans(ABOUT_COIN, end, start)
    return (one for moment, plan in plans for one in consumed(moment.index, plan))


@lru_cache(maxsize=4)
def in_all(planner: "Planner") -> Counter[str]:
    """The part of each owner's coin from before the ledger that the first epoch consumes."""
    total: Counter[str] = Counter()
    for one in _within(planner, 0, planner.epochs.first):
        total[one.owner] += one.amount
    return total


def locked_since(planner: "Planner", index: int) -> Counter[str]:
    """Locked coin from before the ledger that is consumed from this update on, by owner."""
    locked: Counter[str] = Counter()
    for _, plan in planner.plans({Kind.EXPIRY}, planner.epochs.first, index):
        if isinstance(plan, Expiry) and plan.is_locked:
            locked[plan.owner] += plan.amount
    return locked
