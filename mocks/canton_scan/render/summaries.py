"""TransferSummary and its metadata: the figures of a transfer as the ledger sums them up."""

from mocks.canton_scan import wire
from mocks.canton_scan.amounts import Units, decimal_text, metadata_text
from mocks.canton_scan.plan import Rewards, Transfer
from mocks.canton_scan.render.coins import metadata
from mocks.canton_scan.update import Update

_ZERO = decimal_text(0)
_REWARD_PREFIX = "amulet.splice.lfdecentralizedtrust.org/"


def summary(plan: Transfer, update: Update) -> wire.Json:
    """Inputs, outputs, fees and change."""
    rewards, fees = plan.rewards, plan.fees
    output_fees = fees.outputs or (0,) * len(plan.outputs)
    return {
        "inputAppRewardAmount": decimal_text(rewards.app),
        "inputValidatorRewardAmount": decimal_text(rewards.validator + rewards.traffic),
        "inputSvRewardAmount": decimal_text(rewards.super_validator),
        "inputAmuletAmount": decimal_text(sum(plan.inputs)),
        "balanceChanges": _balance_changes(plan, update),
        "holdingFees": decimal_text(fees.holding),
        "outputFees": [decimal_text(fee) for fee in output_fees],
        "senderChangeFee": decimal_text(fees.change),
        "senderChangeAmount": decimal_text(plan.change),
        "amuletPrice": decimal_text(update.round.price_usd),
        # Already part of the validator reward above: recorded updates show the same figure twice.
        "inputValidatorFaucetAmount": decimal_text(rewards.validator),
        "inputUnclaimedActivityRecordAmount": decimal_text(rewards.unclaimed),
        "inputDevelopmentFundAmount": decimal_text(rewards.fund) if rewards.fund else None,
    }


def _balance_changes(plan: Transfer, update: Update) -> wire.Json:
    """Return each party's gain as of round zero: each coin counts its holding fees since.

    The coins consumed are taken to be of the same round.
    """
    coins = {plan.sender: bool(plan.change) - len(plan.inputs)}
    gained: dict[str, Units] = {plan.sender: plan.change - sum(plan.inputs)}
    for number, output in enumerate(plan.outputs):
        if output.is_burned:
            continue
        coins[output.receiver] = coins.get(output.receiver, 0) + 1
        gained[output.receiver] = gained.get(output.receiver, 0) + plan.created(number)
    fee, number = update.round.holding_fee, update.round.number
    return [
        [
            party,
            {
                "changeToInitialAmountAsOfRoundZero": decimal_text(
                    gained[party] + coins[party] * fee * number
                ),
                "changeToHoldingFeesRate": decimal_text(coins[party] * fee),
            },
        ]
        for party in sorted(gained)
    ]


def transfer_metadata(plan: Transfer) -> wire.Json:
    """Return the metadata: burn, kind, sender if it pays somebody, and the claimed rewards."""
    pays = any(output.receiver != plan.sender for output in plan.outputs)
    kind = (
        metadata(sender=plan.sender, tx_kind="transfer")
        if pays
        else metadata(tx_kind="merge-split")
    )
    return {
        "values": {
            **reward_metadata(plan.rewards),
            **burned_metadata(plan.fees.total),
            **kind["values"],
        }
    }


def burned_metadata(amount: Units) -> dict[str, str]:
    """Return the metadata for a burned amount; empty if nothing was burned."""
    return metadata(burned=metadata_text(amount))["values"] if amount else {}


def reward_metadata(rewards: Rewards) -> dict[str, str]:
    """The rewards that are not zero, by name."""
    named = {
        "app-rewards": rewards.app,
        "validator-rewards": rewards.validator + rewards.traffic,
        "sv-rewards": rewards.super_validator,
        "unclaimed-activity-records": rewards.unclaimed,
        "development-fund": rewards.fund,
    }
    return {_REWARD_PREFIX + name: metadata_text(value) for name, value in named.items() if value}
