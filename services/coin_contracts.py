"""The coins that an update creates and archives: a second opinion about what it moved.

This file runs inside the warehouse, as `services/movements.py` does, and shares no code with it: it
knows no choice, no result and no report. A coin is a contract of splice-amulet that is worth its
`initialAmount`, locked or not. What an owner's coins gained in an update is what the owner received
less what it sent, in every version and with all fees.

Coin is minted by using up rights to rewards. A right has a quantity of CC, or of shares: what a
share is worth, the issuing round of the right's own round says.
"""

import re
from decimal import Context, Decimal
from typing import Any

CONTRACTS_VERSION = 4

_COINS = frozenset({"Splice.Amulet:Amulet", "Splice.Amulet:LockedAmulet"})
# Rights to rewards, which become coin when a transfer or purchase uses them up: the field that has
# the quantity (None: it is 1), and the issuing round's field that has the worth of a share (None:
# the quantity is CC).
_APP = "Splice.Amulet:AppRewardCoupon"
_FAUCET = "optIssuancePerValidatorFaucetCoupon"
_REWARDS: dict[str, tuple[str | None, str | None]] = {
    _APP: ("amount", "issuancePerUnfeaturedAppRewardCoupon"),
    "Splice.Amulet:DevelopmentFundCoupon": ("amount", None),
    "Splice.Amulet:RewardCouponV2": ("amount", None),
    "Splice.Amulet:SvRewardCoupon": ("weight", "issuancePerSvRewardCoupon"),
    "Splice.Amulet:UnclaimedActivityRecord": ("amount", None),
    "Splice.Amulet:ValidatorRewardCoupon": ("amount", "issuancePerValidatorRewardCoupon"),
    "Splice.ValidatorLicense:ValidatorFaucetCoupon": (None, _FAUCET),
    "Splice.ValidatorLicense:ValidatorLivenessActivityRecord": (None, _FAUCET),
}
_FEATURED = "issuancePerFeaturedAppRewardCoupon"
_ISSUING = "Splice.Round:IssuingMiningRound"
_TEMPLATES = frozenset({*_COINS, *_REWARDS, _ISSUING})
_RATES = sorted({_FEATURED, *(rate for _, rate in _REWARDS.values() if rate)})
# A Decimal of the ledger, as Java prints it.
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?(E[+-]?[0-9]{1,2})?")
_TEN_PLACES = Decimal("0.0000000001")
# The warehouse keeps 28 digits before the point, and the sum of an update's coins has to fit as
# well. All of the Canton Network's coin is less than 10^12.
_TOO_MUCH = Decimal(10) ** 20
# Quantity times worth has to fit, and the sum of a transfer's rights.
_TOO_MANY = Decimal(10) ** 8
_ROUND = re.compile(r"[0-9]{1,18}")


def coin_changes(raw: Any) -> list[dict[str, Any]]:
    """The coins and the rights to rewards of an update, in no particular order.

    Args:
        raw: One item of `/v2/updates`, as parsed JSON.

    Returns:
        Dicts of `contract_id` and `change`: created or archived for a coin, granted or used for a
        right to a reward, issued for what a round says that a share is worth. A created coin has
        its `owner` and its `amount_cc` (CC, ten places; None where owner or amount can't be read).
        A right has its `quantity` (ten places; None where it can't be read), the `rate` that
        gives a share's worth (None: the quantity is CC) and its `round_number`; a round has a dict
        for each `rate`, with CC for a share as its `quantity`. All that is made says with `is_ours`
        whether it belongs to the network's DSO party, which has the synchronizer's namespace.
    """
    events = raw.get("events_by_id") if isinstance(raw, dict) else None
    if not isinstance(events, dict):
        return []
    dso = f"DSO::{str(raw.get('synchronizer_id')).rpartition('::')[2]}"
    found: list[dict[str, Any]] = []
    for event in events.values():
        if isinstance(event, dict) and event.get("package_name") == "splice-amulet":
            _, _, template = str(event.get("template_id")).partition(":")
            if template in _TEMPLATES:
                found += _changes(event, template, dso)
    return found


def _changes(event: dict[str, Any], template: str, dso: str) -> list[dict[str, Any]]:
    contract_id = str(event.get("contract_id"))
    if event.get("event_type") == "created_event":
        made = _made(template, _dict(event.get("create_arguments")), dso)
        return [{"contract_id": contract_id, **facts} for facts in made]
    if event.get("consuming") is not True or template == _ISSUING:
        return []
    change = "archived" if template in _COINS else "used"
    return [{"contract_id": contract_id, "change": change}]


def _made(template: str, arguments: dict[str, Any], dso: str) -> list[dict[str, Any]]:
    if template in _COINS:
        return [{"change": "created", **_coin(arguments, dso)}]
    if template in _REWARDS:
        return [{"change": "granted", **_right(template, arguments, dso)}]
    issued = (_shares(arguments, dso, arguments.get(rate), rate) for rate in _RATES)
    return [{"change": "issued", **shares} for shares in issued]


def _coin(arguments: dict[str, Any], dso: str) -> dict[str, Any]:
    coin = _dict(arguments.get("amulet", arguments))
    worth = _dict(coin.get("amount")).get("initialAmount")
    is_owned = isinstance(coin.get("owner"), str)
    return {
        "owner": str(coin.get("owner")),
        "amount_cc": _ten_places(worth) if is_owned else None,
        "is_ours": coin.get("dso") == dso,
    }


def _right(template: str, arguments: dict[str, Any], dso: str) -> dict[str, Any]:
    field, rate = _REWARDS[template]
    if template == _APP and arguments.get("featured") is True:
        rate = _FEATURED
    return _shares(arguments, dso, arguments.get(field) if field else "1", rate)


def _shares(arguments: dict[str, Any], dso: str, text: Any, rate: str | None) -> dict[str, Any]:
    number = str(_dict(arguments.get("round")).get("number"))
    return {
        "rate": rate,
        "round_number": int(number) if _ROUND.fullmatch(number) else None,
        "quantity": _ten_places(text, _TOO_MANY),
        "is_ours": arguments.get("dso") == dso,
    }


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _ten_places(text: Any, limit: Decimal = _TOO_MUCH) -> str | None:
    """A number as NUMBER(38, 10) holds it, or None: nothing is rounded or cut."""
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    if number >= limit:
        return None
    plain = number.quantize(_TEN_PLACES, context=Context(prec=38))
    return f"{plain:f}" if plain == number else None
