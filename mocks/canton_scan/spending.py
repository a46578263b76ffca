"""Coins that a transfer consumes: some made by an earlier update, others older than the ledger."""

from dataclasses import dataclass

from mocks.canton_scan.amounts import COIN, Units
from mocks.canton_scan.draws import Draws
from mocks.canton_scan.plan import Made, Transfer

_LEAST: Units = 1_000  # a coin worth paying from


@dataclass(frozen=True, slots=True)
class Coins:
    """A coin that an earlier update made, and who may spend it."""

    owner: str
    amount: Units
    made: Made


def spent_in(sent: Transfer, index: int | None) -> Coins | None:
    """The coin that the first receiver of an earlier transfer got."""
    if index is None or not sent.outputs or sent.created(0) < _LEAST:
        return None
    return Coins(sent.outputs[0].receiver, sent.created(0), Made(index, "output 0"))


def spent_of(claim: Transfer, index: int | None) -> Coins | None:
    """The change of an earlier transfer."""
    if index is None or claim.change < _LEAST:
        return None
    return Coins(claim.sender, claim.change, Made(index, "change"))


def amount_of(draws: Draws) -> Units:
    """Draw an amount from a millionth of a coin to 100 million: rarely dust, often whole coins."""
    if draws.one_in(150):
        return draws.between(1, 9_999)
    magnitude = 10 ** draws.between(4, 17)
    amount = magnitude + draws.below(9 * magnitude)
    is_round = amount > COIN and draws.one_in(3)
    return amount - amount % COIN if is_round else amount


def inputs_for(amount: Units, draws: Draws) -> tuple[Units, ...]:
    """One to five coins that cover ``amount``, as a rule with some change."""
    total = amount if draws.one_in(8) else amount + amount_of(draws)
    parts = []
    for _ in range(draws.below(min(5, total))):
        part = draws.between(1, max(1, (total - 1) // 2))
        if part < total:
            parts.append(part)
            total -= part
    return (*parts, total)
