"""The coins that an update creates and archives: a second opinion about what it moved.

This file runs inside the warehouse, as `services/movements.py` does, and shares no code with it: it
knows no choice, no result and no report. A coin is a contract of splice-amulet that is worth its
`initialAmount`, locked or not. What an owner's coins gained in an update is what the owner received
less what it sent, in every version and with all fees.
"""

import re
from decimal import Context, Decimal
from typing import Any

CONTRACTS_VERSION = 2

_COINS = frozenset({"Splice.Amulet:Amulet", "Splice.Amulet:LockedAmulet"})
# Rights to rewards, which become coin when a transfer or purchase uses them up.
_REWARDS = frozenset(
    {
        "Splice.Amulet:AppRewardCoupon",
        "Splice.Amulet:DevelopmentFundCoupon",
        "Splice.Amulet:RewardCouponV2",
        "Splice.Amulet:SvRewardCoupon",
        "Splice.Amulet:UnclaimedActivityRecord",
        "Splice.Amulet:ValidatorRewardCoupon",
        "Splice.ValidatorLicense:ValidatorFaucetCoupon",
        "Splice.ValidatorLicense:ValidatorLivenessActivityRecord",
    }
)
# A Decimal of the ledger, as Java prints it; the warehouse keeps 28 digits before the point.
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?(E[+-]?[0-9]{1,2})?")
_TEN_PLACES = Decimal("0.0000000001")
_TOO_MUCH = Decimal(10) ** 28


def coin_changes(raw: Any) -> list[dict[str, Any]]:
    """The coins of an update, in no particular order.

    Args:
        raw: One item of `/v2/updates`, as parsed JSON.

    Returns:
        Dicts of `contract_id` and `change`: created or archived for a coin, used for a right to a
        reward. A created coin has its `owner`, its `amount_cc` (CC, ten places; None where owner
        or amount can't be read) and `is_ours`: whether it belongs to the network's DSO party, which
        has the synchronizer's namespace.
    """
    events = raw.get("events_by_id") if isinstance(raw, dict) else None
    if not isinstance(events, dict):
        return []
    namespace = str(raw.get("synchronizer_id")).rpartition("::")[2]
    found = (_change(event, f"DSO::{namespace}") for event in events.values())
    return [change for change in found if change]


def _change(event: Any, dso: str) -> dict[str, Any] | None:
    if not isinstance(event, dict) or event.get("package_name") != "splice-amulet":
        return None
    _, _, template = str(event.get("template_id")).partition(":")
    contract_id, is_coin = str(event.get("contract_id")), template in _COINS
    if is_coin and event.get("event_type") == "created_event":
        return {"contract_id": contract_id, "change": "created", **_facts(event, dso)}
    if event.get("consuming") is not True or not (is_coin or template in _REWARDS):
        return None
    return {"contract_id": contract_id, "change": "archived" if is_coin else "used"}


def _facts(event: dict[str, Any], dso: str) -> dict[str, Any]:
    arguments = event.get("create_arguments")
    coin = arguments.get("amulet", arguments) if isinstance(arguments, dict) else {}
    coin = coin if isinstance(coin, dict) else {}
    amount = coin.get("amount")
    worth = amount.get("initialAmount") if isinstance(amount, dict) else None
    is_owned = isinstance(coin.get("owner"), str)
    return {
        "owner": str(coin.get("owner")),
        "amount_cc": _ten_places(worth) if is_owned else None,
        "is_ours": coin.get("dso") == dso,
    }


def _ten_places(text: Any) -> str | None:
    """An amount as NUMBER(38, 10) holds it, or None: nothing is rounded or cut."""
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    if number >= _TOO_MUCH:
        return None
    plain = number.quantize(_TEN_PLACES, context=Context(prec=38))
    return f"{plain:f}" if plain == number else None
