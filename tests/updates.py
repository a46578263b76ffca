"""Updates as a Scan writes them, built by hand: parties, event trees, lines and pages.

Everything is generated; names, ids and amounts are nobody's. Trees are written as nested calls, as
they would be drawn: ``exercised("AmuletRules_Transfer", {…}, {…}, amulet(BOB, "3.0"))``.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from services.model import Position, parse_record_time

Json = dict[str, Any]

_PACKAGE = "3c" * 32
EVENT_LOG = "Splice.Api.Token.TransferEventsV2:EventLog"
_SENDER_IN_METADATA = "splice.lfdecentralizedtrust.org/sender"


def party(hint: str) -> str:
    """The party id that a hint stands for."""
    return f"{hint}::1220{hashlib.sha256(hint.encode()).hexdigest()}"


ALICE, BOB, CAROL, DSO = party("alice"), party("bob"), party("carol"), party("DSO")
SYNCHRONIZER = "global-domain::" + DSO.partition("::")[2]
SCAN_URL = "https://scan.example/api/scan"
NETWORK = DSO.partition("::")[2][:12]


def record_time(microseconds: int) -> str:
    """The `record_time` so many microseconds (less than a minute) after 16:23 on 2025-12-10."""
    return f"2025-12-10T16:23:{microseconds / 1_000_000:09.6f}Z"


def place(microseconds: int, migration_id: int = 4) -> Position:
    """The position of the update with that `record_time`."""
    return Position(migration_id, parse_record_time(record_time(microseconds)))


def update_id(number: int) -> str:
    """The id of the update with a number."""
    return "1220" + hashlib.sha256(f"update {number}".encode()).hexdigest()


def contract_id(name: str) -> str:
    """The id of the contract that has a name in a test."""
    return f"00{hashlib.sha256(name.encode()).hexdigest()}ca11122020"


@dataclass(frozen=True)
class Event:
    """A node of an event tree. Events with the same name are about the same contract."""

    fields: Json
    children: tuple["Event", ...] = ()
    name: str = ""


def exercised(
    choice: str,
    argument: Any = None,
    result: Any = None,
    *children: Event,
    acting: Iterable[str] = (),
    template: str = "Splice.AmuletRules:AmuletRules",
    interface: str = "",
    consuming: bool = False,
    package: str = "splice-amulet",
    name: str = "",
) -> Event:
    """A choice, with what happens because of it."""
    fields = {
        "event_type": "exercised_event",
        "template_id": f"{_PACKAGE}:{template}",
        "package_name": package,
        "choice": choice,
        "choice_argument": {} if argument is None else argument,
        "exercise_result": {} if result is None else result,
        "acting_parties": list(acting),
        "consuming": consuming,
        "interface_id": f"{_PACKAGE}:{interface}" if interface else None,
    }
    return Event(fields, children, name)


def created(
    template: str, arguments: Json, *, package: str = "splice-amulet", name: str = ""
) -> Event:
    """A contract."""
    fields = {
        "event_type": "created_event",
        "template_id": f"{_PACKAGE}:{template}",
        "package_name": package,
        "create_arguments": arguments,
    }
    return Event(fields, (), name)


def amulet(owner: str, amount: Any, *, dso: str = DSO, name: str = "") -> Event:
    """A coin that `owner` can spend."""
    coin = {"dso": dso, "owner": owner, "amount": {"initialAmount": amount}}
    return created("Splice.Amulet:Amulet", coin, name=name)


def locked_amulet(owner: str, amount: Any, *, dso: str = DSO, name: str = "") -> Event:
    """A coin that is locked."""
    coin = {"dso": dso, "owner": owner, "amount": {"initialAmount": amount}}
    return created("Splice.Amulet:LockedAmulet", {"amulet": coin, "lock": {}}, name=name)


def tap(account: str, amount: Any) -> Event:
    """Coin that DevNet gives to whoever asks."""
    argument = {"receiver": account, "amount": amount}
    return exercised("AmuletRules_DevNet_Tap", argument, {}, amulet(account, amount))


def summary(inputs: str = "0E-10", change: str = "0E-10", **more: Any) -> Json:
    """A transfer's summary: CC of coins that went in, and the sender's change."""
    return {
        "inputAmuletAmount": inputs,
        "inputAppRewardAmount": "0E-10",
        "inputValidatorRewardAmount": "0E-10",
        "inputSvRewardAmount": "0E-10",
        "senderChangeAmount": change,
        "holdingFees": "0E-10",
        "outputFees": [],
        "senderChangeFee": "0E-10",
        "amuletPrice": "0.0729300000",
        **more,
    }


def transfer(sender: str, outputs: Iterable[tuple[Any, Any]], totals: Json) -> Event:
    """AmuletRules_Transfer: receivers and CC, its summary, and the coins that receivers get."""
    paid = list(outputs)
    argument = {
        "transfer": {
            "sender": sender,
            "outputs": [
                {"receiver": receiver, "amount": amount, "receiverFeeRatio": "0E-10"}
                for receiver, amount in paid
            ],
        }
    }
    if totals and not totals.get("outputFees"):
        totals = {**totals, "outputFees": ["0E-10"] * len(paid)}
    coins = [amulet(receiver, amount) for receiver, amount in paid]
    change = [amulet(sender, totals.get("senderChangeAmount"))]
    return exercised(
        "AmuletRules_Transfer", argument, {"summary": totals}, *coins, *change, acting=[sender]
    )


def holdings_change(owner: Any, *legs: Json, admin: Any = DSO) -> Event:
    """EventLog_HoldingsChange, from Splice 0.6.11 on."""
    argument = {"admin": admin, "account": {"owner": owner}, "transferLegSides": list(legs)}
    return exercised(
        "EventLog_HoldingsChange",
        argument,
        template="Splice.ExternalPartyConfigState:ExternalPartyConfigState",
        interface=EVENT_LOG,
        acting=[admin],
    )


def leg(
    side: str, other: str | None, amount: Any, instrument: str = "Amulet", name: str = "leg0"
) -> Json:
    """One side of a movement; no other side is a mint or a burn."""
    nobody = {"Receiver": "cip-112/mint", "Sender": "cip-112/burn"}[side]
    return {
        "transferLegId": name,
        "side": f"{side}Side",
        "otherside": {"owner": other, "id": "" if other else nobody},
        "amount": amount,
        "instrumentId": instrument,
    }


def metadata(sender: str) -> Json:
    """A result's metadata that names the sender."""
    return {"values": {_SENDER_IN_METADATA: sender}}


def transaction(*roots: Event, number: int = 0, **fields: Any) -> Json:
    """The update with these events, numbered in execution order, keys sorted as strings."""
    at = record_time(number)
    events: dict[str, Json] = {}
    ids = count()
    root_ids = [_write(root, update_id(number), ids, events) for root in roots]
    return {
        "update_id": update_id(number),
        "migration_id": 4,
        "workflow_id": "",
        "record_time": at,
        "synchronizer_id": SYNCHRONIZER,
        "effective_at": at,
        "root_event_ids": root_ids,
        "events_by_id": dict(sorted(events.items())),
        **fields,
    }


def reassignment(number: int = 0, migration_id: int = 4) -> Json:
    """A contract that changes its synchronizer: the migration is in `event`."""
    event = {"type": "assign", "migration_id": migration_id}
    at = record_time(number)
    return {"update_id": update_id(number), "offset": "1", "record_time": at, "event": event}


def line(update: Json) -> bytes:
    """An update's bytes."""
    return json.dumps(update, separators=(",", ":")).encode()


def page_body(*lines: bytes) -> bytes:
    """An answer of `/v2/updates`."""
    return b'{"transactions":[' + b",".join(lines) + b"]}"


def _write(event: Event, update: str, ids: Iterator[int], events: dict[str, Json]) -> str:
    event_id = f"{update}:{next(ids)}"
    events[event_id] = {
        "event_id": event_id,
        "contract_id": contract_id(event.name or event_id),
        **event.fields,
    }
    below = [_write(child, update, ids, events) for child in event.children]
    events[event_id]["child_event_ids"] = below
    return event_id
