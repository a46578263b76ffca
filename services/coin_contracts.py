"""The coins that an update creates and archives: a second opinion about what it moved.

This file runs inside the warehouse, as `services/movements.py` does, and shares no code with it: it
knows no choice, no result and no report. A coin is a contract of splice-amulet that is worth its
`initialAmount`, locked or not. What an owner's coins gained in an update is what the owner received
less what it sent, in every version and with all fees.
"""

import re
from typing import Any

CONTRACTS_VERSION = 1

_COIN = re.compile(r"[^:]*:Splice\.Amulet:(Amulet|LockedAmulet)")
_NUMBER = re.compile(r"[0-9]{1,28}(\.[0-9]{1,10})?([eE]-?[0-9]{1,2})?")


def coin_changes(raw: Any) -> list[dict[str, Any]]:
    """The coins of an update, in no particular order.

    Args:
        raw: One item of `/v2/updates`, as parsed JSON.

    Returns:
        Dicts of `contract_id` and `change` (created, archived). A created coin has its `owner`, its
        `amount_cc` (CC; None where it can't be read) and `is_ours`: whether it belongs to the
        network's DSO party, which has the synchronizer's namespace.
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
    if not _COIN.fullmatch(str(event.get("template_id"))):
        return None
    contract_id = str(event.get("contract_id"))
    if event.get("event_type") == "created_event":
        return {"contract_id": contract_id, "change": "created", **_facts(event, dso)}
    if event.get("consuming") is True:
        return {"contract_id": contract_id, "change": "archived"}
    return None


def _facts(event: dict[str, Any], dso: str) -> dict[str, Any]:
    arguments = event.get("create_arguments")
    coin = arguments.get("amulet", arguments) if isinstance(arguments, dict) else {}
    coin = coin if isinstance(coin, dict) else {}
    amount = coin.get("amount")
    worth = amount.get("initialAmount") if isinstance(amount, dict) else None
    is_number = isinstance(worth, str) and _NUMBER.fullmatch(worth)
    return {
        "owner": str(coin.get("owner")),
        "amount_cc": worth if is_number else None,
        "is_ours": coin.get("dso") == dso,
    }
