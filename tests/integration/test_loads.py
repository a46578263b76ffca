"""The warehouse holds exactly the lines of the landed objects, or nothing of the batch."""

import pytest

from services import bronze
from services.errors import LandingCorrupt, LoadIncomplete
from services.landing import landing_key, pack, unpack
from services.model import GENESIS

COUNT = 12


@pytest.fixture
def line(pipeline, ledger):
    return pipeline(ledger(COUNT))


def a_line_fewer(content):
    return pack(unpack(content, "")[:-1])


def a_line_twice(content):
    return pack([*unpack(content, ""), unpack(content, "")[0]])


REPLACED = pytest.mark.parametrize("change", [a_line_fewer, a_line_twice])


@REPLACED
def test_an_object_that_was_replaced_after_landing_is_corrupt(line, bucket, change):
    pages = line.land(line.watermark())
    key = landing_key(line.network, GENESIS)
    bucket.overwrite(key, change(bucket.read(key)))
    with pytest.raises(LandingCorrupt, match=f"{key}: checksum .* landed as"):
        line.check(pages)


@REPLACED
def test_an_object_that_was_replaced_after_the_check_is_not_loaded(line, bucket, change):
    watermark = line.watermark()
    checked = line.check(line.land(watermark))
    key = landing_key(line.network, GENESIS)
    bucket.overwrite(key, change(bucket.read(key)))
    before = line.state()
    with pytest.raises(LoadIncomplete, match=f"of {key}, which has {COUNT} lines"):
        bronze.commit_batch(line.services.warehouse, watermark, checked, line.run_id)
    assert line.state() == before


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("delete from {table} where {one}", id="a row deleted"),
        pytest.param("update {table} set source_event_id = null where {one}", id="an id lost"),
        pytest.param("update {table} set source_event_id = 'x'", id="an id many times"),
    ],
)
def test_rows_that_do_not_match_their_batch_are_found_from_a_fresh_session(line, damage):
    batch = line.load()
    one = "source_event_id = (select max(source_event_id) from {table} where {network})"
    changed = line.execute(
        f"{damage} and {{network}}".replace("'x' and", "'x' where")
        .replace("{one}", one)
        .replace("{network}", "network = %(network)s")
        .replace("{table}", "bronze.canton_transactions_raw")
    )
    assert changed > 0
    with pytest.raises(LoadIncomplete, match=f"bronze batch 1 holds .*expected .*{COUNT}"):
        bronze.verify_batch(line.services.warehouse, batch)
