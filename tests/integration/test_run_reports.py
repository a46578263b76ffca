"""A run leaves a report on its page, whose figures are the warehouse's, and a bar if it is long."""

import asyncio
import logging
import re
from base64 import b64encode
from collections import Counter
from uuid import uuid4

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import FlowRun
from prefect.events import emit_event
from prefect.events.actions import RunDeployment
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.runtime import flow_run as this_run
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.artifacts import BAR_SECONDS, leave_report, progress_bar, started_by
from flows.backfill_transactions import backfill_transactions_flow
from flows.bronze_transactions import bronze_transactions_flow
from flows.pipeline import pipeline_flow
from flows.silver_transactions import silver_transactions_flow
from local.console.local_settings import BUCKET
from local.embedded.children import free_port
from mocks.canton_scan.app import create_app
from services import __main__ as command_line
from services import silver
from services.landing import landing_key
from services.model import GENESIS, Position
from tests.clone import until
from tests.integration.lossy_proxy import Fault, LossyProxy
from tests.integration.scans import PAGES
from tests.integration.test_backfill import position
from tests.updates import ALICE, tap, transaction

pytestmark = pytest.mark.timeout(300)  # the session's services start within the first one

COUNT = 200
SETTINGS = {"CANTON_PAGE_SIZE": "25"}
SESSION_GONE = b'{"data": null, "code": "390111", "message": "Session gone.", "success": false}'
SIDES = "select movement_kind, batch_id from silver.canton_transactions where network = %(network)s"
RESULTS = "select * from ops.quality_results where network = %(network)s"
BATCHES = "select * from ops.batches where network = %(network)s order by batch_id"


@pytest.fixture
def client(prefect_server):
    with get_client(sync_client=True) as opened:
        yield opened


def warnings(caplog):
    """The warnings that runs have logged."""
    return [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]


def artifacts(client, run_id):
    """Everything that a run left, tasks too, as (key, type, data, description)."""
    wanted = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
    found = client.read_artifacts(artifact_filter=wanted)
    assert [one.task_run_id for one in found] == [None] * len(found)
    return [(one.key, one.type, one.data, one.description) for one in found]


def report_of(client, layer, run_id):
    ((key, kind, text, _),) = artifacts(client, run_id)
    assert (key, kind) == (f"{layer}-report", "markdown")
    return text


def run_of(state):
    return state.state_details.flow_run_id


def cells(report):
    """The rows of a report's tables: their cells but the first, by the first."""
    rows = re.findall(r"^\| (.*) \|$", report, re.MULTILINE)
    return {first: rest for first, *rest in (row.split(" | ") for row in rows)}


def test_each_layer_of_a_run_leaves_a_report_with_the_figures_of_the_warehouse(
    run_flow, pipeline, ledger, database, client, caplog
):
    line = pipeline(ledger(COUNT), SNOWFLAKE_DATABASE=database, **SETTINGS)
    line.load(budget_pages=3)
    before = line.load(budget_pages=2)
    line.build(silver.LAYER)
    run_flow(pipeline_flow, max_age_minutes=0)
    logged = [one.getMessage() for one in caplog.records if one.levelno >= logging.INFO]
    assert [one for one in logged if one.startswith("silver: batch 2 committed")]
    assert not [one for one in logged if "judged" in one], "no warning, where no rule is broken"

    batches = {row["layer"]: row for row in line.rows(BATCHES)}
    reports = {layer: report_of(client, layer, row["run_id"]) for layer, row in batches.items()}
    for layer, batch in batches.items():
        parent = r"run \[[a-z-]+\]\(http://\S+/runs/flow-run/\S+\)"
        by = rf"Started by {parent}, which was started from the command line\.\n"
        assert re.match(by, reports[layer])
        found = cells(reports[layer])
        assert found["updates"] == [f"{batch['update_count']}"]
        assert found["rows"] == [f"{batch['row_count']}"]
        rules = [row for row in line.rows(RESULTS) if row["run_id"] == batch["run_id"]]
        broken = sum(row["is_broken"] for row in rules)
        assert f"\nQuality rules: {len(rules)}, broken: {broken}." in reports[layer]
        offended = [row for row in rules if row["offenders"]]
        assert {row["rule"] for row in rules} & found.keys() == {row["rule"] for row in offended}
        for row in offended:
            assert found[row["rule"]] == ["passed", f"{row['offenders']}", f"{row['total']}"]

    assert "rows_agree_with_contracts: judged" in reports["silver"]
    bronze = cells(reports["bronze"])
    pages = batches["bronze"]["object_keys"]
    assert bronze["window"] == [f"({before.upto}, {line.watermark().position}]"]
    assert bronze["pages"] == [str(len(pages))] == ["3"]
    assert bronze["rejected"] == ["0 lines"]
    assert {"land", "check", "load", "verify"} < bronze.keys()
    assert re.findall("`(s3://.*)`", reports["bronze"]) == [f"s3://{BUCKET}/{key}" for key in pages]

    rows = line.rows(SIDES)
    for layer, window, moved in (
        ("silver", "bronze batches 3 to 3", [row for row in rows if row["batch_id"] == 2]),
        ("gold", "silver batches 1 to 2", rows),
    ):
        found = cells(reports[layer])
        sides = Counter(row["movement_kind"] for row in moved)
        assert {kind: found[kind] for kind in sides} == {
            kind: [f"{count}"] for kind, count in sides.items()
        }
        assert 0 < len(moved) <= len(rows)
        assert found["window"] == [window]
        seconds, updates_a_second, _ = found["build"]
        updates = batches[layer]["update_count"]
        assert updates / float(seconds) == pytest.approx(int(updates_a_second), abs=1, rel=0.1)
    quiet = sum(batches["silver"]["counts"].values())
    assert cells(reports["silver"])["updates without movement"] == [str(quiet)]


def test_a_run_that_finds_nothing_new_leaves_no_report(run_flow, pipeline, scan, database, client):
    scan.add(transaction(tap(ALICE, "5.0"), number=1))
    pipeline(scan, SNOWFLAKE_DATABASE=database)
    first, again = (run_flow(bronze_transactions_flow, return_state=True) for _ in range(2))
    assert [key for key, *_ in artifacts(client, run_of(first))] == ["bronze-report"]
    assert artifacts(client, run_of(again)) == []


def test_lines_of_released_pages_and_events_that_no_rule_books_are_rejected(
    run_flow, pipeline, scan, database, client
):
    scan.add(
        transaction(tap(ALICE, "5.0"), number=1),
        transaction(tap(ALICE, "5.0"), number=2, offset=0.5),
        transaction(tap(ALICE, "NaN"), number=3),
    )
    line = pipeline(scan, SNOWFLAKE_DATABASE=database)
    line.land(line.watermark())
    assert command_line.main(["release", landing_key(line.network, GENESIS)]) == 0
    told = {}
    for layer, one in (("bronze", bronze_transactions_flow), ("silver", silver_transactions_flow)):
        state = run_flow(one, return_state=True)
        told[layer] = cells(report_of(client, layer, run_of(state)))
    assert [(one["updates"], one["rejected"]) for one in told.values()] == [
        (["2"], ["1 lines"]), (["2"], ["1 events"]),
    ]  # fmt: skip
    assert told["silver"]["movements_are_readable"] == ["warned", "1", "2"]


def test_a_backfill_reports_the_stretch_that_it_filled(run_flow, pipeline, ledger, client):
    history = ledger(COUNT)
    middle = position(history, COUNT // 2 - 1)
    line = pipeline(history, CANTON_START_AT=middle, **SETTINGS)
    line.load()
    parameters = {"after": "genesis", "upto": middle}
    state = run_flow(backfill_transactions_flow, **parameters, return_state=True)
    report = report_of(client, "bronze", run_of(state))
    assert f"## bronze: backfill batch 2 of {line.network}\n" in report
    assert cells(report)["window"] == [f"(genesis, {Position.parse(middle)}]"]
    assert cells(report)["pages"] == ["4"]


def test_a_report_that_cannot_be_made_is_a_warning_and_the_batch_stays(
    run_flow, pipeline, scan, database, world, client, caplog
):
    scan.add(transaction(tap(ALICE, "5.0"), number=1))
    with LossyProxy(world.run.ports.url("snowflake")) as proxy:
        line = pipeline(scan, SNOWFLAKE_DATABASE=database, SNOWFLAKE_PORT=str(proxy.port))
        line.load()
        is_report = Fault(is_of_report, is_carried_out=False, answer=SESSION_GONE)
        proxy.expect(is_report)
        state = run_flow(silver_transactions_flow, return_state=True)
        assert (proxy.met, state.name) == (1, "Completed")
        assert [row["layer"] for row in line.batches()] == ["bronze", "silver"]
    (told,) = warnings(caplog)
    assert re.match("silver: the run has no report: select movement_kind .*Session gone", told)
    assert artifacts(client, run_of(state)) == []


def is_of_report(request):
    return b"select movement_kind as kind" in request.body


def test_a_server_that_takes_no_artifact_is_a_warning(run_flow, caplog):
    nobody = {PREFECT_API_URL: f"http://127.0.0.1:{free_port()}/api"}

    @flow
    async def reporting():
        with temporary_settings(nobody):
            leave_report("gold", list)
            with progress_bar(seconds=0) as bar:
                bar.show(0.5, "page 1")
        return "committed"

    assert run_flow(reporting) == "committed"
    report, bar = warnings(caplog)
    assert re.match("gold: the run has no report: .*Connection refused", report)
    assert re.match("the run's progress isn't shown: .*Connection refused", bar)


def test_a_bar_moves_fills_at_the_end_and_is_left_where_a_run_fails(run_flow, client):
    seen = []

    @flow
    async def landing():
        with progress_bar(seconds=60) as late:
            late.show(0.3, "soon over")
        with progress_bar(seconds=0) as bar:
            for share, text in ((0.25, "page 1"), (7, "page 2"), (0.5, "page 3")):
                bar.show(share, text)
                seen.extend(artifacts(client, this_run.get_id()))
        seen.extend(artifacts(client, this_run.get_id()))
        with progress_bar(seconds=0) as broken:
            broken.show(0.1, "page 1")
            raise ValueError("the Scan is away")

    state = run_flow(landing, return_state=True)
    assert seen == [
        (None, "progress", 25, "page 1"),
        (None, "progress", 100, "page 2"),
        (None, "progress", 50, "page 3"),
        (None, "progress", 100, "page 3"),
    ]
    left = [one for one in artifacts(client, run_of(state)) if one[1] == "progress"]
    assert sorted(data for *_, data, _ in left) == [10, 100]


class SlowScan:
    """A Scan that, once told to be slow, takes longer for a page than a run without bar lasts."""

    def __init__(self, scan):
        self._scan = scan
        self.is_slow = False

    async def app(self, scope, receive, send):
        if self.is_slow and scope["path"].endswith(PAGES):
            self.is_slow = False
            await asyncio.sleep(BAR_SECONDS + 0.1)
        await self._scan(scope, receive, send)


def test_landing_that_takes_longer_shows_a_bar(run_flow, pipeline, ledger, client):
    history = ledger(COUNT)
    middle = position(history, COUNT // 2 - 1)
    scan = SlowScan(create_app(history))
    pipeline(scan.app, CANTON_START_AT=middle, **SETTINGS)
    shown = {}
    for one, parameters in (
        (bronze_transactions_flow, {}),
        (backfill_transactions_flow, {"after": "genesis", "upto": middle}),
    ):
        scan.is_slow = True
        state = run_flow(one, **parameters, return_state=True)
        assert not scan.is_slow
        left = {kind: rest for _, kind, *rest in artifacts(client, run_of(state))}
        assert left.keys() == {"markdown", "progress"}
        shown[one.name] = left["progress"]
    (live, text), filled = shown.values()
    assert live == 100
    assert re.fullmatch(r"page 4, 100 updates, \d+ updates/s", text)
    assert filled == [100, f"page 4, up to {Position.parse(middle)}"]


@pytest.fixture
def deployment(client):
    """A deployment with an hourly schedule; its id."""
    name = f"of-tests-{uuid4()}"
    flow_id = client.create_flow_from_name(name)
    hourly = {"slug": "hourly", "schedule": {"cron": "5 * * * *", "timezone": "UTC"}}
    body = {"name": name, "flow_id": str(flow_id), "schedules": [{**hourly, "active": True}]}
    yield client.request("POST", "/deployments/", json=body).json()["id"]
    client.delete_flow(flow_id)


def test_prefects_server_knows_the_schedule_or_automation_that_started_a_run(client, deployment):
    client.request("POST", f"/deployments/{deployment}/schedule", json={"min_runs": 1})
    scheduled = client.request(
        "POST",
        "/flow_runs/filter",
        json={"deployments": {"id": {"any_": [deployment]}}, "limit": 1},
    ).json()[0]
    due = scheduled["expected_start_time"].replace("T", " ").removesuffix("Z")
    # What the server's own action "run a deployment" says to its API.
    automation = {
        "Prefect-Automation-ID": str(uuid4()),
        "Prefect-Automation-Name": b64encode(b"silver-after-bronze").decode(),
    }
    path = f"/deployments/{deployment}/create_flow_run"
    heard = client.request("POST", path, json={}, headers=automation).json()
    by_hand = client.request("POST", path, json={}).json()
    runs = [FlowRun.model_validate(one) for one in (scheduled, heard, by_hand)]
    assert [started_by(run, client) for run in runs] == [
        f"by schedule `hourly`, due {due} UTC",
        "by an event, through automation `silver-after-bronze`",  # which tells of none
        "from Prefect's page or API",
    ]


@pytest.fixture
def automation(client, deployment):
    """An automation that runs the deployment for an event of this name; the name."""
    name = f"canton.test.{uuid4()}"
    trigger = EventTrigger(expect={name}, posture=Posture.Reactive, threshold=1)
    action = RunDeployment(source="selected", deployment_id=deployment)
    made = client.create_automation(AutomationCore(name=name, trigger=trigger, actions=[action]))
    yield name
    client.delete_automation(made)


def test_a_run_that_an_automation_started_names_the_event_and_links_to_it(
    client, deployment, automation
):
    def started():
        filters = {"deployments": {"id": {"any_": [deployment]}}}
        found = client.request("POST", "/flow_runs/filter", json=filters).json()
        runs = [FlowRun.model_validate(one) for one in found]
        return [run for run in runs if run.created_by.type == "AUTOMATION"]

    def emitted():  # again and again: the server hears of a new automation a moment later
        emitted_events.append(
            emit_event(event=automation, resource={"prefect.resource.id": automation})
        )
        return started()

    emitted_events = []
    run, *_ = until(emitted, "a run of the automation")
    link = re.compile(
        rf"by event \[`{automation}`\]\(http://\S+/events/event/[0-9-]+/(\S+)\),"
        f" through automation `{automation}`"
    )
    found = until(lambda: link.fullmatch(started_by(run, client)), "the event, stored")
    assert found[1] in {str(event.id) for event in emitted_events}
