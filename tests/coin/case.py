"""A case: an update, and what the rules must make of it.

Movements are written one a line: ``alice > bob 100``, ``alice burns 13``, ``alice mints 5``,
``alice taps 6000``, ``alice aborts bob`` (or ``-``). Amounts are in CC.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tests.updates import DSO, Event, Json, contract_id, party, transaction

Sums = Counter[tuple[str, str, str, str | None]]
_VERBS = {
    "burns": ("sent", "burn"),
    "mints": ("received", "mint"),
    "taps": ("received", "devnet_tap"),
}


@dataclass(frozen=True)
class Case:
    """An update with its movements.

    `is_flagged`: a problem must be told, otherwise none may be. `contracts_differ`: rows and coins
    disagree, because what happened can't be known from the choices.
    """

    update: Json
    movements: Sums
    earlier: dict[str, tuple[str, str, str]]
    is_flagged: bool = False
    contracts_differ: bool = False


def case(
    *roots: Event, moves: str = "", is_flagged: bool = False, contracts_differ: bool = False
) -> Case:
    """The case of an update with these roots."""
    lines = [line.split() for line in moves.splitlines() if line.strip()]
    return Case(
        transaction(*roots), _sums(lines), dict(_earlier(roots)), is_flagged, contracts_differ
    )


def sums(rows: Iterable[Json]) -> Sums:
    """Rows as a case compares them: CC by account, direction, kind and counterparty."""
    found: Sums = Counter()
    for row in rows:
        if kind := row["movement_kind"]:
            key = (row["account"], row["direction"], kind, row["counterparty"])
            found[key] += 1 if kind == "abort" else Decimal(row["amount_cc"])
    return found


def _sums(lines: Iterable[list[str]]) -> Sums:
    found: Sums = Counter()
    for who, verb, *rest in lines:
        account = party(who)
        if verb == ">":
            other, amount = party(rest[0]), Decimal(rest[1])
            found[account, "sent", "transfer", other] += amount
            found[other, "received", "transfer", account] += amount
        elif verb == "aborts":
            found[account, "none", "abort", None if rest[0] == "-" else party(rest[0])] += 1
        else:
            direction, kind = _VERBS[verb]
            found[account, direction, kind, None] += Decimal(rest[0])
    return found


def _earlier(events: Iterable[Event]):
    """Coins of earlier updates, whose names tell DSO party, owner and CC."""
    for event in events:
        whose, _, rest = event.name.partition(" ")
        if whose in {"old", "lock", "theirs"}:
            owner, _, amount = rest.partition(" ")
            dso = party("another DSO") if whose == "theirs" else DSO
            yield contract_id(event.name), (dso, owner, amount)
        yield from _earlier(event.children)
