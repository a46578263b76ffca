"""Silver and gold are what the mock's ledger planned, however many runs brought its history."""

import json
from datetime import datetime

import pytest

from mocks.canton_scan.clock import SECOND
from mocks.canton_scan.plan import MovementKind
from services.watermarks import utc_naive
from tests.integration import planned
from tests.integration.local_world import USD_RATE

COUNT = 800


@pytest.fixture
def loaded(ledger, pipeline):
    """A ledger whose history has gone through all layers, and its pipeline."""
    history = ledger(COUNT)
    line = pipeline(history)
    line.run()
    return history, line


def updates_of(history):
    """What silver.canton_updates should say of each update, but for its movements."""
    for index in range(history.count()):
        update = json.loads(history.update(index))
        yield {
            "update_id": update["update_id"],
            "migration_id": history.position(index).migration_id,
            "record_time": at(update["record_time"]),
            "effective_at": at(update.get("effective_at")),
            "synchronizer_id": update.get("synchronizer_id"),
        }


def at(text):
    return text and utc_naive(datetime.fromisoformat(text))


def side(update_id, row):
    names = ("account", "direction", "movement_kind", "counterparty", "amount_cc")
    return update_id, *(row[name] for name in names)


def only(rows, like):
    """Rows with the columns of other rows."""
    return [{name: row[name] for name in like[0]} for row in rows]


def test_silver_and_gold_are_what_the_ledger_planned(loaded):
    history, line = loaded
    expected = list(updates_of(history))
    assert only(line.table("silver.canton_updates"), expected) == expected

    sides = [
        (expected[one.index]["update_id"], one.account, one.direction, one.kind, one.counterparty,
         planned.cc(one.units))
        for one in planned.sides(history, range(COUNT))
    ]  # fmt: skip
    found = line.table("silver.canton_transactions")
    assert sorted(map(str, sides)) == sorted(str(side(row["update_id"], row)) for row in found)
    assert {row["movement_kind"] for row in found} == {kind.value for kind in MovementKind}

    accounts = planned.account_minutes(history, COUNT, USD_RATE)
    assert only(line.table("gold.account_activity_minute"), accounts) == accounts
    network = planned.network_minutes(history, COUNT, USD_RATE)
    assert only(line.table("gold.network_activity_minute"), network) == network


def test_two_runs_give_what_one_run_gives_and_a_third_nothing(ledger, clock, pipeline, database):
    history = ledger(300)
    twice = pipeline(history)
    first = twice.run()
    clock.now += 100 * SECOND
    second = twice.run()
    assert [batch.update_count for batch in (*first, *second)] == [300] * 3 + [
        history.count() - 300
    ] * 3
    assert history.count() > 400

    once = pipeline(history, SNOWFLAKE_DATABASE=database)
    once.run()
    assert twice.content() == once.content()

    before = twice.state()
    assert twice.run() == [None, None, None]
    assert twice.state() == before
