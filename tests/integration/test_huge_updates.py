"""An update of 23 MB, as MainNet has had some, goes through all layers within their memory."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mocks.canton_scan.ledger import Ledger, open_ledger
from tests.integration.conftest import GAP, Clock, Open
from tests.integration.local_world import LocalWorld
from tools.bench.pipeline import run_flow
from tools.bench.processes import most_memory

COUNT, PLACE = 1000, 700  # a page as it is asked for, one of whose updates has 23 MB
FLOW_MB = 270
WAREHOUSE_BYTES = 2**30  # of its container in the stack
KIND = "Splice.DsoRules:DsoRules/DsoRules_AmuletRules_ConvertFeaturedAppActivityMarkers"
LAYERS = """select
    (select count(*) from silver.canton_updates where network = %(network)s) as silver_count,
    (select sum(update_count) from gold.network_activity_minute where network = %(network)s)
        as gold_count,
    (select length(raw_payload::string) from bronze.canton_transactions_raw
        where network = %(network)s and source_event_id = '{update_id}') as byte_count,
    (select array_size(object_keys(raw_payload:events_by_id)) from bronze.canton_transactions_raw
        where network = %(network)s and source_event_id = '{update_id}') as event_count,
    (select update_kind from silver.canton_updates
        where network = %(network)s and update_id = '{update_id}') as update_kind"""


@pytest.fixture
def history(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Ledger:
    """A ledger with one such update."""
    path, seed = tmp_path / "ledger.json", request.node.nodeid
    return open_ledger(path, seed, history=COUNT, gap=GAP, clock=clock, huge=PLACE)


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("prefect_server")
def test_an_update_of_23_megabytes_is_loaded_by_a_flow_process_of_270(
    world: LocalWorld, history: Ledger, pipeline: Open
) -> None:
    line = pipeline(history)
    wanted = json.loads(history.update(PLACE))
    environment = {**world.environment, "CANTON_NETWORK": line.network}
    environment["CANTON_BASE_URL"] = line.services.settings.canton.base_url
    with most_memory() as memory:
        _, flow_mb = run_flow(replace(world.run, environment=environment), "max_age_minutes=0")

    assert flow_mb < FLOW_MB
    assert 0 < memory["snowflake"] < WAREHOUSE_BYTES
    (row,) = line.rows(LAYERS.format(update_id=wanted["update_id"]))
    assert row.pop("byte_count") > 23_000_000
    assert row == {
        "silver_count": COUNT,
        "gold_count": COUNT,
        "event_count": len(wanted["events_by_id"]),
        "update_kind": KIND,
    }
