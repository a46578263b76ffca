"""The token standard's factories on ExternalPartyAmuletRules, and their choices' arguments."""

from typing import NamedTuple

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import Units, decimal_text
from mocks.canton_scan.plan import Generation, Transfer
from mocks.canton_scan.render.coins import (
    EMPTY_METADATA,
    config_state_id,
    input_ids,
    metadata,
    open_round_id,
    rules_id,
    transfer_context,
)
from mocks.canton_scan.render.holdings import account
from mocks.canton_scan.render.summaries import burned_metadata
from mocks.canton_scan.render.transfers import rules_transfer, transfer_effects
from mocks.canton_scan.templates import EXTERNAL_PARTY_CONFIG, EXTERNAL_PARTY_RULES
from mocks.canton_scan.tree import Action, Exercise
from mocks.canton_scan.update import Update


class Terms(NamedTuple):
    """The transfer requested from the factory; `coins` are the ids of the sender's coins to use."""

    sender: str
    receiver: str
    amount: Units
    coins: list[str]
    generation: Generation


def terms_of(plan: Transfer, receiver: str, amount: Units, update: Update) -> Terms:
    """A transfer of the sender of ``plan``, paid by what that consumes."""
    return Terms(plan.sender, receiver, amount, input_ids(update, plan), plan.generation)


def factory_transfer(
    update: Update, terms: Terms, plan: Transfer, output: wire.Json, *children: Action
) -> Exercise:
    """The factory's choice; ``output`` is its outcome."""
    return Exercise(
        EXTERNAL_PARTY_RULES,
        external_rules_id(update),
        "TransferFactory_Transfer",
        {
            "expectedAdmin": update.network.dso,
            "transfer": standard_transfer(update, terms),
            "extraArgs": extra_arguments(update, terms.generation),
        },
        {
            "output": output,
            "senderChangeCids": [update.contract("change")] if plan.change else [],
            "meta": sender_metadata(plan),
        },
        [terms.sender],
        children=children,
        interface=templates.TRANSFER_FACTORY,
    )


def sender_metadata(plan: Transfer) -> wire.Json:
    """Return the sender, or the maximum burn if a nested AmuletRules_Transfer names the sender."""
    if plan.generation.nests:
        return {"values": burned_metadata(plan.fees.total)}
    return metadata(sender=plan.sender, tx_kind="transfer")


def joint_transfer(plan: Transfer, update: Update) -> Exercise:
    """The second version's, with both parties acting: it is paid at once."""
    (output,) = plan.outputs
    transfer = standard_transfer(update, terms_of(plan, output.receiver, output.amount, update))
    sides = {"sender": account(plan.sender), "receiver": account(output.receiver)}
    return Exercise(
        EXTERNAL_PARTY_RULES,
        external_rules_id(update),
        "TransferFactory_Transfer",
        {
            "transfer": {**transfer, **sides},
            "actors": [plan.sender, output.receiver],
            "extraArgs": extra_arguments(update, plan.generation),
        },
        {
            "output": completed(update),
            "senderChangeCids": [update.contract("change")] if plan.change else [],
            "meta": EMPTY_METADATA,
        },
        [plan.sender, output.receiver],
        children=transfer_effects(plan, update, log=EXTERNAL_PARTY_CONFIG),
        interface=templates.TRANSFER_FACTORY_V2,
    )


def merge(plan: Transfer, update: Update) -> Exercise:
    """A transfer to oneself by the factory."""
    (output,) = plan.outputs
    terms = terms_of(plan, plan.sender, output.amount, update)
    return factory_transfer(
        update, terms, plan, completed(update), *standard_effects(plan, update, None, "split")
    )


def standard_effects(
    plan: Transfer, update: Update, lock: wire.Json, reason: str
) -> tuple[Action, ...]:
    """Return a token standard choice's effects on coin: an AmuletRules_Transfer, or its own."""
    if plan.generation.nests:
        return (rules_transfer(plan, update, lock),)
    return transfer_effects(plan, update, lock=lock, log=EXTERNAL_PARTY_CONFIG, reason=reason)


def compute_fees(update: Update, terms: Terms, fee: Units) -> Exercise:
    """AmuletRules_ComputeFees: the fees of a transfer, computed before coin is locked for it."""
    output = {
        "receiver": terms.receiver,
        "receiverFeeRatio": decimal_text(0),
        "amount": decimal_text(terms.amount),
        "lock": None,
    }
    return Exercise(
        templates.AMULET_RULES,
        rules_id(update),
        "AmuletRules_ComputeFees",
        {
            "context": transfer_context(update, with_rewards=False),
            "sender": terms.sender,
            "outputs": [output],
            "expectedDso": update.network.dso,
        },
        {"fees": [decimal_text(fee)]},
        [terms.sender],
    )


def completed(update: Update) -> wire.Json:
    """The receiver holds the coin."""
    received = {"receiverHoldingCids": [update.contract("output 0")]}
    return {"tag": "TransferInstructionResult_Completed", "value": received}


def standard_transfer(update: Update, terms: Terms) -> wire.Json:
    """The token standard's description of a transfer."""
    return {
        "sender": terms.sender,
        "receiver": terms.receiver,
        "amount": decimal_text(terms.amount),
        "instrumentId": {"admin": update.network.dso, "id": "Amulet"},
        "requestedAt": update.later(-30),
        "executeBefore": update.later(86_400),
        "inputHoldingCids": terms.coins,
        "meta": EMPTY_METADATA,
    }


def external_rules_id(update: Update) -> str:
    """The contract id of the one ExternalPartyAmuletRules."""
    return update.network.contract("ExternalPartyAmuletRules")


def extra_arguments(
    update: Update, generation: Generation, *, expires_lock: bool | None = None
) -> wire.Json:
    """The contracts that the registry discloses to the caller."""
    if generation.nests:
        disclosed = {"amulet-rules": rules_id(update), "open-round": open_round_id(update)}
    else:
        disclosed = {"external-party-config-state": config_state_id(update)}
    context: wire.Json = {
        name: {"tag": "AV_ContractId", "value": contract_id}
        for name, contract_id in disclosed.items()
    }
    if expires_lock is not None:
        context["expire-lock"] = {"tag": "AV_Bool", "value": expires_lock}
    return {"context": {"values": context}, "meta": EMPTY_METADATA}
