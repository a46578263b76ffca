"""The rules against the mock's plans, which say what an update means without any of the rules."""

import json
from collections import Counter
from decimal import Decimal

import pytest

from mocks.canton_scan.ledger import open_ledger
from mocks.canton_scan.plan import MovementKind
from services.movements import cc_movements

COUNT = 700
NOW = 1_765_384_000_000_000  # microseconds; the ledger's history ends here


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    state = tmp_path_factory.mktemp("ledger") / "state.json"
    return open_ledger(state, "rules", history=20_000, clock=lambda: NOW)


def planned(movement):
    """A movement of the mock's plan as the sides that silver has."""
    kind = movement.kind.value
    amount = format(Decimal(movement.amount).scaleb(-10), ".10f")
    if movement.kind is MovementKind.ABORT:
        return [(movement.sender, "none", kind, amount)]
    sides = [(movement.sender, "sent"), (movement.receiver, "received")]
    return [(account, direction, kind, amount) for account, direction in sides if account]


def found(update):
    rows = cc_movements(json.loads(update))
    assert [row["problem"] for row in rows if row["problem"]] == []
    return [
        (row["account"], row["direction"], row["movement_kind"], row["amount_cc"])
        for row in rows
        if row["movement_kind"]
    ]


@pytest.mark.parametrize("first", [0, 19_000], ids=["old generation", "both generations"])
def test_the_rules_find_what_the_mock_planned_and_nothing_else(ledger, first):
    kinds = Counter()
    for index in range(first, first + COUNT):
        movements = ledger.plan(index).movements
        sides = [side for movement in movements for side in planned(movement)]
        assert Counter(found(ledger.update(index))) == Counter(sides), index
        kinds.update(side[2] for side in sides)
    assert set(kinds) == {kind.value for kind in MovementKind}, "every kind was met"
