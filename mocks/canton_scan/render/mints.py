"""AmuletRules_DevNet_Tap and AmuletRules_Mint: new coin on test networks."""

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import decimal_text
from mocks.canton_scan.plan import Mint
from mocks.canton_scan.render.coins import coin, coin_summary, metadata, open_round_id, rules_id
from mocks.canton_scan.tree import Action, Exercise
from mocks.canton_scan.update import Update


def mint(plan: Mint, update: Update) -> Exercise:
    """A mint, or a tap of the faucet with the mint inside."""
    created = coin(update, "minted", plan.receiver, plan.amount)
    minted = _exercise(plan, update, "AmuletRules_Mint", (created,))
    return _exercise(plan, update, "AmuletRules_DevNet_Tap", (minted,)) if plan.tapped else minted


def _exercise(plan: Mint, update: Update, choice: str, children: tuple[Action, ...]) -> Exercise:
    is_tap = choice == "AmuletRules_DevNet_Tap"
    argument = {
        "receiver": plan.receiver,
        "amount": decimal_text(plan.amount),
        "openRound": open_round_id(update),
    }
    result: wire.Json = {"amuletSum": coin_summary(update, update.contract("minted"))}
    if is_tap:
        result["meta"] = metadata(tx_kind="mint", reason="tapped faucet")
    actors = [plan.receiver] if is_tap else [update.network.dso, plan.receiver]
    return Exercise(
        templates.AMULET_RULES, rules_id(update), choice, argument, result, actors, children
    )
