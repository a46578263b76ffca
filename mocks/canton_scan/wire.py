"""The shapes of `/v2/updates`, fields in the order in which a real Scan writes them.

From the as-served schema of the Scan API and recorded MainNet updates. `Json` values are Daml
values in compact JSON: numbers are strings, optional fields are null.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

Json = Any

encode = msgspec.json.Encoder().encode


class CreatedEvent(Struct, frozen=True, tag_field="event_type", tag="created_event"):
    """A contract came to be."""

    event_id: str
    contract_id: str
    template_id: str
    package_name: str
    create_arguments: Json
    created_at: str
    signatories: list[str]
    observers: list[str]


class ExercisedEvent(Struct, frozen=True, tag_field="event_type", tag="exercised_event"):
    """A choice was exercised on a contract; `interface_id` may be null, against the spec."""

    event_id: str
    contract_id: str
    template_id: str
    package_name: str
    choice: str
    choice_argument: Json
    child_event_ids: list[str]
    exercise_result: Json
    consuming: bool
    acting_parties: list[str]
    interface_id: str | None


Event = CreatedEvent | ExercisedEvent


class Transaction(Struct, frozen=True):
    """An update that created or exercised something; the hash is left out unless signed outside."""

    update_id: str
    migration_id: int
    workflow_id: str
    record_time: str
    synchronizer_id: str
    effective_at: str
    root_event_ids: list[str]
    events_by_id: dict[str, Event]
    external_transaction_hash: str | UnsetType = UNSET


class Assignment(Struct, frozen=True):
    """A contract arrived from another synchronizer."""

    submitter: str
    source_synchronizer: str
    target_synchronizer: str
    migration_id: int
    unassign_id: str
    created_event: CreatedEvent
    reassignment_counter: int


class Unassignment(Struct, frozen=True):
    """A contract left for another synchronizer."""

    submitter: str
    source_synchronizer: str
    migration_id: int
    target_synchronizer: str
    unassign_id: str
    reassignment_counter: int
    contract_id: str


class Reassignment(Struct, frozen=True):
    """An update that moved a contract between synchronizers: its migration is in the event."""

    update_id: str
    offset: str
    record_time: str
    event: Assignment | Unassignment


def creations(update: Transaction | Reassignment) -> list[CreatedEvent]:
    """The creates of an update, in no order; a reassignment creates nothing."""
    events = update.events_by_id.values() if isinstance(update, Transaction) else ()
    return [one for one in events if isinstance(one, CreatedEvent)]


def arrivals(update: Transaction | Reassignment) -> list[CreatedEvent]:
    """The creates of an update in their order, or what it assigns to this synchronizer."""
    if isinstance(update, Transaction):
        return sorted(creations(update), key=number_of)
    return [update.event.created_event] if isinstance(update.event, Assignment) else []


def number_of(event: CreatedEvent) -> int:
    """The number of an event in its update."""
    return int(event.event_id.rpartition(":")[2])


def archived(update: Transaction | Reassignment) -> list[str]:
    """The ids of the contracts that an update consumes; a reassignment consumes nothing."""
    events = update.events_by_id.values() if isinstance(update, Transaction) else ()
    exercised = (one for one in events if isinstance(one, ExercisedEvent))
    return [one.contract_id for one in exercised if one.consuming]


def page(updates: list[bytes]) -> bytes:
    """The body of a page of `/v2/updates`."""
    return b'{"transactions":[' + b",".join(updates) + b"]}"


def as_v1(update: bytes) -> bytes:
    """The update in the format of `/v1/updates`, where a transaction has an offset, always 1."""
    fields = msgspec.json.decode(update, type=dict[str, msgspec.Raw])
    if "event" in fields:
        return update
    tree = {name: fields.pop(name) for name in ("root_event_ids", "events_by_id")}
    fields.pop("external_transaction_hash", None)
    return encode({**fields, "offset": "1", **tree})
