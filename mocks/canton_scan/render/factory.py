"""TransferFactory_Transfer of the token standard: settled at once, or an offer to accept."""

from typing import NamedTuple

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import Units, decimal_text
from mocks.canton_scan.render.coins import EMPTY_METADATA, metadata, open_round_id, rules_id
from mocks.canton_scan.tree import Action, Exercise
from mocks.canton_scan.update import Update


class Terms(NamedTuple):
    """What the factory is asked for; `coins` are the ids of the sender's coins to use."""

    sender: str
    receiver: str
    amount: Units
    coins: list[str]


def factory_transfer(
    update: Update,
    terms: Terms,
    output: wire.Json,
    *,
    has_change: bool,
    children: tuple[Action, ...],
) -> Exercise:
    """The factory's choice; ``output`` says what came of it."""
    return Exercise(
        templates.EXTERNAL_PARTY_RULES,
        update.network.contract("ExternalPartyAmuletRules"),
        "TransferFactory_Transfer",
        {
            "expectedAdmin": update.network.dso,
            "transfer": standard_transfer(update, terms),
            "extraArgs": extra_arguments(update),
        },
        {
            "output": output,
            "senderChangeCids": [update.contract("change")] if has_change else [],
            "meta": metadata(sender=terms.sender, tx_kind="transfer"),
        },
        [terms.sender],
        children=children,
        interface=templates.TRANSFER_FACTORY,
    )


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


def extra_arguments(update: Update) -> wire.Json:
    """The contracts that the registry discloses to the caller."""
    context = {
        "amulet-rules": {"tag": "AV_ContractId", "value": rules_id(update)},
        "open-round": {"tag": "AV_ContractId", "value": open_round_id(update)},
    }
    return {"context": {"values": context}, "meta": EMPTY_METADATA}
