"""The mining rounds that are open or issue rewards now, as `/v0/open-and-issuing-mining-rounds`.

They are those that the ledger's updates create: same contract ids, prices and times. A round that
was created before the ledger begins, or in whose ten minutes nothing happened at all, is shown
as if it had been created at the first instant of its ten minutes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mocks.canton_scan import wire
from mocks.canton_scan.clock import Micros, ledger_time_text
from mocks.canton_scan.contracts import Contract
from mocks.canton_scan.history import Position
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.network import Network
from mocks.canton_scan.plan import Quiet
from mocks.canton_scan.render.mining_rounds import (
    closed_round_payload,
    issuing_round_payload,
    open_round_payload,
)
from mocks.canton_scan.rounds import ISSUES_AFTER, TICK
from mocks.canton_scan.templates import CLOSED_ROUND, ISSUING_ROUND, OPEN_ROUND, Template
from mocks.canton_scan.timeline import LIVE_MIGRATION, OLD_MIGRATION
from mocks.canton_scan.update import update_at

TIME_TO_LIVE: Micros = TICK  # as recorded four times on MainNet
_OPEN = 3
_CLOSES_AFTER = 6  # a round is closed after the sixth one after it is created


@dataclass(frozen=True, slots=True)
class Created:
    """The creation of a round; `index` is that of the creating update, None if there is none."""

    number: int
    migration_id: int
    ledger_time: Micros
    index: int | None = None


def described(ledger: Ledger, open_ids: Iterable[str], issuing_ids: Iterable[str]) -> wire.Json:
    """The answer; a contract whose id the client has already is left out of its entry."""
    newest = ledger.network.rounds.newest(ledger.head().record_time)
    created = [_created(ledger, number) for number in range(newest - _OPEN + 1, newest + 1)]
    opened = [_open(ledger.network, one) for one in created]
    issuing = [
        _issuing(ledger.network, started)
        for one in _still_issuing(ledger, created)
        if (started := _issued(ledger, one))
    ]
    domain_id = ledger.network.synchronizer_id
    return {
        "time_to_live_in_microseconds": TIME_TO_LIVE,
        "open_mining_rounds": _entries(opened, domain_id, open_ids),
        "issuing_mining_rounds": _entries(issuing, domain_id, issuing_ids),
    }


def newest(ledger: Ledger) -> Contract:
    """The round that was created last; it may not have opened yet."""
    number = ledger.network.rounds.newest(ledger.head().record_time)
    return _open(ledger.network, _created(ledger, number))


def closed(ledger: Ledger) -> Contract:
    """The round that was closed last; the update that does so follows one that creates a round."""
    newest = ledger.network.rounds.newest(ledger.head().record_time)
    created = _created(ledger, newest)
    if not _is_followed(ledger, created):
        created = _created(ledger, newest - 1)
    number = created.number - _CLOSES_AFTER
    payload = closed_round_payload(ledger.network, number)
    return contract(
        ledger.network,
        replace(created, ledger_time=_next_ledger_time(ledger, created)),
        CLOSED_ROUND,
        f"closed round {number}",
        payload,
    )


def _next_ledger_time(ledger: Ledger, created: Created) -> Micros:
    if created.index is None:
        return created.ledger_time
    return update_at(ledger.network, ledger.timeline.moment(created.index + 1)).ledger_time


def _is_followed(ledger: Ledger, created: Created) -> bool:
    return created.index is None or created.index + 1 < ledger.count()


def _created(ledger: Ledger, number: int) -> Created:
    """Find the creation of a round; in an overlap of migrations, only one of them creates it."""
    start = ledger.network.rounds.window_start(number)
    for migration_id in (LIVE_MIGRATION, OLD_MIGRATION):
        index = ledger.index_after(Position(migration_id, start - 1))
        if index < ledger.count() and ledger.plan(index) is Quiet.ROUND_OPENED:
            moment = ledger.timeline.moment(index)
            if ledger.network.rounds.newest(moment.record_time) == number:
                ledger_time = update_at(ledger.network, moment).ledger_time
                return Created(number, moment.migration_id, ledger_time, index)
    return Created(number, ledger.position(0).migration_id, start)


def _still_issuing(ledger: Ledger, created: list[Created]) -> list[Created]:
    """The update after the one that creates the newest round closes the oldest one that issues."""
    return created[1:] if _is_followed(ledger, created[-1]) else created


def _issued(ledger: Ledger, one: Created) -> Created | None:
    """The creation of the round that issues rewards once this one is created, if that happened.

    The second update after it does that, unless yet another round is created before.
    """
    if one.index is None:
        return one
    index = one.index + 2
    if index >= ledger.count():
        return None
    moment = ledger.timeline.moment(index)
    if ledger.plan(index) is not Quiet.ROUND_ISSUING:
        return one
    ledger_time = update_at(ledger.network, moment).ledger_time
    return replace(one, migration_id=moment.migration_id, ledger_time=ledger_time, index=index)


def _open(network: Network, one: Created) -> Contract:
    opened = network.rounds.round(one.number)
    payload = open_round_payload(network, one.migration_id, opened, one.ledger_time)
    name = f"open round {one.number}"
    return contract(network, one, OPEN_ROUND, name, payload)


def _issuing(network: Network, one: Created) -> Contract:
    """The round that began to issue rewards when this one was created."""
    number = one.number - ISSUES_AFTER
    payload = issuing_round_payload(network, number, one.ledger_time)
    return contract(network, one, ISSUING_ROUND, f"issuing round {number}", payload)


def contract(
    network: Network, one: Created, template: Template, name: str, payload: wire.Json
) -> Contract:
    """A contract of the DSO's that has a name in the network."""
    return Contract(
        network.template_id(template, network.mixture.newest(one.migration_id).value),
        network.contract(name),
        payload,
        ledger_time_text(one.ledger_time),
    )


def _entries(contracts: list[Contract], domain_id: str, cached: Iterable[str]) -> wire.Json:
    cached = set(cached)
    return {
        one.contract_id: {"domain_id": domain_id}
        if one.contract_id in cached
        else one.on(domain_id)
        for one in contracts
    }
