"""Offers of coin and their answers: transfer instructions of the token standard.

An offer locks the coin; the receiver accepts or rejects it, the sender withdraws it, or the DSO
ends it. Either way the lock is opened first, which makes the sender's coin appear for a moment.
Trees from the Daml source (Splice.Amulet.TwoStepTransfer). The second version's choices contain
those of the first.
"""

from mocks.canton_scan import templates, wire
from mocks.canton_scan.plan import Answer, Outcome, Promise
from mocks.canton_scan.render.coins import EMPTY_METADATA, day_lock, rules_id
from mocks.canton_scan.render.factory import (
    Terms,
    completed,
    compute_fees,
    extra_arguments,
    factory_transfer,
    sender_metadata,
    standard_effects,
    standard_transfer,
    terms_of,
)
from mocks.canton_scan.render.governance import dso_rules_choice
from mocks.canton_scan.render.locks import LOCKED, UNLOCKED, unlock
from mocks.canton_scan.tree import Action, Create, Exercise
from mocks.canton_scan.update import Update, contract_of

_INSTRUCTION = "instruction"
_CHOICES = {
    Outcome.PAID: "TransferInstruction_Accept",
    Outcome.REJECTED: "TransferInstruction_Reject",
    Outcome.WITHDRAWN: "TransferInstruction_Withdraw",
    Outcome.EXPIRED: "TransferInstruction_Update",
}
_FAILED: wire.Json = {"tag": "TransferInstructionResult_Failed", "value": {}}


def offer(plan: Promise, update: Update) -> tuple[Action, ...]:
    """The sender locks the coin and instructs its transfer."""
    locking = plan.locking
    terms = terms_of(locking, plan.receiver, plan.amount, update)
    lock = day_lock(update, f"transfer to '{plan.receiver}'")
    fees = [compute_fees(update, terms, reserve(plan))] if plan.generation.nests else []
    steps = standard_effects(locking, update, lock, f"lock for transfer to '{plan.receiver}'")
    pending = {"transferInstructionCid": update.contract(_INSTRUCTION)}
    output = {"tag": "TransferInstructionResult_Pending", "value": pending}
    made = _instruction(terms, update)
    return (factory_transfer(update, terms, locking, output, *fees, *steps, made),)


def reserve(plan: Promise) -> int:
    """The fee that was expected: a quarter of what is locked beyond the amount."""
    return (plan.locked - plan.amount) // 4


def _instruction(terms: Terms, update: Update) -> Create:
    locked = update.contract(LOCKED)
    transfer = standard_transfer(update, terms._replace(coins=[locked]))
    return Create(
        templates.TRANSFER_INSTRUCTION,
        update.contract(_INSTRUCTION),
        {"lockedAmulet": locked, "transfer": transfer},
        [update.network.dso, terms.sender],
        [terms.receiver],
    )


def answered_offer(plan: Answer, update: Update) -> tuple[Action, ...]:
    """The choice on the instruction, within that of the DSO or the second version if so planned."""
    inner = _choice(plan, update)
    if plan.outcome is Outcome.EXPIRED:
        return (_ended_by_dso(plan, inner, update),)
    return (_second_version(inner) if plan.by_v2 else inner,)


def _choice(plan: Answer, update: Update) -> Exercise:
    made, outcome = plan.promise, plan.outcome
    extra = extra_arguments(update, plan.generation, expires_lock=True)
    is_ended = outcome is Outcome.EXPIRED
    paid = standard_effects(plan.paying, update, None, "") if plan.paying else ()
    return Exercise(
        templates.TRANSFER_INSTRUCTION,
        contract_of(update.network, made.index, _INSTRUCTION),
        _CHOICES[outcome],
        {"extraActors": [], "extraArgs": extra} if is_ended else {"extraArgs": extra},
        _result(plan, update),
        [_actor(plan, update)],
        children=(unlock(made, plan.generation, update), *paid),
        consuming=True,
        interface=templates.TRANSFER_INSTRUCTION_INTERFACE,
    )


def _actor(plan: Answer, update: Update) -> str:
    match plan.outcome:
        case Outcome.WITHDRAWN:
            return plan.promise.sender
        case Outcome.EXPIRED:
            return update.network.dso
        case _:
            return plan.promise.receiver


def _result(plan: Answer, update: Update) -> wire.Json:
    if plan.paying is None:
        return {
            "output": _FAILED,
            "senderChangeCids": [update.contract(UNLOCKED)],
            "meta": EMPTY_METADATA,
        }
    return {
        "output": completed(update),
        "senderChangeCids": [update.contract("change")] if plan.paying.change else [],
        "meta": sender_metadata(plan.paying),
    }


def _second_version(inner: Exercise) -> Exercise:
    """The second version's choice, which does not consume the instruction, around the first's."""
    return Exercise(
        inner.template,
        inner.contract_id,
        inner.choice,
        {"actors": inner.actors, **inner.argument},
        inner.result,
        inner.actors,
        children=(inner,),
        interface=templates.TRANSFER_INSTRUCTION_INTERFACE_V2,
    )


def _ended_by_dso(plan: Answer, inner: Exercise, update: Update) -> Exercise:
    """A Super Validator has the DSO end offers that have expired, here one."""
    made, dso = plan.promise, update.network.dso
    sv = update.network.accounts.super_validator(update.draws)
    ended = {
        "expectedDso": dso,
        "inputs": [{"transferInstructionCid": inner.contract_id, "expireLock": True}],
        "observers": sorted([made.sender, made.receiver]),
    }
    results = {"results": [inner.result]}
    choice = "Amulet_ExpireTransferInstructions"
    below = Exercise(
        templates.AMULET_RULES,
        rules_id(update),
        f"AmuletRules_{choice}",
        ended,
        results,
        [dso],
        children=(inner,),
    )
    argument = {"amuletRulesCid": rules_id(update), "transferInsts": ended, "sv": sv}
    return dso_rules_choice(update, sv, choice, argument, {"result": results}).over(below)
