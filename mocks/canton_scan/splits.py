"""Coins for updates to come, which their owners split off what they have at rest.

What the updates of the first epoch consume was there before the ledger began (`older.py`). What
those of a later one consume, and none of its own made, is made in the second half of the epoch
before it: each holder has one update there, which turns a fixed allowance into just those coins,
and some change. So what is left at rest after any number of epochs is known without adding up.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from mocks.canton_scan import older
from mocks.canton_scan.amounts import COIN, Units
from mocks.canton_scan.draws import Seed
from mocks.canton_scan.plan import Made, Output, Split, Transfer
from mocks.canton_scan.timeline import Moment

if TYPE_CHECKING:
    from mocks.canton_scan.planner import Planner

EPOCH = 100_000  # updates; a multiple of the mix's blocks
MOST = 800  # epochs for which what is at rest suffices: 80 million updates
_BILLION: Units = 10**9 * COIN
_ALLOWANCE: Units = 25 * _BILLION  # the busiest holder needs 10 billion in 100,000 updates


class Epochs(Struct, frozen=True):
    """The end of the first epoch, and the length of all later ones; both in updates."""

    first: int = EPOCH
    length: int = EPOCH

    @property
    def last(self) -> int:
        """The index of the first update for which nobody provides."""
        return self.first + MOST * self.length

    def end(self, index: int) -> int | None:
        """The end of the epoch in whose second half the update at ``index`` stands; else None."""
        number = max(0, (index - self.first) // self.length + 1)
        end = self.first + number * self.length
        return end if index >= end - self.length // 2 and end < self.last else None


def epochs_after(count: int) -> Epochs:
    """Return epochs that leave a ledger's first ``count`` updates as they were without any."""
    return Epochs(max(1, -(-(count + EPOCH // 2) // EPOCH)) * EPOCH)


def at_rest(seed: Seed, owner: str) -> Units:
    """Return what nobody spent of an owner's coin before the first split."""
    draws = seed.draws(f"opening holding of {owner}")
    return draws.between(20_000, 50_000) * _BILLION + draws.below(_BILLION)


def rest_of(owner: str, end: int) -> Made:
    """The number of the coin that an owner has at rest since its split before ``end``; or 0."""
    return Made(end, f"rest of {owner}")


class Splits:
    """The splits of one ledger: one of each holder before each epoch but the first."""

    def __init__(
        self, seed: Seed, holders: Iterable[str], epochs: Epochs, is_free: Callable[[int], bool]
    ) -> None:
        self.epochs = epochs
        self._seed = seed
        self._holders = tuple(holders)
        self._is_free = is_free
        self._owners = lru_cache(maxsize=4)(self._owners_by_index)
        self._indexes = lru_cache(maxsize=4)(self._indexes_by_owner)

    def at(self, index: int) -> tuple[str, int] | None:
        """The provider at ``index``, and the start of the epoch it provides for; None: nobody."""
        end = self.epochs.end(index)
        owner = None if end is None else self._owners(end).get(index)
        return None if end is None or owner is None else (owner, end)

    def index(self, owner: str, end: int) -> int | None:
        """The index of an owner's split for the epoch from ``end`` on; None: there is none."""
        return self._indexes(end).get(owner) if end < self.epochs.last else None

    def within(self, start: int, end: int) -> Iterator[int]:
        """The indexes of all splits from ``start`` on, before ``end``."""
        first, length, last = self.epochs.first, self.epochs.length, self.epochs.last
        skipped = max(0, (start - first) // length)
        for epoch in range(first + skipped * length, min(end + length, last), length):
            yield from (one for one in self._owners(epoch) if start <= one < end)

    def transfer(self, planner: "Planner", moment: Moment, split: Split) -> Transfer:
        """The coins that the owner needs, and its rest; what it doesn't need is its change."""
        start, length = split.end, self.epochs.length
        number = (start - self.epochs.first) // length
        left = at_rest(self._seed, split.owner) - (number + 1) * _ALLOWANCE
        needed = older.needed(planner, start, start + length)[split.owner]
        coins = (
            Output(one.owner, one.amount, made_for=Made(one.index, one.name)) for one in needed
        )
        rest = Output(split.owner, left, made_for=rest_of(split.owner, start))
        before = rest_of(split.owner, start - length if number else 0)
        return planner.charged(
            Transfer(
                split.owner,
                (left + _ALLOWANCE,),
                (*coins, rest),
                generation=split.generation,
                spends=before,
            ),
            moment,
            self._seed.draws(f"split {moment.index}"),
        )

    def _owners_by_index(self, end: int) -> dict[int, str]:
        """Holders in their order, spread over places that no mining round takes.

        There are four for each, so they suffice where an update happens each 150 seconds.
        """
        half = self.epochs.length // 2
        spread = max(1, half // (4 * len(self._holders)))
        free = (one for one in range(end - half, end, spread) if self._is_free(one))
        return dict(zip(islice(free, len(self._holders)), self._holders, strict=False))

    def _indexes_by_owner(self, end: int) -> dict[str, int]:
        return {owner: index for index, owner in self._owners(end).items()}
