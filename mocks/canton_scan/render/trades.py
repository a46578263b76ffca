"""Trades of the second token standard: allocations, and their settlement in one batch.

Coin moves net (each account's lock is archived, what it gains is created), legs are shown gross,
all those of an account in one report. Trees from the Daml sources (Splice.AmuletAllocationV2).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import Units, decimal_text
from mocks.canton_scan.plan import Funding, Generation, Leg, Settlement, Trade
from mocks.canton_scan.render.coins import (
    EMPTY_METADATA,
    coin,
    day_lock,
    locked_coin,
    metadata,
    spend,
)
from mocks.canton_scan.render.factory import external_rules_id, extra_arguments
from mocks.canton_scan.render.holdings import (
    BURNED,
    RECEIVER,
    SENDER,
    HoldingsChange,
    account,
    leg,
    report,
)
from mocks.canton_scan.templates import (
    ALLOCATION_V2,
    EXTERNAL_PARTY_CONFIG,
    EXTERNAL_PARTY_RULES,
    Template,
)
from mocks.canton_scan.tree import Action, Create, Exercise, archive
from mocks.canton_scan.update import Update, contract_of


@dataclass(frozen=True)
class Side:
    """One account's part in a settlement: its allocation and lock, its legs, what it is paid.

    `kept` is locked anew for a next round of the trade.
    """

    owner: str
    template: Template
    allocation: str
    lock: str | None
    legs: tuple[Leg, ...]
    paid: Units
    kept: Units = 0


def allocations(plan: Trade, update: Update) -> tuple[Action, ...]:
    """A root for each account that takes part: what it owes on balance is locked for itself."""
    return tuple(_allocate(plan, one, update) for one in plan.fundings)


def _allocate(plan: Trade, funding: Funding, update: Update) -> Exercise:
    owner, settlement = funding.owner, _settlement(plan.venue, _name(plan))
    coins = [update.contract(f"input {number} of {owner}") for number in range(len(funding.inputs))]
    made = update.contract(f"allocation of {owner}")
    change = sum(funding.inputs) - funding.locked
    locks = _lock(plan, funding, coins, change, update) if coins else ()
    lock = update.contract(f"lock of {owner}") if coins else None
    specified = _specification(plan.sides(owner), owner, funding.kept, update)
    created = _allocation(made, lock, settlement, specified, update)
    left = {"Amulet": [update.contract(f"change of {owner}")]} if change else {}
    return Exercise(
        EXTERNAL_PARTY_RULES,
        external_rules_id(update),
        "AllocationFactory_Allocate",
        {
            "settlement": settlement,
            "allocation": specified,
            "requestedAt": update.later(-30),
            "inputHoldingCids": coins,
            "actors": [owner],
            "extraArgs": extra_arguments(update, Generation.REPORTED),
        },
        {
            "output": {
                "tag": "AllocationInstructionResult_Completed",
                "value": {"allocationCid": made},
            },
            "authorizerChangeCids": left,
            "meta": metadata(sender=owner, tx_kind="transfer"),
        },
        [owner],
        children=(*locks, created),
        interface=templates.ALLOCATION_FACTORY_V2,
    )


def _lock(
    plan: Trade, funding: Funding, coins: list[str], change: Units, update: Update
) -> tuple[Action, ...]:
    owner, purpose = funding.owner, f"allocation for settlement of {_name(plan)}"
    lock = day_lock(update, purpose)
    locked = locked_coin(update, f"lock of {owner}", owner, funding.locked, lock)
    left = [coin(update, f"change of {owner}", owner, change)] if change else []
    meta = metadata(reason=f"lock for {purpose}")
    legs = [leg("leg0", side, account(owner), funding.locked, meta) for side in (SENDER, RECEIVER)]
    holdings = HoldingsChange(coins, legs, [one.contract_id for one in (*left, locked)])
    reported = report(update, owner, holdings, EXTERNAL_PARTY_CONFIG)
    return (*spend(update, owner, coins), locked, *left, reported)


def settlement(plan: Settlement, update: Update) -> tuple[Action, ...]:
    """The venue settles all legs."""
    trade = plan.trade
    sides = [
        Side(
            owner=one.owner,
            template=ALLOCATION_V2,
            allocation=_of_trade(trade, f"allocation of {one.owner}", update),
            lock=_of_trade(trade, f"lock of {one.owner}", update) if one.locked else None,
            legs=tuple(trade.sides(one.owner)),
            paid=max(0, trade.net(one.owner)),
            kept=one.kept,
        )
        for one in trade.fundings
    ]
    return (settle_batch(update, trade.venue, _name(trade), sides),)


def _of_trade(trade: Trade, name: str, update: Update) -> str:
    return contract_of(update.network, trade.index, name)


def settle_batch(update: Update, venue: str, name: str, sides: Sequence[Side]) -> Exercise:
    """SettlementFactory_SettleBatch, with an Allocation_Settle for each account."""
    all_legs = {one.name: one for side in sides for one in side.legs}
    allocated = [
        {
            "allocationCid": side.allocation,
            "extraTransferLegSides": [],
            "nextIterationFunding": _next_funding(side),
        }
        for side in sides
    ]
    extra = extra_arguments(update, Generation.REPORTED)
    settled = [_settled(side, venue, name, update) for side in sides]
    return Exercise(
        EXTERNAL_PARTY_RULES,
        external_rules_id(update),
        "SettlementFactory_SettleBatch",
        {
            "settlement": _settlement(venue, name),
            "transferLegs": [_leg(one) for one in all_legs.values()],
            "allocations": allocated,
            "actors": [venue],
            "extraArgs": extra,
        },
        {
            "allocationSettleResults": [one.result for one in settled],
            "meta": EMPTY_METADATA,
        },
        [venue],
        children=tuple(settled),
        interface=templates.SETTLEMENT_FACTORY,
    )


def _settled(side: Side, venue: str, name: str, update: Update) -> Exercise:
    owner, dso = side.owner, update.network.dso
    following = update.contract(f"next allocation of {owner}") if side.kept else None
    output = {
        "tag": "AllocationResult_Settled",
        "value": {"nextIterationAllocationCid": following},
    }
    made = _made(side, venue, name, update)
    holding_ids = [one.contract_id for one in made if one.template is not ALLOCATION_V2]
    reason = metadata(reason="settle allocation")
    change = HoldingsChange(
        [side.lock] if side.lock else [],
        [_seen_by(owner, one) for one in side.legs],
        holding_ids,
        reason,
    )
    signed_by = [dso, owner]
    locks = [archive(templates.LOCKED_AMULET, side.lock, signed_by)] if side.lock else []
    return Exercise(
        side.template,
        side.allocation,
        "Allocation_Settle",
        {
            "actors": [dso, venue],
            "extraTransferLegSides": [],
            "nextIterationFunding": _next_funding(side),
            "extraArgs": extra_arguments(update, Generation.REPORTED),
        },
        {
            "output": output,
            "authorizerHoldingCids": {"Amulet": holding_ids} if holding_ids else {},
            "meta": metadata(tx_kind="settle-V2-allocation", reason="settle V2 allocation"),
        },
        [dso, venue],
        children=(
            archive(side.template, side.allocation, signed_by),
            *locks,
            *made,
            report(update, owner, change, EXTERNAL_PARTY_CONFIG),
        ),
        interface=templates.ALLOCATION_INTERFACE_V2,
    )


def _made(side: Side, venue: str, name: str, update: Update) -> list[Create]:
    """Create the coin paid to the account, or the coin locked with its next allocation."""
    owner = side.owner
    if not side.kept:
        return [coin(update, f"payout of {owner}", owner, side.paid)] if side.paid else []
    lock = day_lock(update, f"allocation for settlement of {name}")
    locked = locked_coin(update, f"lock of {owner}", owner, side.kept, lock)
    following = _allocation(
        update.contract(f"next allocation of {owner}"),
        locked.contract_id,
        _settlement(venue, name),
        _specification((), owner, side.kept, update),
        update,
    )
    return [locked, following]


def _seen_by(owner: str, one: Leg) -> wire.Json:
    """A leg as the account writes it."""
    if one.sender != owner:
        return leg(one.name, RECEIVER, account(one.sender), one.amount)
    other = account(one.receiver) if one.receiver else BURNED
    return leg(one.name, SENDER, other, one.amount)


def _leg(one: Leg) -> wire.Json:
    return {
        "transferLegId": one.name,
        "sender": account(one.sender),
        "receiver": account(one.receiver) if one.receiver else BURNED,
        "amount": decimal_text(one.amount),
        "instrumentId": "Amulet",
        "meta": EMPTY_METADATA,
    }


def _next_funding(side: Side) -> wire.Json:
    return {"Amulet": decimal_text(side.kept)} if side.kept else None


def _name(plan: Trade) -> str:
    return f"OTC-{plan.index}"


def _settlement(venue: str, name: str) -> wire.Json:
    return {"executors": [venue], "id": name, "cid": None, "meta": EMPTY_METADATA}


def _specification(legs: Iterable[Leg], owner: str, kept: Units, update: Update) -> wire.Json:
    return {
        "admin": update.network.dso,
        "authorizer": account(owner),
        "transferLegSides": [_seen_by(owner, one) for one in legs],
        "settlementDeadline": None,
        "nextIterationFunding": {"Amulet": decimal_text(kept)} if kept else None,
        "committed": False,
        "meta": EMPTY_METADATA,
    }


def _allocation(
    contract_id: str,
    lock: str | None,
    settlement: wire.Json,
    specified: wire.Json,
    update: Update,
) -> Create:
    """An allocation; that for a next round of a trade has no legs yet."""
    arguments = {
        "lockedAmulet": lock,
        "settlement": settlement,
        "allocation": specified,
        "expiresAt": update.later(86_400),
        "numIterations": "0" if specified["transferLegSides"] else "1",
        "createdAt": update.effective_at,
    }
    owner = specified["authorizer"]["owner"]
    signed_by = [update.network.dso, owner]
    return Create(ALLOCATION_V2, contract_id, arguments, signed_by, settlement["executors"])
