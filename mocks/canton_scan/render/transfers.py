"""AmuletRules_Transfer, and what every transfer has in common with it."""

from mocks.canton_scan import wire
from mocks.canton_scan.amounts import decimal_text, divided
from mocks.canton_scan.plan import Generation, Transfer
from mocks.canton_scan.render import holdings
from mocks.canton_scan.render.claims import claims
from mocks.canton_scan.render.coins import (
    EMPTY_METADATA,
    coin,
    coin_of_id,
    input_ids,
    locked_coin,
    output_id,
    rules_id,
    spend,
    transfer_context,
)
from mocks.canton_scan.render.summaries import summary, transfer_metadata
from mocks.canton_scan.templates import AMULET_RULES, Template
from mocks.canton_scan.tree import Action, Create, Exercise
from mocks.canton_scan.update import Update

_WHOLE = 10**10


def rules_transfer(plan: Transfer, update: Update, lock: wire.Json = None) -> Exercise:
    """AmuletRules_Transfer: coins and rewards in; outputs (locked if requested) and change out."""
    is_first = plan.generation is Generation.FIRST
    transfer = {
        "sender": plan.sender,
        "provider": plan.sender,
        "inputs": transfer_inputs(plan, update),
        "outputs": _outputs(plan, lock),
    }
    argument = {
        "transfer": transfer if is_first else {**transfer, "beneficiaries": None},
        "context": transfer_context(update, with_rewards=plan.rewards.total > 0),
    }
    reason = f"lock for {lock['optContext']}" if lock else None
    return Exercise(
        AMULET_RULES,
        rules_id(update),
        "AmuletRules_Transfer",
        argument if is_first else {**argument, "expectedDso": update.network.dso},
        transfer_result(plan, update, transfer_metadata(plan), lock=lock),
        _controllers(plan, lock),
        children=transfer_effects(plan, update, lock=lock, reason=reason),
    )


def transfer_inputs(plan: Transfer, update: Update) -> wire.Json:
    """The coins and reward coupons that go in."""
    coins = [{"tag": "InputAmulet", "value": one} for one in input_ids(update, plan)]
    return coins + [claim.as_input for claim in claims(plan, update)]


def transfer_result(
    plan: Transfer, update: Update, meta: wire.Json, *, lock: wire.Json = None
) -> wire.Json:
    """TransferResult: the summary, and the coins created."""
    tag = "TransferResultLockedAmulet" if lock else "TransferResultAmulet"
    created = [output_id(update, plan, number) for number in range(len(plan.outputs))]
    result = {
        "round": {"number": str(update.round.number)},
        "summary": summary(plan, update),
        "createdAmulets": [{"tag": tag, "value": one} for one in created],
        "senderChangeAmulet": update.contract("change") if plan.change else None,
    }
    return result if plan.generation is Generation.FIRST else {**result, "meta": meta}


def transfer_effects(
    plan: Transfer,
    update: Update,
    *,
    lock: wire.Json = None,
    log: Template = AMULET_RULES,
    reason: str | None = None,
) -> tuple[Action, ...]:
    """Return what a transfer consumes, then what it creates, then its reports of that."""
    spent = spend(update, plan.sender, input_ids(update, plan))
    claimed = [claim.archived for claim in claims(plan, update)]
    paid = [_paid(plan, update, number, lock) for number in range(len(plan.outputs))]
    change = [coin(update, "change", plan.sender, plan.change)] if plan.change else []
    reports = holdings.of_transfer(plan, update, log, reason) if plan.generation.reports else []
    return (*spent, *claimed, *paid, *change, *reports)


def _paid(plan: Transfer, update: Update, number: int, lock: wire.Json) -> Create:
    receiver, amount = plan.outputs[number].receiver, plan.created(number)
    if lock:
        return locked_coin(update, f"output {number}", receiver, amount, lock)
    return coin_of_id(update, output_id(update, plan, number), receiver, amount)


def _outputs(plan: Transfer, lock: wire.Json) -> wire.Json:
    meta = {"meta": EMPTY_METADATA} if plan.generation.reports else {}
    return [
        {
            "receiver": output.receiver,
            "receiverFeeRatio": _ratio(plan, number),
            "amount": decimal_text(output.amount),
            "lock": lock,
            **meta,
        }
        for number, output in enumerate(plan.outputs)
    ]


def _ratio(plan: Transfer, number: int) -> str:
    """The receiver's part of the fee: none, half or all of it."""
    if not plan.fees.of_receivers or not plan.fees.of_receivers[number]:
        return decimal_text(0)
    fee, share = plan.fees.outputs[number], plan.fees.of_receivers[number]
    return decimal_text(_WHOLE if share == fee else divided(_WHOLE, 2))


def _controllers(plan: Transfer, lock: wire.Json) -> list[str]:
    holders = lock["holders"] if lock else []
    return list({plan.sender, *(output.receiver for output in plan.outputs), *holders})
