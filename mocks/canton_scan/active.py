"""Active contracts at a snapshot, for `/v0/state/acs`, `/v0/holdings/state` and later versions.

They are what updates created and have not archived, and what was there before the ledger began, as
far as that is known: of the templates in `TEMPLATES`, each contract that an update archives is.
A page is made from its token, which says where it starts.

Contracts come in units: what nobody archives and what is older than the ledger, then the coins of
that kind that each later block of the first epoch consumes, then what each block so far has made.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from mocks.canton_scan import before, templates, wire
from mocks.canton_scan.acs import Active, Coin, Selection, Snapshot
from mocks.canton_scan.before import RULES
from mocks.canton_scan.ids import update_id
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.left import COINS, KINDS, Row, left_by
from mocks.canton_scan.mix import BLOCK
from mocks.canton_scan.plan import Split
from mocks.canton_scan.render.coins import coin
from mocks.canton_scan.survivors import survivors
from mocks.canton_scan.templates import Template
from mocks.canton_scan.tree import created_event
from mocks.canton_scan.update import update_at

_RENEWED = (templates.VALIDATOR_LICENSE, templates.SV_NODE_STATE, templates.SV_STATUS_REPORT)
TEMPLATES = COINS | RULES | {templates.MEMBER_TRAFFIC, *_RENEWED[:2]}
_EVENTS = 100_000  # more than any update about coin has
_UNIT = BLOCK * _EVENTS  # more places than any unit has


def page(
    at: Snapshot, selection: Selection, start: int, size: int, most_written: int = 10
) -> tuple[list[Active], int | None]:
    """Up to ``size`` contracts from a token on, and the token of the next page.

    Where whole blocks have to be written to find them, a page ends after ``most_written`` of these:
    about a second.
    """
    found: list[Active] = []
    written = 0
    for token, one in _from(at, selection, start):
        written += one is None
        if len(found) == size or written > most_written:
            return found, token
        if one is not None:
            found.append(one)
    return found, None


def every(at: Snapshot, selection: Selection) -> Iterator[Active]:
    """All selected contracts."""
    return (one for _, one in _from(at, selection, 0) if one is not None)


def coins(at: Snapshot, owners: frozenset[str]) -> Iterator[Coin]:
    """All coins of some owners: the same as `every`, without their contracts."""
    rounds, holders = at.ledger.network.rounds, at.ledger.network.accounts.all_holders
    older = [one for one in before.rests_at(at) if one.owner in owners]
    for block in before.blocks(at):
        older += before.in_block(at, block, owners)
    for one in older:
        yield Coin(one.owner, one.amount, before.made_in(at, one), one.is_locked)
    selection = Selection(COINS, owners=owners)
    for block in range(-(-at.count // BLOCK)):
        for row in _rows(at, block, selection):
            made_in = rounds.round(row.round)
            is_locked = KINDS[row.kind] == templates.LOCKED_AMULET
            yield Coin(holders[row.owner], int(row.amount), made_in, is_locked)


def _from(at: Snapshot, selection: Selection, start: int) -> Iterator[tuple[int, Active | None]]:
    """Tokens with contracts, and one without before each block that has to be written whole."""
    first, skipped = divmod(start, _UNIT)
    for number in range(first, _units(at)):
        at_least = skipped if number == first else 0
        if number > len(before.blocks(at)) and not _is_kept(selection):
            yield number * _UNIT + at_least, None
        for place, one in _unit(at, number, selection, at_least):
            if place >= at_least and selection.has(one):
                yield number * _UNIT + place, one


def _units(at: Snapshot) -> int:
    return 1 + len(before.blocks(at)) + -(-at.count // BLOCK)


def _unit(
    at: Snapshot, number: int, selection: Selection, start: int
) -> Iterable[tuple[int, Active]]:
    """The contracts of a unit with their places in it: the selected ones, and maybe more."""
    if number == 0:
        return enumerate(before.of_no_block(at))
    blocks = before.blocks(at)
    if number > len(blocks):
        created = _kept if _is_kept(selection) else _whole
        return created(at, number - 1 - len(blocks), selection, start // _EVENTS)
    if not any(map(selection.may_be, COINS)):
        return ()
    found = before.in_block(at, blocks[number - 1], selection.owners)
    return enumerate(before.contract(at, one) for one in found)


def _is_kept(selection: Selection) -> bool:
    """Tell whether the updates that created all selected contracts are known."""
    return selection.templates is not None and selection.templates <= TEMPLATES


def _whole(
    at: Snapshot, block: int, selection: Selection, start: int
) -> Iterator[tuple[int, Active]]:
    """Yield active contracts of any template; all updates of the block are written for it."""
    rows = {(one.index, one.event) for one in _rows(at, block, selection)}
    renewed = _renewed(at.ledger, at.count)
    for index, event in survivors(at, block, start):
        number = wire.number_of(event)
        template = Template(event.package_name, event.template_id.partition(":")[2])
        is_active = (index, number) in rows if template in KINDS else True
        if is_active and (template not in _RENEWED or renewed.get(index) == template):
            one = Active(template, event, update_id(at.ledger.seed, index))
            yield (index - block * BLOCK) * _EVENTS + number, _seen_from(at, index, one)


def _kept(
    at: Snapshot, block: int, selection: Selection, start: int
) -> Iterator[tuple[int, Active]]:
    """Yield the active contracts that a block's updates created, from its ``start``-th on."""
    first, rows = block * BLOCK, defaultdict[int, dict[int, Row]](dict)
    for row in _rows(at, block, selection):
        rows[row.index][row.event] = row
    renewed = {
        index: template
        for index, template in _renewed(at.ledger, at.count).items()
        if selection.may_be(template) and first <= index < first + BLOCK
    }
    for index in sorted({*rows, *renewed}):
        if index >= first + start:
            for one in _creations(at.ledger, index, rows.get(index, {})):
                number = wire.number_of(one.event)
                if number in rows.get(index, {}) or one.template == renewed.get(index):
                    yield (index - first) * _EVENTS + number, _seen_from(at, index, one)


def _rows(at: Snapshot, block: int, selection: Selection) -> list[Row]:
    """The coins and traffic that a block's updates created and nothing has archived so far."""
    ledger, start = at.ledger, block * BLOCK
    kinds = {kind for kind, one in enumerate(KINDS) if selection.may_be(one)}
    if not kinds:
        return []
    is_whole = start + BLOCK <= at.count
    left = ledger.blocks.block(ledger, block) if is_whole else left_by(ledger, start, at.count)
    concerned, holders = selection.owners or selection.parties, ledger.network.accounts.holders
    numbers = {holders[one] for one in concerned if one in holders}
    is_of_all = not concerned or ledger.network.dso in concerned
    return [
        one
        for one in left.rows
        if one.kind in kinds
        and (is_of_all or one.owner in numbers)
        and one.is_active(ledger, at.count)
    ]


def _seen_from(at: Snapshot, index: int, one: Active) -> Active:
    """The contract without its update if that was of an earlier migration."""
    is_here = at.ledger.position(index).migration_id == at.migration_id
    return one if is_here else one._replace(update_id=None)


@lru_cache(maxsize=4)
def _renewed(ledger: Ledger, count: int) -> dict[int, Template]:
    """The updates that made the newest licenses, node states and status reports, by index."""
    planner = ledger.planner
    return {
        index: template
        for turns, template in zip(
            (planner.licenses, planner.nodes, planner.reports), _RENEWED, strict=True
        )
        for owner in turns.owners
        for index in (turns.newest(owner, count),)
        if index is not None
    }


def _creations(ledger: Ledger, index: int, rows: dict[int, Row]) -> Iterator[Active]:
    """Yield what an update creates of `TEMPLATES`; at least the rows' contracts."""
    plan = ledger.plan(index)
    if isinstance(plan, Split) and not any(one.spent_by for one in rows.values()):
        events = [_change_of(ledger, plan, one) for one in rows.values()]
    else:
        events = sorted(wire.creations(ledger.written(index)), key=wire.number_of)
    for event in events:
        path = event.template_id.partition(":")[2]
        if path in _BY_PATH:
            yield Active(_BY_PATH[path], event, update_id(ledger.seed, index))


def _change_of(ledger: Ledger, plan: Split, row: Row) -> wire.CreatedEvent:
    """The change of a split, which stays when all else is spent: without planning an epoch."""
    update = update_at(ledger.network, ledger.timeline.moment(row.index), plan.generation)
    made = coin(update, "change", plan.owner, int(row.amount))
    event_id = f"{update.update_id}:{row.event}"
    return created_event(update, made, event_id, plan.generation.value)


_BY_PATH = {one.path: one for one in TEMPLATES}
