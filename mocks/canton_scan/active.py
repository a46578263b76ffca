"""Active contracts at a snapshot, for `/v0/state/acs`, `/v0/holdings/state` and later versions.

They are what updates created and have not archived, and what was there before the ledger began, of
the templates in `TEMPLATES`: for these, each contract that an update archives is known beforehand.
Nothing is kept but a few blocks: a page is made from its token, which says where it starts.

Contracts come in units: what nobody archives and what is older than the ledger, then the coins of
that kind that each later block of updates consumes, then what each block so far has created.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from mocks.canton_scan import dso, holdings, older, templates, validators, wire
from mocks.canton_scan.clock import ledger_time_text
from mocks.canton_scan.contracts import Contract
from mocks.canton_scan.eras import ABOUT_COIN
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.mix import BLOCK
from mocks.canton_scan.older import HORIZON
from mocks.canton_scan.plan import Quiet
from mocks.canton_scan.render.coins import amulet
from mocks.canton_scan.rounds import Round
from mocks.canton_scan.templates import Template

COINS = frozenset({templates.AMULET, templates.LOCKED_AMULET})
RENEWED = frozenset({templates.VALIDATOR_LICENSE, templates.SV_NODE_STATE})
RULES = frozenset({templates.AMULET_RULES, templates.DSO_RULES})
TEMPLATES = COINS | RENEWED | RULES | {templates.MEMBER_TRAFFIC}
_UNIT = 10_000  # more contracts than any unit has
_KEPT = 32  # blocks, so that a ledger of the usual length is written once; 1 MB each


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The ledger after its first `count` updates, the last of them of a migration."""

    ledger: Ledger
    migration_id: int
    count: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Contracts of some templates; with `parties`, those of which one is a stakeholder.

    With `owners`, coins of these alone.
    """

    templates: frozenset[Template]
    parties: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()

    def has(self, one: "Active") -> bool:
        """Tell whether a contract is wanted."""
        if one.template not in self.templates:
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
    """Whose coin it is."""
    return coin_of(one)["owner"]


def coin_of(one: Active) -> wire.Json:
    """The Amulet that a contract is or locks."""
    return one.event.create_arguments.get("amulet", one.event.create_arguments)


def page(at: Snapshot, wanted: Wanted, start: int, size: int) -> tuple[list[Active], int | None]:
    """Up to ``size`` contracts from a token on, and the token of the next page."""
    found: list[Active] = []
    for token, one in _from(at, wanted, start):
        if len(found) == size:
            return found, token
        found.append(one)
    return found, None


def every(at: Snapshot, wanted: Wanted) -> Iterator[Active]:
    """All contracts that are wanted."""
    return (one for _, one in _from(at, wanted, 0))


def _from(at: Snapshot, wanted: Wanted, start: int) -> Iterator[tuple[int, Active]]:
    first, skipped = divmod(start, _UNIT)
    has_coins = bool(wanted.templates & COINS)
    for number in range(first, _units(at)):
        kept = _unit(at, number, wanted) if has_coins or not _is_of_coins(at, number) else ()
        for place, one in enumerate(kept):
            if (number > first or place >= skipped) and wanted.has(one):
                yield number * _UNIT + place, one


def _older_blocks(at: Snapshot) -> range:
    return range(at.count // BLOCK, HORIZON // BLOCK)


def _units(at: Snapshot) -> int:
    return 1 + len(_older_blocks(at)) + -(-at.count // BLOCK)


def _is_of_coins(at: Snapshot, number: int) -> bool:
    return 1 <= number <= len(_older_blocks(at))


def _unit(at: Snapshot, number: int, wanted: Wanted) -> list[Active]:
    """The contracts of a unit; of older coins, those of the wanted owners alone."""
    if number == 0:
        return [*_rules(at), *_never_renewed(at), *_rests(at)]
    blocks = _older_blocks(at)
    if number <= len(blocks):
        return _older(at, blocks[number - 1], wanted.owners)
    return _created(at, number - 1 - len(blocks))


def _rules(at: Snapshot) -> list[Active]:
    return [_from_before(at, one, dso.rules(at.ledger, one)) for one in sorted(RULES)]


def _never_renewed(at: Snapshot) -> Iterator[Active]:
    """Licenses and node states that no update has replaced so far."""
    ledger = at.ledger
    for validator in ledger.planner.licenses.owners:
        if ledger.planner.licenses.newest(validator, at.count) is None:
            first = validators.first_license(ledger, validator)
            yield _from_before(at, templates.VALIDATOR_LICENSE, first, validator)
    for sv in ledger.planner.nodes.owners:
        if ledger.planner.nodes.newest(sv, at.count) is None:
            first = dso.node_state_of(ledger, sv, at.count)
            yield _from_before(at, templates.SV_NODE_STATE, first)


def _from_before(at: Snapshot, template: Template, one: Contract, *observers: str) -> Active:
    event = wire.CreatedEvent(
        _event_id(at, one.contract_id),
        one.contract_id,
        one.template_id,
        template.package,
        one.payload,
        one.created_at,
        [at.ledger.network.dso],
        list(observers),
    )
    return Active(template, event)


def _event_id(at: Snapshot, contract_id: str) -> str:
    return f"1220{at.ledger.seed.hex(f'import of {contract_id}', 64)}:0"


def _rests(at: Snapshot) -> Iterator[Active]:
    """What nobody spends of the coin that each owner had before the ledger began."""
    spent = older.in_all(at.ledger.planner)
    for owner in at.ledger.network.accounts.holders:
        amount = holdings.opening(at.ledger.seed, owner) - spent[owner]
        contract_id = at.ledger.network.contract(f"rest of {owner}")
        yield _older_coin(at, contract_id, older.Coin(0, "", owner, amount))


def _older(at: Snapshot, block: int, owners: frozenset[str]) -> list[Active]:
    """Coins from before the ledger that a block's updates will consume; of all without owners."""
    return [
        _older_coin(at, one.contract_id(at.ledger), one)
        for one in older.in_block(at.ledger.planner, block)
        if one.index >= at.count and (not owners or one.owner in owners)
    ]


def _older_coin(at: Snapshot, contract_id: str, one: older.Coin) -> Active:
    network = at.ledger.network
    made_in, first = _made_in(at, one), at.ledger.position(0)
    template = templates.LOCKED_AMULET if one.is_locked else templates.AMULET
    arguments = amulet(network, made_in, one.owner, one.amount)
    created_at = ledger_time_text(network.rounds.window_start(made_in.number))
    if one.is_locked:
        lock = {"holders": [network.dso], "expiresAt": created_at, "optContext": None}
        arguments = {"amulet": arguments, "lock": lock}
    event = wire.CreatedEvent(
        _event_id(at, contract_id),
        contract_id,
        network.template_id(template, network.mixture.newest(first.migration_id).value),
        template.package,
        arguments,
        created_at,
        sorted((network.dso, one.owner)),
        [],
    )
    return Active(template, event)


def _made_in(at: Snapshot, one: older.Coin) -> Round:
    """The round before the ledger began; of a coin that expires, the round that its end names."""
    rounds, timeline = at.ledger.network.rounds, at.ledger.timeline
    if one.age is None:
        return rounds.usable(timeline.moment(0).record_time)
    ended_in = rounds.usable(timeline.moment(one.index).record_time)
    return Round(max(0, ended_in.number - one.age), ended_in.price_usd, ended_in.holding_fee)


def _created(at: Snapshot, block: int) -> list[Active]:
    """What a block's updates created and nothing has archived so far, in their order."""
    coins, archived = _changes(at.ledger, block)
    renewed = _renewed(at.ledger, at.count)
    found = [
        (index, one)
        for index, one in coins
        if index < at.count and archived.get(one.event.contract_id, HORIZON) >= at.count
    ]
    for index in range(block * BLOCK, (block + 1) * BLOCK):
        if index in renewed:
            created = _creations(at.ledger.written(index))
            found += [(index, one) for one in created if one.template == renewed[index]]
    return [_seen_from(at, index, one) for index, one in sorted(found, key=itemgetter(0))]


def _seen_from(at: Snapshot, index: int, one: Active) -> Active:
    """The contract without its update if that was of an earlier migration."""
    is_here = at.ledger.position(index).migration_id == at.migration_id
    return one if is_here else one._replace(update_id=None)


@lru_cache(maxsize=4)
def _renewed(ledger: Ledger, count: int) -> dict[int, Template]:
    """The updates that made the newest licenses and node states, by index."""
    licenses, nodes = ledger.planner.licenses, ledger.planner.nodes
    return {
        index: template
        for turns, template in (
            (licenses, templates.VALIDATOR_LICENSE),
            (nodes, templates.SV_NODE_STATE),
        )
        for owner in turns.owners
        for index in (turns.newest(owner, count),)
        if index is not None
    }


@lru_cache(maxsize=_KEPT)
def _changes(ledger: Ledger, block: int) -> tuple[list[tuple[int, Active]], dict[str, int]]:
    """Coins and traffic that a block's updates create, and where in it a coin is archived."""
    created: list[tuple[int, Active]] = []
    archived: dict[str, int] = {}
    for moment, plan in ledger.planner.plans(ABOUT_COIN, (block + 1) * BLOCK, block * BLOCK):
        if not isinstance(plan, Quiet):
            update = ledger.written(moment.index)
            created += [(moment.index, one) for one in _creations(update)]
            archived |= dict.fromkeys(_archived(update), moment.index)
    return created, archived


def _creations(update: wire.Transaction | wire.Reassignment) -> list[Active]:
    return [
        Active(_BY_PATH[path], event, update.update_id)
        for event in wire.creations(update)
        if (path := event.template_id.partition(":")[2]) in _BY_PATH
    ]


def _archived(update: wire.Transaction | wire.Reassignment) -> Iterator[str]:
    events = update.events_by_id.values() if isinstance(update, wire.Transaction) else ()
    exercised = (one for one in events if isinstance(one, wire.ExercisedEvent))
    return (one.contract_id for one in exercised if one.consuming)


_BY_PATH = {one.path: one for one in TEMPLATES}
