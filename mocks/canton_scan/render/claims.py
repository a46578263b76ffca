"""Rights to a reward as inputs of a transfer: consumed there, and minted."""

from typing import NamedTuple

from mocks.canton_scan import templates, wire
from mocks.canton_scan.plan import Transfer
from mocks.canton_scan.render.coins import made_id
from mocks.canton_scan.templates import Template
from mocks.canton_scan.tree import Exercise, archive
from mocks.canton_scan.update import Update


class Claim(NamedTuple):
    """A right: how the transfer names it, and how it is consumed."""

    as_input: wire.Json
    archived: Exercise


def claims(plan: Transfer, update: Update) -> list[Claim]:
    """One for each reward that is not zero."""
    rewards = plan.rewards
    is_new = not plan.generation.nests
    app = templates.REWARD_COUPON_V2 if is_new else templates.APP_REWARD_COUPON
    found = {
        app: rewards.app,
        templates.SV_REWARD_COUPON: rewards.super_validator,
        templates.LIVENESS_RECORD: rewards.validator,
        templates.VALIDATOR_REWARD_COUPON: rewards.traffic,
        templates.UNCLAIMED_ACTIVITY_RECORD: rewards.unclaimed,
        templates.DEVELOPMENT_FUND_COUPON: rewards.fund,
    }
    return [_claim(template, plan, update) for template, amount in found.items() if amount]


def _claim(template: Template, plan: Transfer, update: Update) -> Claim:
    name, owner = template.path.partition(":")[2], plan.sender
    made = plan.claims if template is templates.LIVENESS_RECORD else None
    contract_id = made_id(update, made) if made else update.contract(name)
    as_input = {"tag": f"Input{name}", "value": contract_id}
    match name:
        case "SvRewardCoupon":
            argument, result = {}, "SvRewardCoupon_ArchiveAsBeneficiaryResult"
            choice, actors = "SvRewardCoupon_ArchiveAsBeneficiary", [owner]
        case "ValidatorRewardCoupon":
            right = update.network.contract(f"validator right of {owner}")
            argument, result = (
                {"validator": owner, "rightCid": right},
                ("ValidatorRewardCoupon_ArchiveAsValidatorResult"),
            )
            choice = "ValidatorRewardCoupon_ArchiveAsValidator"
            actors = [update.network.dso, owner]
        case _:
            return Claim(as_input, archive(template, contract_id, [update.network.dso]))
    consumed = Exercise(template, contract_id, choice, argument, result, actors, consuming=True)
    return Claim(as_input, consumed)
