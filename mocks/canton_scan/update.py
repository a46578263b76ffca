"""One update while it is rendered: its ids, its times, and what the ledger was like then."""

from typing import Any

from msgspec import Struct, structs

from mocks.canton_scan.clock import (
    SECOND,
    Micros,
    creation_time_text,
    instant_text,
    ledger_time_text,
)
from mocks.canton_scan.draws import Draws
from mocks.canton_scan.ids import contract_form, contract_id, update_id
from mocks.canton_scan.network import Network
from mocks.canton_scan.plan import Generation, Renewal
from mocks.canton_scan.rounds import Round
from mocks.canton_scan.templates import Template
from mocks.canton_scan.timeline import Moment

_MOST_BEHIND: Micros = 3 * SECOND // 2
_MOST_AHEAD: Micros = 2 * SECOND
_GRAINS = (SECOND,) + (1000,) * 5 + (1,) * 44


class Update(Struct, frozen=True, gc=False):
    """The update at `moment`; `draws` decide what the plan leaves open."""

    network: Network
    moment: Moment
    draws: Draws
    update_id: str
    record_time: str
    ledger_time: Micros
    effective_at: str
    created_at: str
    round: Round
    contracts: Any  # the hash of its contracts' names, up to the name itself
    generation: Generation

    def template_id(self, template: Template, version: str) -> str:
        """The template's id with the package that goes with a version of splice-amulet."""
        return self.network.template_id(template, version)

    def part(self, number: int, generation: Generation) -> "Update":
        """The same update for a part of it that names contracts for itself; the first is whole."""
        if number == 0:
            return self
        names = self.network.seed.hashing(f"{self.moment.index}/part {number}/".encode())
        return structs.replace(self, contracts=names, generation=generation)

    def contract(self, name: str) -> str:
        """The id of a contract that only this update, or one that refers to it, names."""
        digest = self.contracts.copy()  # as `contract_of` has it, in a third less time
        digest.update(name.encode())
        return contract_form(digest.hexdigest())

    def later(self, seconds: int) -> str:
        """The ledger time some seconds after this update, as a text."""
        return ledger_time_text(self.ledger_time + seconds * SECOND)


def contract_of(network: Network, index: int, name: str) -> str:
    """The id of the contract that the update at ``index`` calls ``name``."""
    return contract_id(network.seed, f"{index}/{name}")


def version_before(plan: Renewal, update: Update, name: str) -> str:
    """The id of the contract that a renewal replaces; updates call each version by this name."""
    network, before = update.network, plan.before
    if before is None:
        return network.contract(first_version(name, plan.owner))
    return contract_of(network, before, name)


def first_version(name: str, owner: str) -> str:
    """The name in the network of the contract that an owner had before the ledger began."""
    return f"{name} of {owner}"


def update_at(network: Network, moment: Moment, generation: Generation | None = None) -> Update:
    """The update at this position, before anything happens in it.

    Without a ``generation`` it is that of the DSO in this migration.
    """
    draws = network.seed.draws(f"rendering {moment.index}")
    ledger_time = _ledger_time(moment.record_time, draws)
    effective_at = ledger_time_text(ledger_time)
    return Update(
        network=network,
        moment=moment,
        draws=draws,
        update_id=update_id(network.seed, moment.index),
        record_time=instant_text(moment.record_time),
        ledger_time=ledger_time,
        effective_at=effective_at,
        created_at=creation_time_text(effective_at),
        round=network.rounds.usable(moment.record_time),
        contracts=network.seed.hashing(f"{moment.index}/".encode()),
        generation=generation or network.mixture.newest(moment.migration_id),
    )


def _ledger_time(record_time: Micros, draws: Draws) -> Micros:
    """Up to 1.5 s before the record time, sometimes up to 2 s after it, as in recorded updates.

    One in 50 is a whole second and one in 10 a whole millisecond: written with fewer decimals.
    """
    grain = draws.pick(_GRAINS)
    if draws.one_in(6):
        at = record_time + draws.below(_MOST_AHEAD)
    else:
        at = record_time - draws.below(_MOST_BEHIND - grain)
    return at - at % grain
