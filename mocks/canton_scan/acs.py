"""Types for queries of active contracts: a snapshot, a selection, and a found contract."""

from dataclasses import dataclass
from typing import NamedTuple

from mocks.canton_scan import wire
from mocks.canton_scan.amounts import Units
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.left import coin_in
from mocks.canton_scan.rounds import Round
from mocks.canton_scan.templates import Template


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The ledger after its first `count` updates, the last of them of a migration."""

    ledger: Ledger
    migration_id: int
    count: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Contracts of some templates, or of all; with `parties`, those of which one is a stakeholder.

    With `owners`, coins of these alone.
    """

    templates: frozenset[Template] | None = None
    parties: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()

    def may_be(self, template: Template) -> bool:
        """Tell whether contracts of a template may be selected."""
        return self.templates is None or template in self.templates

    def has(self, one: "Active") -> bool:
        """Tell whether a contract is selected."""
        if not self.may_be(one.template):
            return False
        if self.owners and owner_of(one) not in self.owners:
            return False
        event = one.event
        return not self.parties or not self.parties.isdisjoint(event.signatories + event.observers)


class Active(NamedTuple):
    """A contract, and the update that created it; None: one of an earlier migration."""

    template: Template
    event: wire.CreatedEvent
    update_id: str | None = None


def owner_of(one: Active) -> str:
    """The owner of a coin."""
    return coin_of(one)["owner"]


def coin_of(one: Active) -> wire.Json:
    """The Amulet that a contract is or locks."""
    return coin_in(one.event)


@dataclass(frozen=True, slots=True)
class Coin:
    """A coin without its contract: its amount in units, and the round that it was made in."""

    owner: str
    amount: Units
    made_in: Round
    is_locked: bool
