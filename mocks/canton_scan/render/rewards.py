"""Reward coupons and activity markers: few updates, but the largest ones."""

from mocks.canton_scan import templates
from mocks.canton_scan.amounts import COIN, Units, decimal_text
from mocks.canton_scan.render.coins import open_round_id, rules_id
from mocks.canton_scan.render.governance import dso_rules_choice, sv_name
from mocks.canton_scan.tree import Create, Exercise, archive, replace
from mocks.canton_scan.update import Update

_WEIGHTS = ("500", "5000", "10000", "20000", "30000", "50000", "100000", "159250")
_VERY_MANY = 12_500
_MARKER_WEIGHTS = (
    ("1.0000000000",),
    ("0.5000000000", "0.5000000000"),
    ("0.8000000000", "0.1500000000", "0.0500000000"),
)


def _contracts(update: Update, name: str, count: int) -> list[str]:
    return [update.contract(f"{name} {number}") for number in range(count)]


def receive_coupons(update: Update) -> Exercise:
    """A Super Validator gets its reward coupon of the round, or shares it out to up to 41."""
    sv, draws = update.network.accounts.super_validator(update.draws), update.draws
    shares = [(sv, _WEIGHTS[-1])]
    if draws.one_in(12):
        find = update.network.accounts.account
        shares = [(find(draws), draws.pick(_WEIGHTS)) for _ in range(draws.between(3, 41))]
    coupons = _contracts(update, "coupon", len(shares))
    before, after = update.contract("state before"), update.contract("state")
    argument = {
        "sv": sv,
        "openRoundCid": open_round_id(update),
        "rewardStateCid": before,
        "beneficiaries": [{"_1": party, "_2": weight} for party, weight in shares],
    }
    result = {"svRewardState": after, "svRewardCoupons": coupons}
    choice = dso_rules_choice(update, sv, "ReceiveSvRewardCoupon", argument, result)
    created = [
        _sv_coupon(update, coupon, sv, *share)
        for coupon, share in zip(coupons, shares, strict=True)
    ]
    return choice.over(*replace(before, _reward_state(update, after, sv)), *created)


def _reward_state(update: Update, contract_id: str, sv: str) -> Create:
    number = str(update.round.number)
    state = {
        "numRoundsMissed": str(update.draws.below(40)),
        "numRoundsCollected": number,
        "lastRoundCollected": {"number": number},
        "numCouponsIssued": number,
    }
    dso = update.network.dso
    arguments = {"dso": dso, "svName": sv_name(sv), "state": state}
    return Create(templates.SV_REWARD_STATE, contract_id, arguments, [dso])


def _sv_coupon(update: Update, contract_id: str, sv: str, beneficiary: str, weight: str) -> Create:
    arguments = {
        "dso": update.network.dso,
        "sv": sv,
        "beneficiary": beneficiary,
        "round": {"number": str(update.round.number)},
        "weight": weight,
    }
    observers = list({sv, beneficiary})
    template = templates.SV_REWARD_COUPON
    return Create(template, contract_id, arguments, [update.network.dso], observers)


def right_name(provider: str) -> str:
    """The name of a provider's FeaturedAppRight among the network's contracts."""
    return f"featured app right of {provider}"


def create_markers(update: Update) -> Exercise:
    """A featured app marks activity for up to three beneficiaries. Shape from the Daml source."""
    draws, find = update.draws, update.network.accounts.account
    provider, dso = find(draws), update.network.dso
    shares = [(find(draws), weight) for weight in draws.pick(_MARKER_WEIGHTS)]
    markers = _contracts(update, "marker", len(shares))
    created = [
        Create(
            templates.FEATURED_APP_ACTIVITY_MARKER,
            marker,
            {"dso": dso, "provider": provider, "beneficiary": party, "weight": weight},
            [dso],
            list({provider, party}),
        )
        for marker, (party, weight) in zip(markers, shares, strict=True)
    ]
    return Exercise(
        templates.FEATURED_APP_RIGHT,
        update.network.contract(right_name(provider)),
        "FeaturedAppRight_CreateActivityMarker",
        {"beneficiaries": [{"beneficiary": party, "weight": weight} for party, weight in shares]},
        {"activityMarkerCids": markers},
        [provider],
        tuple(created),
        interface=templates.FEATURED_APP_RIGHT_INTERFACE,
    )


def convert_markers(update: Update) -> Exercise:
    """Up to 30 markers become reward coupons for apps."""
    count = update.draws.between(2, 30)
    return _convert(update, count, update.draws.between(1, 1 + count // 2))


def convert_very_many_markers(update: Update) -> Exercise:
    """Enough of them for 23 MB; such updates were seen on MainNet, what was in them is inferred."""
    return _convert(update, _VERY_MANY, _VERY_MANY // 2)


def _convert(update: Update, marker_count: int, coupon_count: int) -> Exercise:
    draws, dso = update.draws, update.network.dso
    sv = update.network.accounts.super_validator(draws)
    markers = _contracts(update, "marker", marker_count)
    coupons = _contracts(update, "coupon", coupon_count)
    argument = {
        "markerCids": markers,
        "openMiningRoundCid": open_round_id(update),
        "observers": None,
    }
    result = {"appRewardCouponCids": coupons}
    archived = [archive(templates.FEATURED_APP_ACTIVITY_MARKER, one, [dso]) for one in markers]
    created = [_app_coupon(update, coupon) for coupon in coupons]
    converted = Exercise(
        templates.AMULET_RULES,
        rules_id(update),
        "AmuletRules_ConvertFeaturedAppActivityMarkers",
        argument,
        result,
        [dso],
        (*archived, *created),
    )
    return dso_rules_choice(
        update,
        sv,
        "AmuletRules_ConvertFeaturedAppActivityMarkers",
        {"amuletRulesCid": rules_id(update), "argument": argument, "sv": sv},
        {"result": result},
    ).over(converted)


def _app_coupon(update: Update, contract_id: str) -> Create:
    find, draws = update.network.accounts.account, update.draws
    provider, beneficiary = find(draws), find(draws)
    arguments = {
        "dso": update.network.dso,
        "provider": provider,
        "featured": True,
        "amount": decimal_text(draws.between(1, 140 * COIN)),
        "round": {"number": str(update.round.number)},
        "beneficiary": beneficiary,
    }
    observers = list({provider, beneficiary})
    template = templates.APP_REWARD_COUPON
    return Create(template, contract_id, arguments, [update.network.dso], observers)


def expire_coupons(update: Update) -> Exercise:
    """Up to 54 reward coupons of a closed round expire; their worth stays unclaimed."""
    draws, dso = update.draws, update.network.dso
    sv = update.network.accounts.super_validator(draws)
    closed = update.network.contract(f"closed round {update.round.number - 5}")
    coupons = _contracts(update, "coupon", draws.between(8, 54))
    weights = [draws.pick(_WEIGHTS) for _ in coupons]
    unclaimed = update.contract("unclaimed")
    worth: Units = sum(map(int, weights)) * COIN * 69 // 1000  # issuancePerSvRewardCoupon, about
    choice_argument = {
        "closedRoundCid": closed,
        "validatorRewardCouponCids": [],
        "appCouponCids": [],
        "svRewardCouponCids": coupons,
        "optValidatorFaucetCouponCids": None,
        "optValidatorLivenessActivityRecordCids": None,
    }
    argument = {"amuletRulesCid": rules_id(update), "choiceArg": choice_argument, "sv": sv}
    result = {"unclaimedReward": unclaimed}
    choice = dso_rules_choice(update, sv, "ClaimExpiredRewards", argument, result)
    expired = [
        _expired(coupon, weight, closed, dso)
        for coupon, weight in zip(coupons, weights, strict=True)
    ]
    kept = {"dso": dso, "amount": decimal_text(worth)}
    return choice.over(*expired, Create(templates.UNCLAIMED_REWARD, unclaimed, kept, [dso]))


def _expired(coupon: str, weight: str, closed: str, dso: str) -> Exercise:
    return Exercise(
        templates.SV_REWARD_COUPON,
        coupon,
        "SvRewardCoupon_DsoExpire",
        {"closedRoundCid": closed},
        {"weight": weight},
        [dso],
        consuming=True,
    )
