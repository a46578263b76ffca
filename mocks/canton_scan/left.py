"""Coins, traffic, sums by owner and names that a run of updates left behind."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import Units, units
from mocks.canton_scan.eras import ABOUT_COIN
from mocks.canton_scan.plan import (
    Answer,
    Bought,
    Plan,
    Promise,
    Purchase,
    Quiet,
    Settlement,
    Split,
    Together,
    Trade,
)
from mocks.canton_scan.render.purchases import traffic_bytes
from mocks.canton_scan.splits import rest_of
from mocks.canton_scan.timeline import Moment
from mocks.canton_scan.update import contract_of

if TYPE_CHECKING:
    from mocks.canton_scan.ledger import Ledger

COINS = frozenset({templates.AMULET, templates.LOCKED_AMULET})
KINDS = (templates.AMULET, templates.LOCKED_AMULET, templates.MEMBER_TRAFFIC)
NOBODY = -1  # owns traffic
_KIND_OF = {template.path: kind for kind, template in enumerate(KINDS)}


class Row(Struct, frozen=True, array_like=True):
    """A contract that a block created and did not archive.

    `index` is that of its update, `event` its number in that, `kind` its place in `KINDS`, `owner`
    a place among the holders, `amount` in units. `spent_by` is the index of the update of a later
    block that archives it, 0 if none does; negative, the owner's split for the epoch from there on.
    """

    index: int
    event: int
    kind: int
    owner: int
    amount: str
    round: int
    spent_by: int

    def is_active(self, ledger: "Ledger", count: int) -> bool:
        """Tell whether it is there after the first ``count`` updates."""
        spent_by: int | None = self.spent_by
        if self.spent_by < 0:
            owner = ledger.network.accounts.all_holders[self.owner]
            spent_by = ledger.planner.splits.index(owner, -self.spent_by)
        return not spent_by or spent_by >= count


class Moved(Struct, frozen=True, array_like=True):
    """The coin that an owner gained, and how much more of it is locked, both in units."""

    owner: int
    gained: str
    locked: str


class Traffic(Struct, frozen=True, array_like=True):
    """Bytes that an owner bought for its node."""

    owner: int
    migration_id: int
    bought: int


class Name(Struct, frozen=True, array_like=True):
    """A name that the update at `index` gave its user; that at `requested_in` requested it."""

    index: int
    user: int
    requested_in: int


class Left(Struct, frozen=True, array_like=True):
    """Contracts, sums, traffic and names that updates left, in the order of the updates."""

    rows: list[Row]
    moved: list[Moved]
    traffic: list[Traffic]
    names: list[Name]


@dataclass(frozen=True, slots=True)
class Sums:
    """Amounts that parties gained, and their locked amounts; both in units."""

    gained: Counter[str] = field(default_factory=Counter)
    locked: Counter[str] = field(default_factory=Counter)

    def add(self, plan: Plan) -> None:
        """Take one more update into account."""
        for movement in plan.movements:
            if movement.sender is not None:
                self.gained[movement.sender] -= movement.amount
            if movement.receiver is not None:
                self.gained[movement.receiver] += movement.amount
        for owner, amount in _locked(plan):
            self.locked[owner] += amount


def _locked(plan: Plan) -> Iterator[tuple[str, Units]]:
    """Yield owners and amounts locked, or unlocked (negative); a trade's `kept` stays locked."""
    match plan:
        case Promise():
            yield plan.sender, plan.locked
        case Answer():
            yield plan.promise.sender, -plan.promise.locked
        case Trade():
            yield from ((one.owner, one.locked) for one in plan.fundings)
        case Settlement():
            yield from ((one.owner, -one.need) for one in plan.trade.fundings)
        case _:
            return


@lru_cache(maxsize=4)
def left_by(ledger: "Ledger", start: int, end: int) -> Left:
    """Return what the updates from ``start`` on, before ``end``, left; they are of one block."""
    sums, made, archived = Sums(), list[tuple[str, Row]](), set[str]()
    traffic, names = list[Traffic](), list[Name]()
    for moment, plan in ledger.planner.plans(ABOUT_COIN, end, start):
        if isinstance(plan, Quiet):
            continue
        sums.add(plan)
        traffic += _bought(ledger, moment, plan)
        names += _named(ledger, moment, plan)
        update = ledger.rendered(moment, plan)
        made += _made(ledger, moment, plan, update)
        archived.update(wire.archived(update))
    rows = [row for contract_id, row in made if contract_id not in archived]
    return Left(rows, _moved(ledger, sums), traffic, names)


def _moved(ledger: "Ledger", sums: Sums) -> list[Moved]:
    number_of = ledger.network.accounts.holders
    owners = dict.fromkeys((*sums.gained, *sums.locked))
    return [Moved(number_of[one], str(sums.gained[one]), str(sums.locked[one])) for one in owners]


def _bought(ledger: "Ledger", moment: Moment, plan: Plan) -> Iterator[Traffic]:
    round_ = ledger.network.rounds.usable(moment.record_time)
    for one in plan.parts if isinstance(plan, Together) else (plan,):
        if isinstance(one, Purchase) and one.what is Bought.TRAFFIC:
            owner = ledger.network.accounts.holders[one.split.sender]
            yield Traffic(owner, moment.migration_id, traffic_bytes(one, round_))


def _named(ledger: "Ledger", moment: Moment, plan: Plan) -> Iterator[Name]:
    if isinstance(plan, Answer) and plan.paying and plan.promise.purpose.is_of_name:
        user = ledger.network.accounts.holders[plan.promise.sender]
        yield Name(moment.index, user, plan.promise.index)


def _made(
    ledger: "Ledger", moment: Moment, plan: Plan, update: wire.Transaction | wire.Reassignment
) -> Iterator[tuple[str, Row]]:
    """Yield the coins and traffic that an update creates, with their ids."""
    spent_by = dict(_spent_by(ledger, plan)) if isinstance(plan, Split) else {}
    round_ = ledger.network.rounds.usable(moment.record_time).number
    for event in sorted(wire.creations(update), key=wire.number_of):
        kind = _KIND_OF.get(event.template_id.partition(":")[2])
        if kind is not None:
            owner, amount = NOBODY, 0
            if KINDS[kind] in COINS:
                coin = coin_in(event)
                owner = ledger.network.accounts.holders.get(coin["owner"], NOBODY)  # or the DSO
                amount = units(coin["amount"]["initialAmount"])
            by = spent_by.get(event.contract_id, 0)
            number = wire.number_of(event)
            yield event.contract_id, Row(moment.index, number, kind, owner, str(amount), round_, by)


def coin_in(event: wire.CreatedEvent) -> wire.Json:
    """The Amulet that a contract is or locks."""
    return event.create_arguments.get("amulet", event.create_arguments)


def _spent_by(ledger: "Ledger", plan: Split) -> Iterator[tuple[str, int]]:
    for output in plan.transfer.outputs:
        made_for = output.made_for
        if made_for is not None:
            is_rest = made_for == rest_of(plan.owner, plan.end)
            by = -(plan.end + ledger.planner.epochs.length) if is_rest else made_for.at
            yield contract_of(ledger.network, *made_for), by
