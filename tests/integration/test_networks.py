"""Checks of which network, and which part of its history, a warehouse takes in."""

import json

import pytest

from mocks.canton_scan.clock import instant_text
from services.errors import NetworkMismatch, SettingsWrong
from services.model import GENESIS
from tests.integration.conftest import dso_of
from tests.integration.scans import Updates
from tests.updates import ALICE, tap, transaction

OTHER_SYNCHRONIZER = "second-domain::1220" + "ab" * 32


def update(number, **fields):
    return transaction(tap(ALICE, "5.0"), number=number, **fields)


def test_a_network_that_was_reset_is_refused_until_it_is_named_and_then_stands_beside_the_old(
    pipeline, scan, database, request
):
    scan.add(update(1))
    old = pipeline(scan, SNOWFLAKE_DATABASE=database)
    old.load()
    before = old.state()

    after_reset = Updates(dso_of(f"{request.node.nodeid} after its reset"), [update(2), update(3)])
    unnamed = pipeline(after_reset, SNOWFLAKE_DATABASE=database, CANTON_NETWORK="")
    with pytest.raises(NetworkMismatch) as refused:
        unnamed.load()
    assert str(refused.value) == (
        f"the Scan serves network {unnamed.network}, this warehouse holds {old.network}."
        " A reset test network has a new DSO party and begins anew."
        f" To load it beside the old one, set CANTON_NETWORK={unnamed.network}."
    )
    misnamed = pipeline(after_reset, SNOWFLAKE_DATABASE=database, CANTON_NETWORK=old.network)
    with pytest.raises(NetworkMismatch, match=f"CANTON_NETWORK says {old.network}"):
        misnamed.load()

    named = pipeline(after_reset, SNOWFLAKE_DATABASE=database)
    assert (named.load().batch_id, named.load()) == (1, None)
    assert len(named.table("bronze.canton_transactions_raw")) == 2
    assert old.state() == before


@pytest.mark.parametrize("page_size", ["1", "1000"])
def test_a_second_synchronizer_in_one_run_is_refused(pipeline, scan, page_size):
    scan.add(update(1), update(2, synchronizer_id=OTHER_SYNCHRONIZER))
    line = pipeline(scan, CANTON_PAGE_SIZE=page_size)
    with pytest.raises(NetworkMismatch, match=OTHER_SYNCHRONIZER):
        line.load()
    assert (line.watermark().position, line.batches()) == (GENESIS, [])


def test_a_second_synchronizer_in_a_later_run_is_refused(pipeline, scan):
    scan.add(update(1))
    line = pipeline(scan)
    line.load()
    before = line.state()
    scan.add(update(2, synchronizer_id=OTHER_SYNCHRONIZER))
    with pytest.raises(NetworkMismatch, match="updates of a second synchronizer"):
        line.load()
    assert line.state() == before


def test_a_new_stream_must_be_told_where_it_begins(pipeline, scan):
    scan.add(update(1))
    line = pipeline(scan, CANTON_START_AT="")
    with pytest.raises(SettingsWrong, match=f"{line.network} is new here: set CANTON_START_AT"):
        line.load()
    assert line.table("ops.cdc_watermarks") == []


def test_a_start_within_the_overlap_of_two_migrations_misses_nothing_of_either(pipeline, ledger):
    history = ledger(200)
    positions = [history.position(index) for index in range(200)]
    switch = next(index for index, one in enumerate(positions) if one.migration_id == 4)
    start = (positions[switch].record_time + positions[switch - 1].record_time) // 2
    assert positions[switch].record_time < start < positions[switch - 1].record_time
    expected = [
        json.loads(history.update(index))["update_id"]
        for index, one in enumerate(positions)
        if one.migration_id == 4 or one.record_time > start
    ]
    line = pipeline(history, CANTON_START_AT=instant_text(start))
    line.load()
    loaded = {row["source_event_id"] for row in line.table("bronze.canton_transactions_raw")}
    assert (loaded, line.batches()[0]["row_count"]) == (set(expected), len(expected))
    assert 0 < len(expected) - (200 - switch) < switch, "some, not all, of migration 3"
