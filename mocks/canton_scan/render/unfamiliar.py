"""Templates and choices that no reader has seen: upgrades bring them at any time.

They must be counted and passed over, and never mistaken for a movement of coin.
"""

from msgspec import structs

from mocks.canton_scan import wire
from mocks.canton_scan.amounts import COIN
from mocks.canton_scan.draws import Draws
from mocks.canton_scan.render.holdings import RECEIVER, HoldingsChange, account, leg, report
from mocks.canton_scan.templates import Template
from mocks.canton_scan.tree import Create, Exercise
from mocks.canton_scan.update import Update

_NOUNS = ("Escrow", "Ballot", "Lease", "Ticket", "Quota", "Beacon", "Covenant", "Ledgerette")
_TEXT = "naïve “text” \u2028 with\ttabs"  # U+2028 is no line break in JSON, but is to splitlines()
_VERBS = ("Renew", "Tally", "Split", "Transfer", "Seal", "Reject", "Mint")


def novelty(update: Update) -> Exercise:
    """A choice that sounds like others (``Ticket_Transfer``), of an unknown package."""
    draws = update.draws
    noun, verb = draws.pick(_NOUNS), draws.pick(_VERBS)
    package = f"mock-{noun.lower()}-{draws.between(1, 99)}"
    template = Template(package, f"Mock.{noun}{draws.between(1, 999)}:{noun}")
    owner, dso = update.network.accounts.account(draws), update.network.dso
    created = Create(
        template,
        update.contract("novelty"),
        {"admin": dso, "owner": owner, "terms": _value(draws, depth=3)},
        [dso, owner],
    )
    return Exercise(
        template,
        update.contract("novelty before"),
        f"{noun}_{verb}",
        {"amount": "7.0000000000", "arguments": _value(draws, depth=2)},
        _value(draws, depth=1),
        [owner],
        (created,),
        consuming=draws.one_in(2),
    )


def foreign_holdings(update: Update) -> Exercise:
    """Another issuer reports a transfer of its own token, which may be called Amulet too."""
    draws, find = update.draws, update.network.accounts.account
    issuer, owner = find(draws), find(draws)
    sender = update.network.accounts.account_but(owner, draws)
    moved = leg("", RECEIVER, account(sender), 7 * COIN)
    moved["instrumentId"] = draws.pick(("Amulet", "MOCK"))
    change = HoldingsChange([], [moved], [update.contract("holding")])
    by_dso = report(update, owner, change)
    return structs.replace(
        by_dso,
        template=Template("mock-token", "Mock.Token:TokenRules"),
        contract_id=update.network.contract(f"token rules of {issuer}"),
        argument={**by_dso.argument, "admin": issuer},
        actors=[issuer],
    )


def _value(draws: Draws, depth: int) -> wire.Json:
    """Any Daml value: null, Bool, Text, Int, a list, a record, a variant."""
    plain: tuple[wire.Json, ...] = (None, True, _TEXT, "42", [], {})
    if depth == 0:
        return draws.pick(plain)
    nested: tuple[wire.Json, ...] = (
        [_value(draws, depth - 1) for _ in range(draws.between(1, 3))],
        {f"field{number}": _value(draws, depth - 1) for number in range(draws.between(1, 4))},
        {"tag": "Variant", "value": _value(draws, depth - 1)},
        draws.pick(plain),
    )
    return draws.pick(nested)
