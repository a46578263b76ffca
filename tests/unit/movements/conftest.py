"""Movements as a table: event, leg, account, direction, kind, counterparty, amount in CC.

Events are numbered as in the update, accounts are named by their hints, ``-`` is nothing.
"""

import pytest

from services.movements import cc_movements
from tests.updates import transaction


@pytest.fixture
def moved():
    """The movements of the update with these root events."""
    return lambda *roots: [_cells(row) for row in cc_movements(transaction(*roots)) if _is_one(row)]


@pytest.fixture
def table():
    """The cells of a table drawn in a string."""
    return lambda text: [line.split() for line in text.strip().splitlines()]


@pytest.fixture
def problem():
    """A function that returns the problem of the one event that some root events are about."""

    def of(*roots):
        (row,) = cc_movements(transaction(*roots))
        assert row["movement_kind"] is None
        return row["problem"]

    return of


@pytest.fixture
def problem_of():
    """The one problem of the update with these root events, whatever else moves there."""

    def of(*roots):
        rows = cc_movements(transaction(*roots))
        (problem,) = [row["problem"] for row in rows if row["problem"]]
        return problem

    return of


def _is_one(row):
    assert row["problem"] is None, row["problem"]
    return row["movement_kind"] is not None


def _cells(row):
    return [
        row["event_id"].partition(":")[2],
        str(row["leg"]),
        _hint(row["account"]),
        row["direction"],
        row["movement_kind"],
        _hint(row["counterparty"]),
        row["amount_cc"],
    ]


def _hint(party):
    return (party or "-").partition("::")[0]
