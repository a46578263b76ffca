"""Sends to a receiver who has approved incoming transfers beforehand."""

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import decimal_text
from mocks.canton_scan.plan import Route, Transfer
from mocks.canton_scan.render.coins import (
    EMPTY_METADATA,
    config_state_id,
    metadata,
    rules_id,
    transfer_context,
)
from mocks.canton_scan.render.factory import completed, factory_transfer, terms_of
from mocks.canton_scan.render.summaries import burned_metadata
from mocks.canton_scan.render.transfers import (
    rules_transfer,
    transfer_effects,
    transfer_inputs,
    transfer_result,
)
from mocks.canton_scan.templates import EXTERNAL_PARTY_CONFIG
from mocks.canton_scan.tree import Action, Exercise
from mocks.canton_scan.update import Update

_DESCRIPTIONS = (
    None,
    None,
    "deposit-account-id",
    "invoice 2026-0417",
    "Rechnung Nr. 17 für März — danke",
    'memo "rent"\n2nd line \\ tab\t.',
    "支払い ¥ 1,200",
)


def preapproved_send(plan: Transfer, update: Update) -> Exercise:
    """The send itself, or the token standard's factory choice that leads to it."""
    sent = send(plan, update)
    if not plan.by_factory:
        return sent
    (output,) = plan.outputs
    terms = terms_of(plan, output.receiver, output.amount, update)
    return factory_transfer(update, terms, plan, completed(update), sent)


def send(plan: Transfer, update: Update) -> Exercise:
    """The choice on the receiver's preapproval."""
    (output,) = plan.outputs
    description = update.draws.pick(_DESCRIPTIONS)
    reason = {} if description is None else {"reason": description}
    values = metadata(sender=plan.sender, tx_kind="transfer", **reason)["values"]
    meta = {"values": {**burned_metadata(plan.fees.total), **values}}
    argument = {
        "context": _context(plan, update),
        "inputs": transfer_inputs(plan, update),
        "amount": decimal_text(output.amount),
        "sender": plan.sender,
        "description": description,
    }
    if plan.route is Route.PREAPPROVAL_V2:
        argument["meta"] = EMPTY_METADATA
    return Exercise(
        templates.TRANSFER_PREAPPROVAL,
        preapproval_id(output.receiver, update),
        plan.route.value,
        argument,
        {"result": transfer_result(plan, update, None), "meta": meta},
        [plan.sender],
        children=_effects(plan, update),
    )


def preapproval_id(receiver: str, update: Update) -> str:
    """The contract id of somebody's preapproval."""
    return update.network.contract(f"preapproval of {receiver}")


def _context(plan: Transfer, update: Update) -> wire.Json:
    if plan.route is Route.PREAPPROVAL:
        return payment_context(update)
    return {"externalPartyConfigState": config_state_id(update), "featuredAppRight": None}


def payment_context(update: Update) -> wire.Json:
    """AmuletRules and the rounds that a payment refers to."""
    context = transfer_context(update, with_rewards=False)
    return {"amuletRules": rules_id(update), "context": context}


def _effects(plan: Transfer, update: Update) -> tuple[Action, ...]:
    """The first version exercises AmuletRules_Transfer, the second does the same by itself."""
    if plan.route is Route.PREAPPROVAL:
        return (rules_transfer(plan, update),)
    return transfer_effects(plan, update, log=EXTERNAL_PARTY_CONFIG)
