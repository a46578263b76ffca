"""Mining rounds: one opens every ten minutes and carries the on-ledger price of Canton Coin.

Read off recorded updates: the round created at an instant opens ten minutes later, so that
transfers use the one created before it; three back is archived and summarized as the new one is
created; rewards are paid out for the round four back.
"""

from dataclasses import dataclass
from functools import lru_cache

from mocks.canton_scan.amounts import COIN, Units
from mocks.canton_scan.clock import SECOND, Micros
from mocks.canton_scan.draws import Seed

TICK: Micros = 600 * SECOND

_ROUND_ZERO_AT: Micros = 1_720_849_772 * SECOND  # from round 74224 of MainNet, 2025-12-10T16:29:32Z
_HOLDING_FEE_USD: Units = 190_259  # transferConfigUsd.holdingFee: 0.0000190259 USD a round
_PRICE_STEP: Units = 10_000  # prices have six decimals
ISSUES_AFTER = 4  # a round issues rewards from when the fourth one after it is created
_DAY = 144  # rounds between two anchors of the price


@dataclass(frozen=True)
class Round:
    """A mining round: its price of one coin in USD and its holding fee in coins, both in units."""

    number: int
    price_usd: Units
    holding_fee: Units


class Rounds:
    """The rounds of one ledger."""

    def __init__(self, seed: Seed) -> None:
        self._seed = seed
        self._phase = seed.draws("round phase").below(TICK)
        self.round = lru_cache(maxsize=1024)(self._round)

    def newest(self, at: Micros) -> int:
        """The number of the round that is created in the ten-minute window of ``at``."""
        return (at - _ROUND_ZERO_AT - self._phase) // TICK

    def window_start(self, number: int) -> Micros:
        """Return the time from which this round is the newest."""
        return _ROUND_ZERO_AT + self._phase + number * TICK

    def usable(self, at: Micros) -> Round:
        """The round that transfers at ``at`` refer to."""
        return self.round(self.newest(at) - 1)

    def faucet(self, number: int) -> Units:
        """The amount that a round issues to each validator that was up."""
        return self._seed.draws(f"faucet issuance {number}").between(COIN, 90 * COIN)

    def _round(self, number: int) -> Round:
        price = self._price(number)
        return Round(number, price, (_HOLDING_FEE_USD * COIN + price // 2) // price)

    def _price(self, number: int) -> Units:
        """Interpolate the price linearly between two days' anchors, with a little noise on it."""
        day, step = divmod(number, _DAY)
        start, end = self._anchor(day), self._anchor(day + 1)
        noise = self._seed.draws(f"price noise {number}").between(-150, 150)
        return (start + (end - start) * step // _DAY + noise) * _PRICE_STEP

    def _anchor(self, day: int) -> int:
        return self._seed.draws(f"price {day}").between(121_000, 179_000)
