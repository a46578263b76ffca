"""The DSO ends a coin whose holding fees have eaten it: all of it burns.

The first version's result gives the amount carried back to round zero, from 0.1.9 on also in its
metadata; the second's in the metadata alone.
"""

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import decimal_text, metadata_text
from mocks.canton_scan.plan import Expiry, Generation
from mocks.canton_scan.render.coins import config_state_id, metadata, open_round_id
from mocks.canton_scan.render.governance import dso_rules_choice
from mocks.canton_scan.render.holdings import burn_of, report
from mocks.canton_scan.templates import EXTERNAL_PARTY_CONFIG
from mocks.canton_scan.tree import Action, Exercise
from mocks.canton_scan.update import Update


def expiry(plan: Expiry, update: Update) -> tuple[Action, ...]:
    """A Super Validator has the DSO end the coin."""
    choice = "LockedAmulet_ExpireAmulet" if plan.is_locked else "Amulet_Expire"
    argument: wire.Json = {"roundCid": open_round_id(update)}
    if not plan.generation.nests:
        choice += "V2"
        before = update.network.contract("ExternalPartyConfigState before")
        states = (before, config_state_id(update))
        argument = {
            f"externalPartyConfigState{number}Cid": one for number, one in enumerate(states)
        }
    sv, coin = update.network.accounts.super_validator(update.draws), update.contract("expired")
    summed = {"expireSum": _summed(plan, update)}
    outer = dso_rules_choice(
        update, sv, choice, {"cid": coin, "choiceArg": argument, "sv": sv}, summed
    )
    ended = Exercise(
        templates.LOCKED_AMULET if plan.is_locked else templates.AMULET,
        coin,
        choice,
        argument,
        {**summed, **_burned(plan)},
        [update.network.dso],
        children=_reported(plan, coin, update),
        consuming=True,
    )
    return (outer.over(ended),)


def _summed(plan: Expiry, update: Update) -> wire.Json:
    """AmuletExpireSummary: `round` is that in which the coin was made."""
    if not plan.generation.nests:
        return {"owner": plan.owner}
    made_in, fee = max(0, update.round.number - plan.rounds), update.round.holding_fee
    return {
        "owner": plan.owner,
        "round": {"number": str(made_in)},
        "changeToInitialAmountAsOfRoundZero": decimal_text(-(plan.amount + fee * made_in)),
        "changeToHoldingFeesRate": decimal_text(-fee),
    }


def _burned(plan: Expiry) -> wire.Json:
    if plan.generation is Generation.FIRST:
        return {}
    return {"meta": metadata(tx_kind="expire-dust", burned=metadata_text(plan.amount))}


def _reported(plan: Expiry, coin: str, update: Update) -> tuple[Action, ...]:
    if not plan.generation.reports:
        return ()
    change = burn_of(coin, plan.amount, "expire dust")
    return (report(update, plan.owner, change, EXTERNAL_PARTY_CONFIG),)
