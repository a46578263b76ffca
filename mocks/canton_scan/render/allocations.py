"""Allocations of the first token standard: coin is locked for one leg of a settlement.

Its executor has the leg paid, alone or (in the second version) in a batch; or the allocation is
called off, which Scan never reported as an abort. Trees from the Daml source
(Splice.AmuletAllocation).
"""

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import decimal_text
from mocks.canton_scan.plan import Answer, Leg, Outcome, Promise
from mocks.canton_scan.render.coins import EMPTY_METADATA, day_lock
from mocks.canton_scan.render.factory import (
    compute_fees,
    external_rules_id,
    extra_arguments,
    sender_metadata,
    standard_effects,
    terms_of,
)
from mocks.canton_scan.render.governance import dso_rules_choice
from mocks.canton_scan.render.instructions import reserve
from mocks.canton_scan.render.locks import LOCKED, UNLOCKED, locked_id, unlock
from mocks.canton_scan.render.trades import Side, settle_batch
from mocks.canton_scan.templates import EXTERNAL_PARTY_RULES
from mocks.canton_scan.tree import Action, Create, Exercise
from mocks.canton_scan.update import Update, contract_of

_ALLOCATION = "allocation"
_LEG = "leg-1"


def allocation(plan: Promise, update: Update) -> tuple[Action, ...]:
    """The sender locks coin for itself and allocates it."""
    locking = plan.locking
    terms = terms_of(locking, plan.receiver, plan.amount, update)
    purpose = f"allocation for settlement of {_settlement_id(plan)}"
    fees = [compute_fees(update, terms, reserve(plan))] if plan.generation.nests else []
    lock = day_lock(update, purpose)
    steps = standard_effects(locking, update, lock, f"lock for {purpose}")
    allocated = _specification(plan, update)
    made = Create(
        templates.ALLOCATION,
        update.contract(_ALLOCATION),
        {"lockedAmulet": update.contract(LOCKED), "allocation": allocated},
        [update.network.dso, plan.sender],
        [_executor(plan, update)],
    )
    argument = {
        "expectedAdmin": update.network.dso,
        "allocation": allocated,
        "requestedAt": update.later(-30),
        "inputHoldingCids": terms.coins,
        "extraArgs": extra_arguments(update, plan.generation),
    }
    completed = {"allocationCid": update.contract(_ALLOCATION)}
    result = {
        "output": {"tag": "AllocationInstructionResult_Completed", "value": completed},
        "senderChangeCids": [update.contract("change")] if locking.change else [],
        "meta": sender_metadata(locking),
    }
    choice = Exercise(
        EXTERNAL_PARTY_RULES,
        external_rules_id(update),
        "AllocationFactory_Allocate",
        argument,
        result,
        [plan.sender],
        children=(*fees, *steps, made),
        interface=templates.ALLOCATION_FACTORY,
    )
    return (choice,)


def answered_allocation(plan: Answer, update: Update) -> tuple[Action, ...]:
    """Executed, settled in a batch, called off, or ended by the DSO."""
    if plan.by_v2:
        return (_batched(plan, update),)
    if plan.outcome is Outcome.EXPIRED:
        return (_ended_by_dso(plan, update),)
    made = plan.promise
    executor = _executor(made, update)
    choices = {
        Outcome.PAID: ("ExecuteTransfer", sorted({executor, made.sender, made.receiver})),
        Outcome.WITHDRAWN: ("Withdraw", [made.sender]),
        Outcome.REJECTED: ("Cancel", sorted({executor, made.sender, made.receiver})),
    }
    name, actors = choices[plan.outcome]
    result = _executed(plan, update) if plan.paying else _freed(update)
    choice = Exercise(
        templates.ALLOCATION,
        _allocation_id(made, update),
        f"Allocation_{name}",
        {"extraArgs": extra_arguments(update, plan.generation, expires_lock=True)},
        result,
        actors,
        children=(unlock(made, plan.generation, update), *_payment(plan, update)),
        consuming=True,
        interface=templates.ALLOCATION_INTERFACE,
    )
    return (choice,)


def _payment(plan: Answer, update: Update) -> tuple[Action, ...]:
    return standard_effects(plan.paying, update, None, "") if plan.paying else ()


def _executed(plan: Answer, update: Update) -> wire.Json:
    paying = plan.paying
    has_change = paying is not None and paying.change > 0
    return {
        "senderHoldingCids": [update.contract("change")] if has_change else [],
        "receiverHoldingCids": [update.contract("output 0")],
        "meta": sender_metadata(paying) if paying else EMPTY_METADATA,
    }


def _freed(update: Update) -> wire.Json:
    return {"senderHoldingCids": [update.contract(UNLOCKED)], "meta": EMPTY_METADATA}


def _ended_by_dso(plan: Answer, update: Update) -> Exercise:
    """A Super Validator has the DSO end allocations that have expired, here one."""
    made, dso = plan.promise, update.network.dso
    sv, allocated = (
        update.network.accounts.super_validator(update.draws),
        _allocation_id(made, update),
    )
    freed = _freed(update)
    ended = Exercise(
        templates.ALLOCATION,
        allocated,
        "AmuletAllocation_DsoExpire",
        {"expireLock": True},
        freed,
        [dso],
        children=(unlock(made, plan.generation, update),),
        consuming=True,
    )
    request = {
        "expectedDso": dso,
        "inputs": [{"allocationCid": allocated, "expireLock": True}],
        "observers": sorted({made.sender, _executor(made, update)}),
    }
    below = Exercise(
        EXTERNAL_PARTY_RULES,
        external_rules_id(update),
        "ExternalPartyAmuletRules_ExpireAmuletAllocations",
        request,
        {"results": [freed]},
        [dso],
        children=(ended,),
    )
    argument = {
        "extAmuletRulesCid": external_rules_id(update),
        "expireAllocations": request,
        "sv": sv,
    }
    outer = dso_rules_choice(
        update, sv, "ExpireAmuletAllocations", argument, {"result": {"results": [freed]}}
    )
    return outer.over(below)


def _batched(plan: Answer, update: Update) -> Exercise:
    """Settled by the second version: the lock is archived, not opened, and the receiver is paid."""
    made = plan.promise
    leg = Leg(_LEG, made.sender, made.receiver, made.amount)
    sides = [
        Side(
            owner=made.sender,
            template=templates.ALLOCATION,
            allocation=_allocation_id(made, update),
            lock=locked_id(made, update),
            legs=(leg,),
            paid=made.locked - made.amount,
        ),
        Side(
            owner=made.receiver,
            template=templates.ALLOCATION_V2,
            allocation=update.contract("allocation of the receiver"),
            lock=None,
            legs=(leg,),
            paid=made.amount,
        ),
    ]
    return settle_batch(update, _executor(made, update), _settlement_id(made), sides)


def _allocation_id(made: Promise, update: Update) -> str:
    return contract_of(update.network, made.index, _ALLOCATION)


def _executor(made: Promise, update: Update) -> str:
    """The venue of a settlement."""
    draws = update.network.seed.draws(f"executor {made.index}")
    return update.network.accounts.account_but(made.sender, draws)


def _settlement_id(made: Promise) -> str:
    return f"OTC-{made.index}"


def _specification(plan: Promise, update: Update) -> wire.Json:
    dso = update.network.dso
    return {
        "settlement": {
            "executor": _executor(plan, update),
            "settlementRef": {"id": _settlement_id(plan), "cid": None},
            "requestedAt": update.later(-60),
            "allocateBefore": update.later(43_200),
            "settleBefore": update.later(86_400),
            "meta": EMPTY_METADATA,
        },
        "transferLegId": _LEG,
        "transferLeg": {
            "sender": plan.sender,
            "receiver": plan.receiver,
            "amount": decimal_text(plan.amount),
            "instrumentId": {"admin": dso, "id": "Amulet"},
            "meta": EMPTY_METADATA,
        },
    }
