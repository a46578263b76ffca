"""Plans of trades: several accounts that settle what they owe each other in one update."""

from mocks.canton_scan.accounts import Accounts
from mocks.canton_scan.draws import Draws
from mocks.canton_scan.plan import Funding, Leg, Trade
from mocks.canton_scan.spending import amount_of, inputs_for


def trade(index: int, accounts: Accounts, draws: Draws) -> Trade:
    """Two or three accounts in a ring, now and then with a leg that burns; a venue executes it."""
    members = [accounts.account(draws)]
    for _ in range(draws.between(1, 2)):
        members.append(_another(accounts, members, draws))
    receivers = [*members[1:], members[0]]
    legs = [
        Leg(f"l{number}", sender, receiver, amount_of(draws))
        for number, (sender, receiver) in enumerate(zip(members, receivers, strict=True), 1)
    ]
    if draws.one_in(3):
        legs.append(Leg(f"l{len(legs) + 1}", members[0], None, amount_of(draws)))
    if draws.one_in(3):
        del legs[1]
    bare = Trade(index, _another(accounts, members, draws), tuple(legs), ())
    fundings = tuple(_funding(bare, owner, draws) for owner in members if bare.sides(owner))
    return Trade(index, bare.venue, bare.legs, fundings)


def _another(accounts: Accounts, members: list[str], draws: Draws) -> str:
    found = members[0]
    while found in members:
        found = accounts.account(draws)
    return found


def _funding(of: Trade, owner: str, draws: Draws) -> Funding:
    """Plan the coin an account needs on balance; one in five locks more for a next round."""
    need = max(0, -of.net(owner))
    kept = amount_of(draws) if need and draws.one_in(5) else 0
    inputs = inputs_for(need + kept, draws) if need else ()
    return Funding(owner, need, kept, inputs)
