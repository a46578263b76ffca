"""Active contracts that were there before the ledger began, as far as they are known."""

from collections.abc import Iterator
from itertools import chain

from mocks.canton_scan import dso, older, templates, validators, wire
from mocks.canton_scan.acs import Active, Snapshot
from mocks.canton_scan.clock import ledger_time_text
from mocks.canton_scan.contracts import Contract
from mocks.canton_scan.mix import BLOCK
from mocks.canton_scan.render.coins import amulet
from mocks.canton_scan.rounds import Round
from mocks.canton_scan.splits import at_rest, rest_of
from mocks.canton_scan.templates import Template

RULES = frozenset({templates.AMULET_RULES, templates.DSO_RULES})


def blocks(at: Snapshot) -> range:
    """The blocks whose updates are yet to consume coins from before."""
    return range(at.count // BLOCK, at.ledger.planner.epochs.first // BLOCK)


def of_no_block(at: Snapshot) -> Iterator[Active]:
    """The rules, what no update has renewed, and what its owner has at rest."""
    rests = (contract(at, one) for one in rests_at(at))
    return chain(_rules(at), _never_renewed(at), rests)


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


def rests_at(at: Snapshot) -> Iterator[older.Coin]:
    """Yield the coin of each owner from before the ledger that nobody has spent so far."""
    planner, seed = at.ledger.planner, at.ledger.seed
    for owner in at.ledger.network.accounts.all_holders:
        split = planner.splits.index(owner, planner.epochs.first)
        if split is None or split >= at.count:
            yield older.Coin(*rest_of(owner, 0), owner, at_rest(seed, owner))


def in_block(at: Snapshot, block: int, owners: frozenset[str]) -> list[older.Coin]:
    """Coins from before the ledger that a block's updates will consume; of all without owners."""
    return [
        one
        for one in older.in_block(at.ledger.planner, block)
        if one.index >= at.count and (not owners or one.owner in owners)
    ]


def contract(at: Snapshot, one: older.Coin) -> Active:
    """The contract of a coin."""
    network, contract_id = at.ledger.network, one.contract_id(at.ledger)
    made, first = made_in(at, one), at.ledger.position(0)
    template = templates.LOCKED_AMULET if one.is_locked else templates.AMULET
    arguments = amulet(network, made, one.owner, one.amount)
    created_at = ledger_time_text(network.rounds.window_start(made.number))
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


def made_in(at: Snapshot, one: older.Coin) -> Round:
    """The round before the ledger began; of a coin that expires, the round that its end names."""
    rounds, timeline = at.ledger.network.rounds, at.ledger.timeline
    if one.age is None:
        return rounds.usable(timeline.moment(0).record_time)
    ended_in = rounds.usable(timeline.moment(one.index).record_time)
    return Round(max(0, ended_in.number - one.age), ended_in.price_usd, ended_in.holding_fee)
