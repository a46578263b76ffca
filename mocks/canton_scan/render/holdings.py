"""EventLog_HoldingsChange: how updates since Splice 0.6.11 report who got and gave what.

Shape from the Daml reference (Splice.Api.Token.TransferEventsV2, and executeTransfer' in
Splice.AmuletRules); no recorded payload of Scan has been seen.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import Units, decimal_text
from mocks.canton_scan.plan import Transfer
from mocks.canton_scan.render.coins import (
    EMPTY_METADATA,
    config_state_id,
    input_ids,
    metadata,
    output_id,
    rules_id,
)
from mocks.canton_scan.render.summaries import reward_metadata
from mocks.canton_scan.templates import (
    AMULET_EVENT_LOG,
    AMULET_RULES,
    EXTERNAL_PARTY_CONFIG,
    Template,
)
from mocks.canton_scan.tree import Action, Create, Exercise, archive
from mocks.canton_scan.update import Update

SENDER, RECEIVER = "SenderSide", "ReceiverSide"


@dataclass
class HoldingsChange:
    """Coins that one account gave up and got in an update, by id, and the legs that explain it.

    No legs: coins were merged or split.
    """

    coins_in: list[str] = field(default_factory=list)
    legs: list[wire.Json] = field(default_factory=list)
    coins_out: list[str] = field(default_factory=list)
    meta: wire.Json = field(default_factory=lambda: EMPTY_METADATA)


def leg(
    name: str, side: str, other: wire.Json, amount: Units, meta: wire.Json = EMPTY_METADATA
) -> wire.Json:
    """One side of a movement; ``other`` is the account across, `MINTED` or `BURNED`."""
    return {
        "transferLegId": name,
        "side": side,
        "otherside": other,
        "amount": decimal_text(amount),
        "instrumentId": "Amulet",
        "meta": meta,
    }


def account(owner: str) -> wire.Json:
    """Somebody's account."""
    return {"owner": owner, "provider": None, "id": ""}


MINTED: wire.Json = {"owner": None, "provider": None, "id": "cip-112/mint"}
BURNED: wire.Json = {"owner": None, "provider": None, "id": "cip-112/burn"}


def report(
    update: Update, owner: str, change: HoldingsChange, log: Template = AMULET_RULES
) -> Exercise:
    """The DSO reports a change to its owner, on the contract of this template."""
    return Exercise(
        log,
        _log_id(update, log, owner),
        "EventLog_HoldingsChange",
        {
            "admin": update.network.dso,
            "account": account(owner),
            "inputHoldingCids": change.coins_in,
            "transferLegSides": change.legs,
            "outputHoldingCids": change.coins_out,
            "observers": [owner],
            "extraArgs": {"context": EMPTY_METADATA, "meta": change.meta},
        },
        {},
        [update.network.dso],
        interface=templates.EVENT_LOG,
    )


def _log_id(update: Update, log: Template, owner: str) -> str:
    if log is AMULET_RULES:
        return rules_id(update)
    if log is EXTERNAL_PARTY_CONFIG:
        return config_state_id(update)
    return update.contract(f"log of {owner}")


def passing_log(update: Update, owner: str, change: HoldingsChange) -> tuple[Action, ...]:
    """A report on a contract that is made for it and archived: that of an unlock."""
    dso = update.network.dso
    contract_id = _log_id(update, AMULET_EVENT_LOG, owner)
    return (
        Create(AMULET_EVENT_LOG, contract_id, {"dso": dso}, [dso]),
        report(update, owner, change, AMULET_EVENT_LOG),
        archive(AMULET_EVENT_LOG, contract_id, [dso]),
    )


def burn_of(contract_id: str, amount: Units, reason: str) -> HoldingsChange:
    """A coin ceases."""
    return HoldingsChange(
        [contract_id], [leg("burn", SENDER, BURNED, amount, metadata(reason=reason))]
    )


def of_transfer(
    plan: Transfer, update: Update, log: Template, reason: str | None = None
) -> list[Exercise]:
    """One report for each account that takes part, in the order of their names.

    What goes to oneself has both sides in one report, with its ``reason``; the DSO has none: what
    it gets is burned.
    """
    changes: dict[str, HoldingsChange] = defaultdict(HoldingsChange)
    sender, dso = changes[plan.sender], update.network.dso
    sender.coins_in += input_ids(update, plan)
    if plan.rewards.total:
        meta = {
            "values": {**metadata(reason="mint rewards")["values"], **reward_metadata(plan.rewards)}
        }
        sender.legs.append(leg("mint", RECEIVER, MINTED, plan.rewards.total, meta))
    if plan.change:
        sender.coins_out.append(update.contract("change"))
    meta = metadata(reason=reason) if reason else EMPTY_METADATA
    for number, output in enumerate(plan.outputs):
        name, to_dso = f"leg{number}", output.receiver == dso
        other = BURNED if to_dso else account(output.receiver)
        sender.legs.append(leg(name, SENDER, other, output.amount, meta))
        if not to_dso:
            receiver = changes[output.receiver]
            receiver.legs.append(leg(name, RECEIVER, account(plan.sender), output.amount, meta))
            receiver.coins_out.append(output_id(update, plan, number))
    return [report(update, owner, changes[owner], log) for owner in sorted(changes)]
