"""Offers of coin and their answers: transfer instructions of the token standard.

An offer locks the coin; the receiver accepts or rejects it, or the sender withdraws it. Either way
the lock is opened first, which makes the sender's coin appear for a moment. Trees from the Daml
source (Splice.Amulet.TwoStepTransfer); up to Splice 0.5.15 the steps were AmuletRules_Transfers.
"""

from mocks.canton_scan import templates, wire
from mocks.canton_scan.plan import Offer, Outcome, Output, Settlement, Transfer
from mocks.canton_scan.render.coins import (
    EMPTY_METADATA,
    coin,
    coin_summary,
    day_lock,
    input_ids,
    metadata,
    open_round_id,
)
from mocks.canton_scan.render.factory import (
    Terms,
    extra_arguments,
    factory_transfer,
    standard_transfer,
)
from mocks.canton_scan.render.transfers import rules_transfer, transfer_effects
from mocks.canton_scan.tree import Action, Create, Exercise
from mocks.canton_scan.update import Update, contract_of

_LOCKED, _INSTRUCTION = "output 0", "instruction"  # contracts of an offer
_UNLOCKED = "input 0"  # contract of its answer: an acceptance spends it


def offer(plan: Offer, update: Update) -> Exercise:
    """The sender locks the coin and instructs its transfer."""
    terms = Terms(plan.sender, plan.receiver, plan.amount, input_ids(update, plan.inputs))
    locking = Transfer(
        plan.sender,
        plan.inputs,
        (Output(plan.sender, plan.amount),),
        reports_holdings=plan.reports_holdings,
    )
    lock = day_lock(update, f"transfer to '{plan.receiver}'")
    steps: tuple[Action, ...]
    if plan.nests_transfer:
        steps = (rules_transfer(locking, update, lock),)
    else:
        steps = transfer_effects(locking, update, lock)
    pending = {"transferInstructionCid": update.contract(_INSTRUCTION)}
    return factory_transfer(
        update,
        terms,
        {"tag": "TransferInstructionResult_Pending", "value": pending},
        has_change=locking.change > 0,
        children=(*steps, _instruction(terms, update)),
    )


def _instruction(terms: Terms, update: Update) -> Create:
    arguments = {
        "lockedAmulet": update.contract(_LOCKED),
        "transfer": standard_transfer(update, terms),
    }
    signatories = [update.network.dso, terms.sender]
    contract_id = update.contract(_INSTRUCTION)
    observers = [terms.receiver]
    return Create(templates.TRANSFER_INSTRUCTION, contract_id, arguments, signatories, observers)


def settlement(plan: Settlement, update: Update) -> Exercise:
    """The receiver accepts or rejects the offer, or the sender withdraws it."""
    offer_made = plan.offer
    withdrawn = plan.outcome is Outcome.WITHDRAWN
    return Exercise(
        templates.TRANSFER_INSTRUCTION,
        contract_of(update.network, offer_made.index, _INSTRUCTION),
        plan.outcome.value,
        {"extraArgs": extra_arguments(update)},
        _result(plan, update),
        [offer_made.sender if withdrawn else offer_made.receiver],
        children=(_unlock(offer_made, update), *_payment(plan, update)),
        consuming=True,
        interface=templates.TRANSFER_INSTRUCTION_INTERFACE,
    )


def _result(plan: Settlement, update: Update) -> wire.Json:
    if plan.outcome is not Outcome.ACCEPTED:
        return {
            "output": {"tag": "TransferInstructionResult_Failed", "value": {}},
            "senderChangeCids": [update.contract(_UNLOCKED)],
            "meta": EMPTY_METADATA,
        }
    received = {"receiverHoldingCids": [update.contract("output 0")]}
    burned = metadata(burned="0.0")
    named = metadata(sender=plan.offer.sender, tx_kind="transfer")
    return {
        "output": {"tag": "TransferInstructionResult_Completed", "value": received},
        "senderChangeCids": [],
        "meta": burned if plan.offer.nests_transfer else named,
    }


def _unlock(plan: Offer, update: Update) -> Exercise:
    return Exercise(
        templates.LOCKED_AMULET,
        contract_of(update.network, plan.index, _LOCKED),
        "LockedAmulet_Unlock" if plan.nests_transfer else "LockedAmulet_UnlockV2",
        {"openRoundCid": open_round_id(update)} if plan.nests_transfer else {},
        {"amuletSum": coin_summary(update, update.contract(_UNLOCKED)), "meta": EMPTY_METADATA},
        [update.network.dso, plan.sender],
        children=(coin(update, _UNLOCKED, plan.sender, plan.amount),),
        consuming=True,
    )


def _payment(plan: Settlement, update: Update) -> tuple[Action, ...]:
    if plan.outcome is not Outcome.ACCEPTED:
        return ()
    made = plan.offer
    paid = Transfer(
        made.sender,
        (made.amount,),
        (Output(made.receiver, made.amount),),
        reports_holdings=made.reports_holdings,
    )
    if made.nests_transfer:
        return (rules_transfer(paid, update),)
    return transfer_effects(paid, update)
