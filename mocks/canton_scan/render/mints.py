"""AmuletRules_DevNet_Tap and AmuletRules_Mint: new coin on test networks."""

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import decimal_text
from mocks.canton_scan.plan import Mint
from mocks.canton_scan.render.coins import coin, coin_summary, metadata, open_round_id, rules_id
from mocks.canton_scan.render.holdings import MINTED, RECEIVER, HoldingsChange, leg, report
from mocks.canton_scan.tree import Action, Exercise
from mocks.canton_scan.update import Update

_TAPPED, _MINTED = "tapped DevNet faucet", "minted for a test"


def mint(plan: Mint, update: Update) -> tuple[Action, ...]:
    """A mint, or a tap of the faucet with the mint inside."""
    created = coin(update, "minted", plan.receiver, plan.amount)
    reason = _TAPPED if plan.tapped else _MINTED
    children: tuple[Action, ...] = (created,)
    if plan.generation.reports:
        legs = [leg("mint", RECEIVER, MINTED, plan.amount, metadata(reason=reason))]
        change = HoldingsChange([], legs, [created.contract_id])
        children = (created, report(update, plan.receiver, change))
    minted = _exercise(plan, update, "AmuletRules_Mint", children)
    if plan.generation.reports:
        minted.argument["reason"] = reason
    if not plan.tapped:
        return (minted,)
    return (_exercise(plan, update, "AmuletRules_DevNet_Tap", (minted,)),)


def _exercise(plan: Mint, update: Update, choice: str, children: tuple[Action, ...]) -> Exercise:
    is_tap = choice == "AmuletRules_DevNet_Tap"
    argument = {
        "receiver": plan.receiver,
        "amount": decimal_text(plan.amount),
        "openRound": open_round_id(update),
    }
    result: wire.Json = {"amuletSum": coin_summary(update, update.contract("minted"))}
    if is_tap:
        result["meta"] = metadata(tx_kind="mint", reason=_TAPPED)
    actors = [plan.receiver] if is_tap else [update.network.dso, plan.receiver]
    return Exercise(
        templates.AMULET_RULES, rules_id(update), choice, argument, result, actors, children
    )
