"""The kind of update at each index, in blocks that all hold the same mix.

Shares follow the API facts, section 4, and recorded updates: nine in ten move no coin. The blocks
make an offer and its answer find each other by arithmetic.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from mocks.canton_scan.draws import Seed
from mocks.canton_scan.eras import Coin, Mixture
from mocks.canton_scan.plan import Quiet

Kind = Coin | Quiet

BLOCK = 1000
_QUIET: dict[Quiet, int] = {
    Quiet.ACTIVITY_REPORTED: 60,
    Quiet.LICENSE_UPDATED: 12,
    Quiet.NODE_CONFIGURED: 130,
    Quiet.STATUS_REPORTED: 130,
    Quiet.COUPON_RECEIVED: 100,
    Quiet.CONFIRMATION_EXPIRED: 48,
    Quiet.ACTION_CONFIRMED: 50,
    Quiet.MARKERS_CREATED: 40,
    Quiet.MARKERS_CONVERTED: 90,
    Quiet.REWARDS_EXPIRED: 56,
    Quiet.UNFAMILIAR: 4,
    Quiet.FOREIGN_HOLDINGS: 2,
    Quiet.FOREIGN_COIN: 4,
    Quiet.REASSIGNED: 2,
}
_REST = Quiet.LIVENESS_RECORDED  # fills the block
# Which kind answers or spends what another one leaves behind.
_FOLLOWS: dict[Coin, Coin] = {
    Coin.OFFER_ANSWERED: Coin.OFFER,
    Coin.ALLOCATION_ANSWERED: Coin.ALLOCATION,
    Coin.NAME_ANSWERED: Coin.NAME,
    Coin.APP_PAYMENT_ANSWERED: Coin.APP_PAYMENT,
    Coin.TRADE_SETTLED: Coin.TRADE,
    Coin.PAYMENT: Coin.PREAPPROVED,
    Coin.MERGE: Coin.REWARD,
}
_LEADS = frozenset(_FOLLOWS.values())


@dataclass(frozen=True)
class Block:
    """The kinds of `BLOCK` neighboring updates, and the place that each follow-up refers to."""

    kinds: tuple[Kind, ...]
    leads: dict[int, int]


class Mix:
    """Kinds of updates by index."""

    def __init__(self, seed: Seed, mixture: Mixture) -> None:
        self._seed = seed
        counts: dict[Kind, int] = {**mixture.coin, **_QUIET}
        counts[_REST] = BLOCK - sum(counts.values())
        self._kinds = [kind for kind, count in counts.items() for _ in range(count)]
        self._block = lru_cache(maxsize=16)(self._shuffled)
        self._places = lru_cache(maxsize=64)(self._places_of)

    def kind(self, index: int) -> Kind:
        """The kind of the update at ``index``."""
        block, place = divmod(index, BLOCK)
        return self._block(block).kinds[place]

    def lead(self, index: int) -> int | None:
        """The index of the update that the one at ``index`` answers or spends; None: of none."""
        block, place = divmod(index, BLOCK)
        lead = self._block(block).leads.get(place)
        return None if lead is None else block * BLOCK + lead

    def count(self, kinds: AbstractSet[Kind], end: int) -> int:
        """The number of updates of some kinds before the one at ``end``."""
        block, place = divmod(end, BLOCK)
        places = self._places(block, frozenset(kinds))
        return block * len(places) + bisect_left(places, place)

    def nth(self, kinds: AbstractSet[Kind], number: int) -> int:
        """The index of an update of some kinds, counted from 0: each block has as many."""
        block, rank = divmod(number, len(self._places(0, frozenset(kinds))))
        return block * BLOCK + self._places(block, frozenset(kinds))[rank]

    def indexes(self, kinds: AbstractSet[Kind], start: int, end: int) -> Iterator[int]:
        """The indexes of all updates of some kinds from ``start`` on, before ``end``."""
        numbers = range(self.count(kinds, start), self.count(kinds, end))
        return (self.nth(kinds, number) for number in numbers)

    def _places_of(self, block: int, kinds: frozenset[Kind]) -> tuple[int, ...]:
        """The places of some kinds in a block."""
        found = self._block(block).kinds
        return tuple(place for place, kind in enumerate(found) if kind in kinds)

    def _shuffled(self, block: int) -> Block:
        kinds = self._kinds.copy()
        self._seed.draws(f"mix {block}").shuffle(kinds)
        return Block(tuple(kinds), _pairs(kinds))


def _pairs(kinds: list[Kind]) -> dict[int, int]:
    """Each follow-up with the oldest of its leads before it that nobody has followed."""
    pairs: dict[int, int] = {}
    waiting: dict[Kind, list[int]] = defaultdict(list)
    for place, kind in enumerate(kinds):
        lead = _FOLLOWS.get(kind) if isinstance(kind, Coin) else None
        if lead and waiting[lead]:
            pairs[place] = waiting[lead].pop(0)
        elif kind in _LEADS:
            waiting[kind].append(place)
    return pairs
