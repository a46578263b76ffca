"""Transfer fees until CIP-78: configured on the ledger in USD, charged at a round's price.

From the Daml sources of splice-amulet. Each is rounded half-even to ten places of a coin.
"""

from dataclasses import replace

from mocks.canton_scan.amounts import COIN, Units, divided
from mocks.canton_scan.draws import Draws
from mocks.canton_scan.plan import Fees, Output, Transfer
from mocks.canton_scan.rounds import Round

CREATE_USD: Units = 3 * COIN // 100
LOCK_HOLDER_USD: Units = COIN // 200
# From so many USD on, one coin in so many.
STEPS = ((0, 100), (100, 1_000), (1_000, 10_000), (1_000_000, 100_000))
_SHARES = ((0, 1), (0, 1), (0, 1), (0, 1), (1, 2), (1, 1))  # of a fee that the receiver pays
_AGES = (0, 0, 1, 2, 50, 1_000)  # rounds


def create_fee(price: Units) -> Units:
    """Return the fee, in units of coin, for creating a coin at this price in USD."""
    return divided(CREATE_USD * COIN, price)


def output_fee(price: Units, sender: str, output: Output, lock_holders: int = 0) -> Units:
    """Return the fee for an output and its lock; one to the sender is not charged by amount."""
    fee = create_fee(price) + lock_holders * divided(LOCK_HOLDER_USD * COIN, price)
    return fee if output.receiver == sender else fee + transfer_fee(price, output.amount)


def transfer_fee(price: Units, amount: Units) -> Units:
    """One percent of the first 100 USD, less and less of the rest."""
    bounds = [divided(usd * COIN * COIN, price) for usd, _ in STEPS]
    return sum(
        divided(min(amount, upper) - lower, part)
        for (_, part), lower, upper in zip(STEPS, bounds, [*bounds[1:], amount], strict=True)
        if amount > lower
    )


def charged(
    plan: Transfer, round_: Round, draws: Draws, *, lock_holders: int = 0, is_new: bool = False
) -> Transfer:
    """The same transfer with its fees; one more coin goes in where those before don't cover them.

    ``is_new``: what goes in was made in this round, and has cost nothing so far.
    """
    price = round_.price_usd
    fees = tuple(output_fee(price, plan.sender, one, lock_holders) for one in plan.outputs)
    shares = tuple(
        _share(plan.sender, *pair, draws) for pair in zip(plan.outputs, fees, strict=True)
    )
    costs = Fees(fees, shares, 0, 0 if is_new else _holding(plan, round_, draws))
    missing = -replace(plan, fees=costs).change
    if missing > 0:
        more = missing + draws.pick((0, 1, 100)) * create_fee(price)
        plan = replace(plan, inputs=(*plan.inputs, more))
    left = replace(plan, fees=costs).change
    return replace(plan, fees=replace(costs, change=min(create_fee(price), left)))


def _share(sender: str, output: Output, fee: Units, draws: Draws) -> Units:
    """The receiver's part; none where its coin would not cover that."""
    over, under = draws.pick(_SHARES)
    share = divided(fee * over, under)
    return share if output.receiver != sender and share < output.amount else 0


def _holding(plan: Transfer, round_: Round, draws: Draws) -> Units:
    """Return the inputs' holding fees, at most all of each input; a known input is new."""
    old = plan.inputs[1:] if plan.spends else plan.inputs
    return sum(min(amount, round_.holding_fee * draws.pick(_AGES)) for amount in old)
