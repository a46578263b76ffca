"""Eras of a network: which generations its updates are of, and how often what happens with coin.

What was in force when: versions of splice-amulet and CIP-78, CIP-107, CIP-112. On MainNet nobody
taps coin; DevNet's faucet is used all the time.
"""

from dataclasses import dataclass
from enum import Enum, auto

from mocks.canton_scan.draws import Seed
from mocks.canton_scan.plan import Generation
from mocks.canton_scan.timeline import LIVE_MIGRATION


class Coin(Enum):
    """Kinds of updates about coin; not all of them move it."""

    REWARD = auto()
    PAYMENT = auto()
    PREAPPROVED = auto()
    COMMAND = auto()
    MERGE = auto()
    TAP = auto()
    MINT = auto()
    TRAFFIC = auto()
    PREAPPROVAL = auto()
    EXPIRY = auto()
    OFFER = auto()
    OFFER_ANSWERED = auto()
    ALLOCATION = auto()
    ALLOCATION_ANSWERED = auto()
    NAME = auto()
    NAME_ANSWERED = auto()
    APP_PAYMENT = auto()
    APP_PAYMENT_ANSWERED = auto()
    TRADE = auto()
    TRADE_SETTLED = auto()
    TOGETHER = auto()
    SPLIT = auto()  # at places that `splits.py` chooses


ABOUT_COIN = frozenset(Coin)


class Era(Enum):
    """A time in a network's life."""

    MIXED = "mixed"
    FEES = "fees"
    SPLICE_0_5_16 = "0.5.16"
    SPLICE_0_6_11 = "0.6.11"
    DEVNET = "devnet"


def seed_of(text: str, era: Era) -> Seed:
    """The seed of a ledger: each era of a seed is another network, with a DSO party of its own."""
    return Seed(text if era is Era.MIXED else f"{text}, {era.value}")


@dataclass(frozen=True)
class Mixture:
    """Numbers of each kind of coin update in 1,000 updates, and the equally likely generations.

    `old` holds for the migration before the present one.
    """

    coin: dict[Coin, int]
    live: tuple[Generation, ...]
    old: tuple[Generation, ...]

    def generations(self, migration_id: int) -> tuple[Generation, ...]:
        """Return the generations of a migration."""
        return self.live if migration_id == LIVE_MIGRATION else self.old

    def newest(self, migration_id: int) -> Generation:
        """Return the newest generation of a migration, in which the DSO itself acts."""
        first, *others = self.generations(migration_id)
        for other in others:
            first = first.or_newer(other)
        return first

    def has_fees(self, migration_id: int) -> bool:
        """Tell whether any generation of a migration charges transfer fees."""
        return any(one.has_fees for one in self.generations(migration_id))


_COIN = {
    Coin.REWARD: 30,
    Coin.PAYMENT: 22,
    Coin.PREAPPROVED: 18,
    Coin.COMMAND: 4,
    Coin.MERGE: 8,
    Coin.TRAFFIC: 6,
    Coin.PREAPPROVAL: 4,
    Coin.EXPIRY: 4,
    Coin.OFFER: 9,
    Coin.OFFER_ANSWERED: 8,
    Coin.ALLOCATION: 5,
    Coin.ALLOCATION_ANSWERED: 5,
    Coin.NAME: 4,
    Coin.NAME_ANSWERED: 4,
    Coin.APP_PAYMENT: 3,
    Coin.APP_PAYMENT_ANSWERED: 3,
}
_TRADES = {Coin.TRADE: 3, Coin.TRADE_SETTLED: 3, Coin.TOGETHER: 3}
_FAUCET = {Coin.TAP: 2, Coin.MINT: 2}
_G = Generation

MIXTURES = {
    Era.MIXED: Mixture(
        {**_COIN, **_TRADES, **_FAUCET},
        live=(*[_G.REPORTED] * 4, *[_G.PLAIN] * 3, _G.NESTED),
        old=(*[_G.FEES] * 7, _G.FIRST),
    ),
    Era.FEES: Mixture(_COIN, live=(*[_G.FEES] * 7, _G.FIRST), old=(_G.FEES, _G.FIRST)),
    Era.SPLICE_0_5_16: Mixture(
        _COIN, live=(*[_G.PLAIN] * 5, _G.NESTED), old=(_G.NESTED, _G.NESTED, _G.PLAIN)
    ),
    Era.SPLICE_0_6_11: Mixture(
        {**_COIN, **_TRADES}, live=(*[_G.REPORTED] * 5, _G.PLAIN), old=(_G.PLAIN,)
    ),
    Era.DEVNET: Mixture(
        {**_COIN, **_TRADES, Coin.TAP: 20, Coin.MINT: 3},
        live=(*[_G.REPORTED] * 5, _G.PLAIN),
        old=(_G.PLAIN, _G.REPORTED),
    ),
}
