"""Holdings with the holding fees on them: `/v0/holdings/summary`, from the coins at a snapshot.

A coin's fee is its rate for each round since it was made, at most all of it, as Splice counts it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from mocks.canton_scan import active, wire
from mocks.canton_scan.acs import Coin, Snapshot
from mocks.canton_scan.holdings import text


@dataclass(frozen=True, slots=True)
class Sums:
    """An owner's units and the fees on them, each by whether coin is locked."""

    coin: Counter[bool] = field(default_factory=Counter)
    fees: Counter[bool] = field(default_factory=Counter)

    def add(self, one: Coin, as_of_round: int) -> None:
        """Take one more coin into account."""
        age = max(0, as_of_round - one.made_in.number)
        self.coin[one.is_locked] += one.amount
        self.fees[one.is_locked] += min(one.amount, one.made_in.holding_fee * age)

    def described(self, owner: str) -> wire.Json:
        """The summary of an owner."""
        coin, fees = self.coin, self.fees
        return {
            "party_id": owner,
            "total_unlocked_coin": text(coin[False]),
            "total_locked_coin": text(coin[True]),
            "total_coin_holdings": text(coin.total()),
            "accumulated_holding_fees_unlocked": text(fees[False]),
            "accumulated_holding_fees_locked": text(fees[True]),
            "accumulated_holding_fees_total": text(fees.total()),
            "total_available_coin": text(coin[False] - fees[False]),
        }


def summaries(at: Snapshot, owners: Iterable[str], as_of_round: int) -> list[wire.Json]:
    """Return what each owner holds; omit who has nothing."""
    requested = dict.fromkeys(owners)
    sums: dict[str, Sums] = {}
    for one in active.coins(at, frozenset(requested)):
        sums.setdefault(one.owner, Sums()).add(one, as_of_round)
    return [sums[owner].described(owner) for owner in requested if owner in sums]
