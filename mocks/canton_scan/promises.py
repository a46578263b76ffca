"""Plans of coin that is locked first and paid, burned or given back later."""

from dataclasses import dataclass

from mocks.canton_scan.amounts import COIN, Units, divided
from mocks.canton_scan.draws import Draws
from mocks.canton_scan.fees import charged, create_fee, output_fee
from mocks.canton_scan.plan import (
    Answer,
    Fees,
    Generation,
    Outcome,
    Output,
    Promise,
    Purpose,
    Transfer,
)
from mocks.canton_scan.rounds import Round
from mocks.canton_scan.spending import amount_of, inputs_for

_RESERVE = 4  # so many times the expected fee is locked besides the amount
OUTCOMES: dict[Purpose, tuple[Outcome, ...]] = {
    Purpose.OFFER: (
        *[Outcome.PAID] * 4,
        *[Outcome.REJECTED] * 2,
        Outcome.WITHDRAWN,
        Outcome.EXPIRED,
    ),
    Purpose.ALLOCATION: (
        *[Outcome.PAID] * 5,
        Outcome.REJECTED,
        Outcome.WITHDRAWN,
        Outcome.EXPIRED,
    ),
    Purpose.NAME: (*[Outcome.PAID] * 3, Outcome.REJECTED),
    Purpose.RENEWAL: (Outcome.PAID,),
    Purpose.APP: (*[Outcome.PAID] * 3, Outcome.WITHDRAWN),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a promise: its sender, its receiver and its purpose."""

    index: int
    purpose: Purpose
    sender: str
    receiver: str
    generation: Generation


def promise(terms: Terms, dso: str, round_: Round, draws: Draws) -> Promise:
    """The lock; with fees, what paying will cost is locked as well. Names are the DSO's to sell."""
    is_name = terms.purpose.is_of_name
    receiver = dso if is_name else terms.receiver
    amount = _price_of_a_name(round_, draws) if is_name else amount_of(draws)
    locked = amount
    if terms.generation.has_fees:
        fee = output_fee(round_.price_usd, terms.sender, Output(receiver, amount))
        locked += fee if is_name else _RESERVE * fee
    locking = Transfer(
        terms.sender,
        inputs_for(locked, draws),
        (Output(terms.sender, locked),),
        generation=terms.generation,
    )
    if terms.generation.has_fees:
        locking = charged(locking, round_, draws, lock_holders=1)
    return Promise(terms.index, terms.purpose, locking, receiver, amount)


def _price_of_a_name(round_: Round, draws: Draws) -> Units:
    """One to five USD."""
    return divided(draws.between(1, 5) * COIN * COIN, round_.price_usd)


def answer(made: Promise, generation: Generation, dso: str, round_: Round, draws: Draws) -> Answer:
    """Plan the end of a promise; the DSO ends none before the generation that came with CIP-107."""
    outcome = draws.pick(OUTCOMES[made.purpose])
    if outcome is Outcome.EXPIRED and generation.nests:
        outcome = Outcome.WITHDRAWN
    is_paid = outcome is Outcome.PAID
    paying = _paying(made, generation, dso, round_, draws) if is_paid else None
    has_v2 = made.purpose is Purpose.OFFER or (made.purpose is Purpose.ALLOCATION and is_paid)
    may_be_v2 = has_v2 and generation.reports and outcome is not Outcome.EXPIRED
    return Answer(made, outcome, generation, paying, by_v2=may_be_v2 and draws.one_in(2))


def _paying(
    made: Promise, generation: Generation, dso: str, round_: Round, draws: Draws
) -> Transfer:
    """Plan the transfer that spends the locked coin and returns the rest; a name leaves no rest."""
    is_name = made.receiver == dso
    output = Output(made.receiver, made.amount, is_burned=is_name)
    paying = Transfer(made.sender, (made.locked,), (output,), generation=generation)
    if not generation.has_fees:
        return paying
    if is_name:
        fees = Fees((made.locked - made.amount,), (0,))
        return Transfer(made.sender, (made.locked,), (output,), generation=generation, fees=fees)
    return charged(paying, round_, draws, is_new=True)


def traffic_split(
    dso: str, buyer: str, price: Units, generation: Generation, round_: Round
) -> Transfer:
    """Plan the burn for a purchase of traffic; its fee is part of the price.

    First it was paid to the DSO, whose share of the fee was all of it; then it was split off.
    """
    if generation is Generation.FIRST:
        fee = output_fee(round_.price_usd, buyer, Output(dso, price))
        output = Output(dso, price, is_burned=True)
        return Transfer(buyer, (), (output,), generation=generation, fees=Fees((fee,), (fee,)))
    fee = create_fee(round_.price_usd) if generation.has_fees else 0
    return Transfer(buyer, (), (Output(buyer, price - fee, is_burned=True),), generation=generation)
