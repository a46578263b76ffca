"""Sends to a receiver who has approved incoming transfers beforehand."""

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import decimal_text
from mocks.canton_scan.plan import Route, Transfer
from mocks.canton_scan.render.coins import (
    EMPTY_METADATA,
    config_state_id,
    input_ids,
    metadata,
    rules_id,
    transfer_context,
)
from mocks.canton_scan.render.factory import Terms, factory_transfer
from mocks.canton_scan.render.transfers import (
    rules_transfer,
    transfer_effects,
    transfer_inputs,
    transfer_result,
)
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
    description = update.draws.pick(_DESCRIPTIONS)
    send = _send(plan, update, description)
    if not plan.by_factory:
        return send
    (output,) = plan.outputs
    coins = input_ids(update, plan.inputs)
    return factory_transfer(
        update,
        Terms(plan.sender, output.receiver, output.amount, coins),
        {
            "tag": "TransferInstructionResult_Completed",
            "value": {"receiverHoldingCids": [update.contract("output 0")]},
        },
        has_change=plan.change > 0,
        children=(send,),
    )


def _send(plan: Transfer, update: Update, description: str | None) -> Exercise:
    (output,) = plan.outputs
    reason = {} if description is None else {"reason": description}
    meta = metadata(sender=plan.sender, tx_kind="transfer", **reason)
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
        update.network.contract(f"preapproval of {output.receiver}"),
        plan.route.value,
        argument,
        {"result": transfer_result(plan, update, None), "meta": meta},
        [plan.sender],
        children=_effects(plan, update),
    )


def _context(plan: Transfer, update: Update) -> wire.Json:
    if plan.route is Route.PREAPPROVAL:
        context = transfer_context(update, with_rewards=False)
        return {"amuletRules": rules_id(update), "context": context}
    return {"externalPartyConfigState": config_state_id(update), "featuredAppRight": None}


def _effects(plan: Transfer, update: Update) -> tuple[Action, ...]:
    """The first version exercises AmuletRules_Transfer, the second does the same by itself."""
    if plan.route is Route.PREAPPROVAL:
        return (rules_transfer(plan, update),)
    return transfer_effects(plan, update)
