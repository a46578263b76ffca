"""All coin there is: what was, and what the rules say that moved, is what is active afterwards.

The check needs every coin from before, which a warehouse that starts late never sees; a Scan that
lists its active contracts tells them.
"""

import json
from collections import Counter
from decimal import Decimal

import pytest

from mocks.canton_scan import active
from mocks.canton_scan.acs import Selection, Snapshot, coin_of, owner_of
from mocks.canton_scan.ledger import open_ledger
from mocks.canton_scan.left import COINS
from services.coin_contracts import coin_changes
from services.movements import cc_movements
from tests.contract.scan.scan_api import StoppedClock

COUNT = 600


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    state = tmp_path_factory.mktemp("supply") / "state.json"
    return open_ledger(state, "supply", history=COUNT, clock=StoppedClock())


def active_coins(ledger, count):
    """The owner and CC of each coin that is active after so many updates, by contract id."""
    at = Snapshot(ledger, ledger.position(max(0, count - 1)).migration_id, count)
    found = {}
    for one in active.every(at, Selection(COINS)):
        amount = Decimal(coin_of(one)["amount"]["initialAmount"])
        found[one.event.contract_id] = (owner_of(one), amount)
    return found


def held(coins):
    """The CC of each owner."""
    found = Counter()
    for owner, amount in coins.values():
        found[owner] += amount
    return +found


def test_what_was_active_and_what_moved_is_what_is_active(ledger):
    coins = active_coins(ledger, 0)
    balances, moved, ended = held(coins), Counter(), 0
    for index in range(COUNT):
        update = json.loads(ledger.update(index))
        for row in cc_movements(update):
            if row["direction"] in {"sent", "received"}:
                sign = 1 if row["direction"] == "received" else -1
                moved[row["account"]] += sign * Decimal(row["amount_cc"])
        changes = coin_changes(update)
        for one in changes:
            if one["change"] == "created":
                known = (one["owner"], Decimal(one["amount_cc"]))
                coins |= {one["contract_id"]: known} if one["is_ours"] else {}
        ended += sum(
            coins.pop(one["contract_id"], None) is not None
            for one in changes
            if one["change"] == "archived"
        )

    now = active_coins(ledger, COUNT)
    assert coins == now
    assert ended > 100
    assert any(amount < 0 for amount in moved.values())
    for account, amount in moved.items():
        balances[account] += amount
    assert +balances == held(now)
