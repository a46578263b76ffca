from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.errors import NetworkMismatch, PositionMoved
from services.model import GENESIS
from services.watermarks import (
    BRONZE,
    BatchRecord,
    Watermark,
    advance,
    read_watermark,
    record_batch,
    refuse_other_network,
    utc_naive,
)
from tests.fakes import FakeWarehouse
from tests.updates import NETWORK, SYNCHRONIZER, place

WAS = Watermark(BRONZE, NETWORK, place(1), consumed_batch_id=0, batch_id=7)
NOW = Watermark(BRONZE, NETWORK, place(2), consumed_batch_id=0, batch_id=8, synchronizer_id="s")
FIRST = datetime(2025, 12, 10, 16, 23, 0, 1)  # noqa: DTZ001 -- as TIMESTAMP_NTZ has it
SECOND = datetime(2025, 12, 10, 16, 23, 0, 2)  # noqa: DTZ001


def test_times_are_stored_in_utc_whatever_their_zone():
    at = datetime(2025, 12, 10, 1, 23, tzinfo=timezone(timedelta(hours=9)))
    assert utc_naive(at) == datetime(2025, 12, 9, 16, 23)  # noqa: DTZ001


def test_a_stored_watermark_is_read_back_in_utc():
    row = {
        "network": NETWORK,
        "migration_id": 4,
        "record_time": FIRST,
        "consumed_batch_id": 0,
        "batch_id": 7,
        "synchronizer_id": SYNCHRONIZER,
    }
    read = read_watermark(FakeWarehouse({"ops.cdc_watermarks": [row]}), BRONZE, NETWORK)
    assert read == Watermark(BRONZE, NETWORK, place(1), 0, 7, SYNCHRONIZER)
    assert read.position.record_time.tzinfo is UTC


def test_a_stream_that_was_never_opened_has_no_watermark():
    assert read_watermark(FakeWarehouse({"ops.cdc_watermarks": []}), BRONZE, NETWORK) is None


def test_a_stream_moves_only_from_where_it_was_read():
    session = FakeWarehouse()
    advance(session, WAS, NOW, "run-1")
    ((sql, values),) = session.executed
    set_clause, where_clause = " ".join(sql.split()).split(" where ")
    for name in ("migration_id", "record_time", "consumed_batch_id", "batch_id"):
        assert f"{name} = %({name})s" in set_clause
        assert f"{name} = %(was_{name})s" in where_clause
    assert {name: value for name, value in values.items() if not name.startswith("was_")} == {
        "stream": BRONZE,
        "network": NETWORK,
        "migration_id": 4,
        "record_time": SECOND,
        "consumed_batch_id": 0,
        "batch_id": 8,
        "synchronizer_id": "s",
        "run_id": "run-1",
    }
    assert (values["was_record_time"], values["was_batch_id"]) == (FIRST, 7)


@pytest.mark.parametrize("changed", [0, 2])
def test_a_stream_that_moved_meanwhile_stops_the_batch(changed):
    with pytest.raises(PositionMoved, match=f"{BRONZE} of {NETWORK} moved on from batch 7"):
        advance(FakeWarehouse(changed=changed), WAS, NOW, "run-1")


@pytest.mark.parametrize(
    ("batch", "stored"),
    [
        pytest.param(
            BatchRecord(
                layer="bronze",
                network=NETWORK,
                batch_id=8,
                kind="live",
                update_count=5,
                row_count=5,
                after=GENESIS,
                upto=place(2),
                object_keys=["a", "b"],
            ),
            {
                "after_migration_id": 0,
                "after_record_time": datetime(1970, 1, 1),  # noqa: DTZ001
                "upto_migration_id": 4,
                "upto_record_time": SECOND,
                "after_batch_id": None,
                "upto_batch_id": None,
                "object_keys": '["a", "b"]',
                "counts": None,
            },
            id="bronze, from position to position",
        ),
        pytest.param(
            BatchRecord(
                layer="silver",
                network=NETWORK,
                batch_id=8,
                kind="live",
                update_count=5,
                row_count=5,
                after_batch_id=3,
                upto_batch_id=4,
                counts={"reassignment": 2},
            ),
            {
                "after_migration_id": None,
                "after_record_time": None,
                "upto_migration_id": None,
                "upto_record_time": None,
                "after_batch_id": 3,
                "upto_batch_id": 4,
                "object_keys": "[]",
                "counts": '{"reassignment": 2}',
            },
            id="silver, from batch to batch",
        ),
    ],
)
def test_a_batch_is_recorded_with_the_window_it_covers(batch, stored):
    session = FakeWarehouse()
    record_batch(session, batch, "run-1")
    ((sql, values),) = session.executed
    assert sql.startswith("insert into ops.batches")
    assert values == stored | {
        "layer": batch.layer,
        "network": NETWORK,
        "batch_id": 8,
        "kind": "live",
        "update_count": 5,
        "row_count": 5,
        "run_id": "run-1",
    }


OTHER = "1220ffffffff"


@pytest.mark.parametrize(
    ("held", "allowed"),
    [
        pytest.param([], None, id="the first one"),
        pytest.param([NETWORK], None, id="the one held"),
        pytest.param([OTHER, NETWORK], None, id="one of those held"),
        pytest.param([OTHER], NETWORK, id="another one, by name"),
        pytest.param([], NETWORK, id="the first one, by name"),
    ],
)
def test_a_network_is_read_that_is_held_or_named(held, allowed):
    session = FakeWarehouse({"ops.cdc_watermarks": [{"network": one} for one in held]})
    refuse_other_network(session, NETWORK, allowed)


@pytest.mark.parametrize(
    ("held", "allowed", "said"),
    [
        pytest.param([OTHER], None, f"set CANTON_NETWORK={NETWORK}", id="a reset network"),
        pytest.param([], OTHER, f"but CANTON_NETWORK says {OTHER}", id="not the one named"),
        pytest.param([NETWORK], OTHER, f"CANTON_NETWORK says {OTHER}", id="held, but not named"),
    ],
)
def test_another_network_is_refused_with_what_to_set(held, allowed, said):
    session = FakeWarehouse({"ops.cdc_watermarks": [{"network": one} for one in held]})
    with pytest.raises(NetworkMismatch, match=f"the Scan serves network {NETWORK}.*{said}"):
        refuse_other_network(session, NETWORK, allowed)
