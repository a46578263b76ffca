"""AmuletRules_Transfer, and what every transfer has in common with it."""

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import Units, decimal_text
from mocks.canton_scan.plan import Transfer
from mocks.canton_scan.render import holdings
from mocks.canton_scan.render.coins import (
    coin,
    input_ids,
    locked_coin,
    rules_id,
    spend,
    transfer_context,
)
from mocks.canton_scan.render.summaries import summary, transfer_metadata
from mocks.canton_scan.templates import AMULET_RULES
from mocks.canton_scan.tree import Action, Create, Exercise, archive
from mocks.canton_scan.update import Update


def rules_transfer(plan: Transfer, update: Update, lock: wire.Json = None) -> Exercise:
    """AmuletRules_Transfer: coins and rewards in; outputs (locked if so asked) and change out."""
    return Exercise(
        AMULET_RULES,
        rules_id(update),
        "AmuletRules_Transfer",
        {
            "transfer": {
                "sender": plan.sender,
                "provider": plan.sender,
                "inputs": transfer_inputs(plan, update),
                "outputs": _outputs(plan, lock),
                "beneficiaries": None,
            },
            "context": transfer_context(update, with_rewards=plan.rewards.total > 0),
            "expectedDso": update.network.dso,
        },
        transfer_result(plan, update, transfer_metadata(plan), lock=lock),
        _controllers(plan, lock),
        children=transfer_effects(plan, update, lock=lock),
    )


def transfer_inputs(plan: Transfer, update: Update) -> wire.Json:
    """The coins and reward coupons that go in."""
    coins = [{"tag": "InputAmulet", "value": one} for one in input_ids(update, plan.inputs)]
    coupons = [{"tag": f"Input{name}", "value": update.contract(name)} for name in _coupons(plan)]
    return coins + coupons


def transfer_result(
    plan: Transfer, update: Update, meta: wire.Json, *, lock: wire.Json = None, burned: Units = 0
) -> wire.Json:
    """TransferResult: the summary, and the coins created."""
    tag = "TransferResultLockedAmulet" if lock else "TransferResultAmulet"
    created = [update.contract(f"output {number}") for number in range(len(plan.outputs))]
    return {
        "round": {"number": str(update.round.number)},
        "summary": summary(plan, update, burned),
        "createdAmulets": [{"tag": tag, "value": one} for one in created],
        "senderChangeAmulet": update.contract("change") if plan.change else None,
        "meta": meta,
    }


def transfer_effects(plan: Transfer, update: Update, lock: wire.Json = None) -> tuple[Action, ...]:
    """What a transfer consumes, then what it creates, then how it reports that."""
    spent = spend(update, plan.sender, input_ids(update, plan.inputs))
    claimed = [_claim(name, plan, update) for name in _coupons(plan)]
    paid = [_paid(plan, update, number, lock) for number in range(len(plan.outputs))]
    change = [coin(update, "change", plan.sender, plan.change)] if plan.change else []
    reports = holdings.of_transfer(plan, update) if plan.reports_holdings else []
    return (*spent, *claimed, *paid, *change, *reports)


def _paid(plan: Transfer, update: Update, number: int, lock: wire.Json) -> Create:
    output = plan.outputs[number]
    name = f"output {number}"
    if lock:
        return locked_coin(update, name, output.receiver, output.amount, lock)
    return coin(update, name, output.receiver, output.amount)


def _outputs(plan: Transfer, lock: wire.Json) -> wire.Json:
    return [
        {
            "receiver": output.receiver,
            "receiverFeeRatio": decimal_text(0),
            "amount": decimal_text(output.amount),
            "lock": lock,
        }
        for output in plan.outputs
    ]


def _controllers(plan: Transfer, lock: wire.Json) -> list[str]:
    holders = lock["holders"] if lock else []
    return list({plan.sender, *(output.receiver for output in plan.outputs), *holders})


def _coupons(plan: Transfer) -> list[str]:
    claimed = {
        "AppRewardCoupon": plan.rewards.app,
        "SvRewardCoupon": plan.rewards.super_validator,
        "ValidatorLivenessActivityRecord": plan.rewards.validator,
    }
    return [name for name, amount in claimed.items() if amount]


def _claim(name: str, plan: Transfer, update: Update) -> Exercise:
    contract_id, dso = update.contract(name), update.network.dso
    if name == "AppRewardCoupon":
        return archive(templates.APP_REWARD_COUPON, contract_id, [dso])
    if name == "ValidatorLivenessActivityRecord":
        return archive(templates.LIVENESS_RECORD, contract_id, [dso])
    return Exercise(
        templates.SV_REWARD_COUPON,
        contract_id,
        "SvRewardCoupon_ArchiveAsBeneficiary",
        {},
        "SvRewardCoupon_ArchiveAsBeneficiaryResult",
        [plan.sender],
        consuming=True,
    )
