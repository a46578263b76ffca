"""EventLog_HoldingsChange: how updates since Splice 0.6.11 report who got and gave what.

Shape from the Daml reference (Splice.Api.Token.TransferEventsV2, and executeTransfer' in
Splice.AmuletRules); no recorded payload of Scan has been seen.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import Units, decimal_text
from mocks.canton_scan.plan import Transfer
from mocks.canton_scan.render.coins import EMPTY_METADATA, input_ids, metadata, rules_id
from mocks.canton_scan.render.summaries import reward_metadata
from mocks.canton_scan.tree import Exercise
from mocks.canton_scan.update import Update

SENDER, RECEIVER = "SenderSide", "ReceiverSide"


@dataclass
class HoldingsChange:
    """What one account gave up and got in one update: coins by id, and the legs that explain it.

    No legs: coins were merged or split.
    """

    coins_in: list[str] = field(default_factory=list)
    legs: list[wire.Json] = field(default_factory=list)
    coins_out: list[str] = field(default_factory=list)


def leg(
    name: str, side: str, other: str | None, amount: Units, meta: wire.Json = EMPTY_METADATA
) -> wire.Json:
    """One side of a movement; ``other`` is the account across, None for a mint or burn."""
    return {
        "transferLegId": name,
        "side": side,
        "otherside": _account(other),
        "amount": decimal_text(amount),
        "instrumentId": "Amulet",
        "meta": meta,
    }


def report(update: Update, owner: str, change: HoldingsChange) -> Exercise:
    """The DSO reports a change to its owner. AmuletRules serves as the log."""
    return Exercise(
        templates.AMULET_RULES,
        rules_id(update),
        "EventLog_HoldingsChange",
        {
            "admin": update.network.dso,
            "account": _account(owner),
            "inputHoldingCids": change.coins_in,
            "transferLegSides": change.legs,
            "outputHoldingCids": change.coins_out,
            "observers": [owner],
            "extraArgs": {"context": EMPTY_METADATA, "meta": EMPTY_METADATA},
        },
        {},
        [update.network.dso],
        interface=templates.EVENT_LOG,
    )


def of_transfer(plan: Transfer, update: Update) -> list[Exercise]:
    """One report for each account that takes part, in the order of their names."""
    changes: dict[str, HoldingsChange] = defaultdict(HoldingsChange)
    sender = changes[plan.sender]
    sender.coins_in += input_ids(update, plan.inputs)
    if plan.rewards.total:
        meta = {
            "values": {**metadata(reason="mint rewards")["values"], **reward_metadata(plan.rewards)}
        }
        sender.legs.append(leg("mint", RECEIVER, None, plan.rewards.total, meta))
    for number, output in enumerate(plan.outputs):
        name = f"leg{number}"
        sender.legs.append(leg(name, SENDER, output.receiver, output.amount))
        changes[output.receiver].legs.append(leg(name, RECEIVER, plan.sender, output.amount))
        changes[output.receiver].coins_out.append(update.contract(f"output {number}"))
    if plan.change:
        sender.coins_out.append(update.contract("change"))
    return [report(update, owner, changes[owner]) for owner in sorted(changes)]


def _account(owner: str | None) -> wire.Json:
    return {"owner": owner, "provider": None, "id": ""}
