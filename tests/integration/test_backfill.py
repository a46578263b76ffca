"""Backfill: a stream that began in the middle ends up as one that began at genesis."""

import json

import pytest

from flows.backfill_transactions import backfill_transactions_flow
from mocks.canton_scan.app import create_app
from mocks.canton_scan.clock import instant_text
from services import gold, silver
from tests.integration.scans import FaultyScan

COUNT, MIDDLE, LAGS_AT = 240, 150, 30
SETTINGS = {"CANTON_PAGE_SIZE": "40"}


@pytest.fixture
def history(ledger):
    return ledger(COUNT)


@pytest.fixture
def node(history):
    """The ledger's Scan; while it lags it knows the first updates only."""
    scan = FaultyScan(create_app(history))
    known = {json.loads(history.update(index))["update_id"] for index in range(LAGS_AT)}

    def lag(body):
        updates = json.loads(body)["transactions"]
        shown = [update for update in updates if update["update_id"] in known]
        return json.dumps({"transactions": shown}).encode()

    return scan, lag


def position(history, index):
    place = history.position(index)
    return f"{place.migration_id}/{instant_text(place.record_time)}"


def test_a_history_filled_from_both_ends_is_the_history(
    run_flow, pipeline, history, node, database, world
):
    scan, lag = node
    middle = position(history, MIDDLE - 1)
    filled = pipeline(scan.app, SNOWFLAKE_DATABASE=database, CANTON_START_AT=middle, **SETTINGS)
    filled.run()

    def backfill(upto=middle):
        batch = run_flow(backfill_transactions_flow, after="genesis", upto=upto, budget_pages=2)
        return batch and (batch.kind, batch.row_count)

    scan.fault = lag
    assert backfill() == ("backfill", LAGS_AT)
    assert backfill() is None, "the node has no more yet"
    scan.fault = None
    assert backfill() == ("backfill", 80)
    assert backfill(upto=position(history, COUNT - 1)) == ("backfill", MIDDLE - LAGS_AT - 80)
    assert backfill() is None, "nothing is lacking"
    filled.build(silver.LAYER)
    filled.build(gold.LAYER)

    assert str(filled.watermark().position) == position(history, COUNT - 1)
    world.new_database("STRAIGHT")
    straight = pipeline(scan.app, SNOWFLAKE_DATABASE="STRAIGHT", **SETTINGS)
    straight.run()
    # Checks say what was known of older coins then: a backfill checks no later batch again.
    checks = "silver.coin_checks"
    one, other = filled.content(), straight.content()
    assert one.pop(checks) != other.pop(checks)
    assert one == other
    filled.build(silver.LAYER, rebuild_from=1)
    assert filled.content() == straight.content()
    ids = [row["source_event_id"] for row in filled.table("bronze.canton_transactions_raw")]
    assert (len(ids), len(set(ids))) == (COUNT, COUNT)
