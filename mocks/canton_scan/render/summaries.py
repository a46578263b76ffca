"""TransferSummary and its metadata: the figures of a transfer as the ledger sums them up."""

from mocks.canton_scan import wire
from mocks.canton_scan.amounts import Units, decimal_text, metadata_text
from mocks.canton_scan.plan import Rewards, Transfer
from mocks.canton_scan.render.coins import metadata
from mocks.canton_scan.update import Update

_ZERO = decimal_text(0)
_REWARD_PREFIX = "amulet.splice.lfdecentralizedtrust.org/"


def summary(plan: Transfer, update: Update, burned: Units = 0) -> wire.Json:
    """Inputs, outputs, fees (all zero) and change; ``burned`` of its outputs is gone at once."""
    rewards = plan.rewards
    return {
        "inputAppRewardAmount": decimal_text(rewards.app),
        "inputValidatorRewardAmount": decimal_text(rewards.validator),
        "inputSvRewardAmount": decimal_text(rewards.super_validator),
        "inputAmuletAmount": decimal_text(sum(plan.inputs)),
        "balanceChanges": _balance_changes(plan, update, burned),
        "holdingFees": _ZERO,
        "outputFees": [_ZERO] * len(plan.outputs),
        "senderChangeFee": _ZERO,
        "senderChangeAmount": decimal_text(plan.change),
        "amuletPrice": decimal_text(update.round.price_usd),
        # Already part of the validator reward above: recorded updates show the same figure twice.
        "inputValidatorFaucetAmount": decimal_text(rewards.validator),
        "inputUnclaimedActivityRecordAmount": _ZERO,
        "inputDevelopmentFundAmount": None,
    }


def _balance_changes(plan: Transfer, update: Update, burned: Units) -> wire.Json:
    """What each party gained, carried back to round zero: each coin counts its holding fees since.

    The coins consumed are taken to be of the same round.
    """
    coins = {plan.sender: bool(plan.change) - len(plan.inputs) - bool(burned)}
    gained: dict[str, Units] = {plan.sender: plan.change - sum(plan.inputs) - burned}
    for output in plan.outputs:
        coins[output.receiver] = coins.get(output.receiver, 0) + 1
        gained[output.receiver] = gained.get(output.receiver, 0) + output.amount
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
    """The kind of the transfer, its sender if it pays somebody, and the rewards it claims."""
    pays = any(output.receiver != plan.sender for output in plan.outputs)
    kind = (
        metadata(sender=plan.sender, tx_kind="transfer")
        if pays
        else metadata(tx_kind="merge-split")
    )
    return {"values": {**reward_metadata(plan.rewards), **kind["values"]}}


def reward_metadata(rewards: Rewards) -> dict[str, str]:
    """The rewards that are not zero, by name."""
    named = {
        "app-rewards": rewards.app,
        "validator-rewards": rewards.validator,
        "sv-rewards": rewards.super_validator,
    }
    return {_REWARD_PREFIX + name: metadata_text(value) for name, value in named.items() if value}
