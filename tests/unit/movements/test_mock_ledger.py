"""The rules against the mock's plans, which say what an update means without any of the rules."""

import json
from collections import Counter
from decimal import Decimal

import pytest

from mocks.canton_scan.eras import Era
from mocks.canton_scan.ledger import open_ledger
from mocks.canton_scan.plan import MovementKind
from services.movements import cc_movements
from tests.coin.case import sums

COUNT = 300
NOW = 1_765_384_000_000_000  # microseconds; the ledger's history ends here


@pytest.fixture(params=list(Era), ids=lambda era: era.value)
def ledger(tmp_path, request):
    return open_ledger(
        tmp_path / "state.json", "rules", history=20_000, clock=lambda: NOW, era=request.param
    )


def planned(plan):
    """Return the sums that the mock planned, split into the sides that silver has."""
    found = Counter()
    for movement in plan.movements:
        kind, amount = movement.kind.value, Decimal(movement.amount).scaleb(-10)
        sender, receiver = movement.sender, movement.receiver
        if movement.kind is MovementKind.ABORT:
            found[sender, "none", kind, receiver] += 1
            continue
        if sender:
            found[sender, "sent", kind, receiver] += amount
        if receiver:
            found[receiver, "received", kind, sender] += amount
    return found


def test_the_rules_find_what_the_mock_planned_and_nothing_else_in_every_era(ledger):
    kinds = set()
    for index in [*range(COUNT), *range(19_000, 19_000 + COUNT)]:
        rows = cc_movements(json.loads(ledger.update(index)))
        assert [row["problem"] for row in rows if row["problem"]] == [], index
        assert sums(rows) == planned(ledger.plan(index)), index
        kinds.update(row["movement_kind"] for row in rows)
    assert kinds >= {"transfer", "mint", "burn"}
