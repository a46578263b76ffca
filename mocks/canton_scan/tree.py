"""Conversion of nested ledger actions to the numbered events of one update.

Actions are what renderers return: a tree, in the order of execution. `transaction` numbers the
nodes in that order (parents before children) and writes them down by event id, sorted as strings:
``:10`` stands before ``:2``.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, UnsetType, structs

from mocks.canton_scan import wire
from mocks.canton_scan.templates import Template

if TYPE_CHECKING:
    from mocks.canton_scan.update import Update


_ONE_DIGIT = 10  # so many events are numbered in the order of their ids


class Create(Struct, frozen=True):
    """A contract is created."""

    template: Template
    contract_id: str
    arguments: wire.Json
    signatories: list[str]
    observers: list[str] = []


class Exercise(Struct, frozen=True):
    """A choice is exercised on a contract."""

    template: Template
    contract_id: str
    choice: str
    argument: wire.Json
    result: wire.Json
    actors: list[str]
    children: "tuple[Action, ...]" = ()
    consuming: bool = False
    interface: Template | None = None
    version: str | None = None  # of splice-amulet, for all below too; that of the update

    def over(self, *children: "Action") -> "Exercise":
        """The same choice with these consequences."""
        return structs.replace(self, children=children)


Action = Create | Exercise


def archive(template: Template, contract_id: str, actors: list[str]) -> Exercise:
    """A contract is archived, by its signatories."""
    return Exercise(template, contract_id, "Archive", {}, {}, actors, consuming=True)


def replace(before: str, after: Create) -> tuple[Exercise, Create]:
    """The contract ``before`` gives way to its next version."""
    return archive(after.template, before, after.signatories), after


def transaction(
    update: "Update", roots: Iterable[Action], external_hash: str | UnsetType = UNSET
) -> wire.Transaction:
    """The update that consists of these actions and all that follows from them."""
    events: list[wire.Event | None] = []
    version = update.generation.value
    root_ids = [_write(update, root, events, version) for root in roots]
    return wire.Transaction(
        update_id=update.update_id,
        migration_id=update.moment.migration_id,
        workflow_id="",
        record_time=update.record_time,
        synchronizer_id=update.network.synchronizer_id,
        effective_at=update.effective_at,
        root_event_ids=root_ids,
        events_by_id=_sorted_by_id(events),
        external_transaction_hash=external_hash,
    )


def _write(update: "Update", action: Action, events: list[wire.Event | None], version: str) -> str:
    """Write the action down under the next number, and what is below it after; its event id."""
    number = len(events)
    event_id = f"{update.update_id}:{number}"
    events.append(None)
    if isinstance(action, Create):
        events[number] = created_event(update, action, event_id, version)
    else:
        version = action.version or version
        below = [_write(update, child, events, version) for child in action.children]
        events[number] = _exercised_event(update, action, event_id, below, version)
    return event_id


def _sorted_by_id(events: Iterable[wire.Event | None]) -> dict[str, wire.Event]:
    by_id = {event.event_id: event for event in events if event}
    if len(by_id) <= _ONE_DIGIT:
        return by_id
    return dict(sorted(by_id.items()))


def created_event(
    update: "Update", action: Create, event_id: str, version: str
) -> wire.CreatedEvent:
    """The event of a create."""
    return wire.CreatedEvent(
        event_id,
        action.contract_id,
        update.template_id(action.template, version),
        action.template.package,
        action.arguments,
        update.created_at,
        _in_order(action.signatories),
        _in_order(action.observers),
    )


def _in_order(parties: list[str]) -> list[str]:
    return sorted(parties) if len(parties) > 1 else parties


def _exercised_event(
    update: "Update", action: Exercise, event_id: str, below: list[str], version: str
) -> wire.ExercisedEvent:
    return wire.ExercisedEvent(
        event_id,
        action.contract_id,
        update.template_id(action.template, version),
        action.template.package,
        action.choice,
        action.argument,
        below,
        action.result,
        action.consuming,
        _in_order(action.actors),
        update.template_id(action.interface, version) if action.interface else None,
    )
