"""Which kind of update stands at which index, in blocks that all hold the same mix.

Shares follow the API facts, section 4, and recorded updates: nine in ten move no coin. The blocks
make an offer and its answer find each other by arithmetic.
"""

from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from mocks.canton_scan.draws import Seed
from mocks.canton_scan.plan import Quiet


class Coin(Enum):
    """Kinds of updates about coin; not all of them move it."""

    REWARD = auto()
    PAYMENT = auto()
    PREAPPROVED = auto()
    MERGE = auto()
    TAP = auto()
    MINT = auto()
    TRAFFIC = auto()
    OFFER = auto()
    SETTLEMENT = auto()


Kind = Coin | Quiet

_PER_BLOCK: dict[Kind, int] = {
    Coin.REWARD: 36,
    Coin.PAYMENT: 26,
    Coin.PREAPPROVED: 22,
    Coin.MERGE: 10,
    Coin.TAP: 2,
    Coin.MINT: 2,
    Coin.TRAFFIC: 6,
    Coin.OFFER: 12,
    Coin.SETTLEMENT: 10,
    Quiet.LIVENESS_RECORDED: 150,
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
    Quiet.REASSIGNED: 2,
}
BLOCK = sum(_PER_BLOCK.values())  # 1000


@dataclass(frozen=True)
class Block:
    """The kinds of `BLOCK` neighbouring updates, and which offer each settlement answers."""

    kinds: tuple[Kind, ...]
    offers: dict[int, int]


class Mix:
    """Kinds of updates by index."""

    def __init__(self, seed: Seed) -> None:
        self._seed = seed
        self._block = lru_cache(maxsize=16)(self._shuffled)

    def kind(self, index: int) -> Kind:
        """The kind of the update at ``index``."""
        block, place = divmod(index, BLOCK)
        return self._block(block).kinds[place]

    def offer_before(self, index: int) -> int | None:
        """The index of the offer that the settlement at ``index`` answers; None if none is open."""
        block, place = divmod(index, BLOCK)
        offer = self._block(block).offers.get(place)
        return None if offer is None else block * BLOCK + offer

    def _shuffled(self, block: int) -> Block:
        kinds = [kind for kind, count in _PER_BLOCK.items() for _ in range(count)]
        self._seed.draws(f"mix {block}").shuffle(kinds)
        return Block(tuple(kinds), _pairs(kinds))


def _pairs(kinds: list[Kind]) -> dict[int, int]:
    """Each settlement with the oldest offer before it that nobody has answered."""
    pairs: dict[int, int] = {}
    open_offers: list[int] = []
    for place, kind in enumerate(kinds):
        if kind is Coin.OFFER:
            open_offers.append(place)
        elif kind is Coin.SETTLEMENT and open_offers:
            pairs[place] = open_offers.pop(0)
    return pairs
