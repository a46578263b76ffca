"""A page that may not be stored: asked for again, then kept apart, while nothing else moves."""

import json

import pytest

from flows.backfill_transactions import backfill_transactions_flow
from flows.bronze_transactions import bronze_transactions_flow
from flows.silver_transactions import silver_transactions_flow
from local.embedded.children import free_port
from mocks.canton_scan.app import create_app
from services import bronze
from services.errors import PageRefused
from services.landing import quarantine_key
from services.model import GENESIS
from services.quality_rules import PAGE_RULE
from tests.integration.scans import FaultyScan
from tests.updates import created, transaction

COUNT = 12
ATTEMPTS = 5
RESULTS = "select * from ops.quality_results where network = %(network)s"


def of_page(change):
    """A fault that changes the list of updates."""

    def fault(body):
        page = json.loads(body)
        change(page["transactions"])
        return json.dumps(page).encode()

    return fault


def in_another_order(updates):
    updates.reverse()


def with_one_twice(updates):
    updates[-1]["update_id"] = updates[0]["update_id"]


def in_the_year_2100(updates):
    updates[-1]["record_time"] = "2100-12-10T16:26:40Z"


@pytest.fixture
def faulty(ledger):
    """A Scan with some updates, whose pages can be broken."""
    return FaultyScan(create_app(ledger(COUNT)))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param(of_page(in_another_order), "does not come after", id="another order"),
        pytest.param(of_page(with_one_twice), "comes twice", id="an update twice"),
        pytest.param(lambda body: body[:-40], "truncated", id="cut off"),
        pytest.param(lambda _: b"<html>Welcome</html>", "malformed", id="no JSON"),
        pytest.param(lambda _: b'{"updates":[]}', "transactions", id="no transactions"),
        pytest.param(lambda body: body.replace(b",", b",\n"), "raw line break", id="a line break"),
        pytest.param(of_page(in_the_year_2100), "from the future", id="the future"),
    ],
)
def test_a_refused_page_is_set_aside_and_leaves_no_trace_elsewhere(
    pipeline, faulty, bucket, fault, reason
):
    line = pipeline(faulty.app)
    faulty.fault = fault
    watermark = line.watermark()
    with pytest.raises(PageRefused, match=reason) as refused:
        line.land(watermark)
    services = line.services
    key = bronze.set_page_aside(
        services.landing, services.warehouse, line.network, refused.value, line.run_id
    )
    assert (faulty.met, key) == (1, quarantine_key(refused.value.body))
    assert bucket.read(key) == refused.value.body
    assert bucket.keys(line.network) == []
    assert line.watermark() == watermark
    (kept,) = line.rows(RESULTS)
    assert (kept["rule"], kept["batch_id"]) == (PAGE_RULE.name, 1)
    assert (kept["offenders"], kept["total"], kept["is_broken"]) == (1, 1, True)
    assert kept["sample_keys"] == [refused.value.reason]

    faulty.fault = None
    assert line.load().row_count == COUNT
    newest = max(
        (row for row in line.rows(RESULTS) if row["rule"] == PAGE_RULE.name),
        key=lambda row: row["evaluated_at"],
    )
    assert (newest["offenders"], newest["is_broken"]) == (0, False)


def test_a_page_that_stays_broken_is_kept_and_told_once_and_the_next_run_goes_on(
    run_flow, pipeline, faulty, bucket, slack
):
    line = pipeline(faulty.app)
    faulty.fault = lambda body: body[:100]
    with pytest.raises(PageRefused, match="page after genesis: Input data was truncated"):
        run_flow(bronze_transactions_flow)
    assert faulty.met == ATTEMPTS

    (aside,) = line.table("ops.quarantine")
    assert aside["object_key"] is None
    assert aside["reason"].startswith("page after genesis: Input data was truncated")
    assert len(bucket.read(aside["quarantine_key"])) == 100
    assert bucket.keys(line.network) == []
    assert (line.watermark().position, line.batches()) == (GENESIS, [])
    (told,) = slack()
    assert told.startswith(
        ":x: *canton-transactions-bronze* failed\npage after genesis: Input data"
    )

    faulty.fault = None
    assert run_flow(bronze_transactions_flow).batch.row_count == COUNT
    assert slack()[1].startswith(":white_check_mark: *canton-transactions-bronze* runs again\n")
    assert len(slack()) == 2


def test_a_page_that_a_backfill_is_refused_is_kept_as_well(run_flow, pipeline, faulty, bucket):
    line = pipeline(faulty.app, CANTON_START_AT="4/2025-12-10T16:26:39Z")
    line.watermark()
    faulty.fault = lambda body: body[:100]
    with pytest.raises(PageRefused):
        run_flow(backfill_transactions_flow, after="genesis", upto="4/2025-12-10T16:26:39Z")
    (aside,) = line.table("ops.quarantine")
    assert len(bucket.read(aside["quarantine_key"])) == 100


def test_a_slack_that_is_out_stops_no_batch(
    run_flow, pipeline, scan, database, environment, caplog
):
    scan.add(transaction(created("Unheard.Of:Template", {}), number=1))
    line = pipeline(scan, SNOWFLAKE_DATABASE=database)
    line.load()
    environment(
        CANTON_BASE_URL=line.services.settings.canton.base_url,
        SNOWFLAKE_DATABASE=database,
        SLACK_WEBHOOK_URL=f"http://127.0.0.1:{free_port()}/",
    )
    (built,) = run_flow(silver_transactions_flow)
    assert built.batch.update_count == 1
    assert "silver: not told: Slack: ConnectError: templates_are_known" in caplog.text
