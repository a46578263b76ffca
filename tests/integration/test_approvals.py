"""A run above a limit is suspended until a person decides; nothing is done before it."""

import asyncio
import os
import subprocess
import sys
import time
from contextlib import suppress

import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import VariableCreate
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow as execute
from prefect.states import Pending, Scheduled

from deployments.automations import FILE, ensure_automations, resolve
from deployments.blocks import ensure_blocks
from flows.approvals import LIMITS_VARIABLE
from flows.backfill_transactions import backfill_transactions_flow
from flows.decide_quarantine import decide_quarantine_flow
from mocks.canton_scan.app import create_app
from services.errors import QualityFailed
from services.landing import landing_key
from services.model import GENESIS
from services.quarantine import release_page
from services.quarantine_work import discard, find
from tests.clone import ROOT
from tests.integration.test_backfill import position
from tests.updates import line, transaction

pytestmark = pytest.mark.timeout(600)  # the session's services start within the first one

COUNT, MIDDLE = 200, 150
BAD = [line(transaction(number=number, offset=0.5)) for number in (2, 3)]
YES = {"decision": "approve", "decided_by": "grace", "reason": "wanted for the audit"}
NO = {**YES, "decision": "reject", "reason": "too much"}
PATIENCE = 120


@pytest.fixture
def client(prefect_server):
    with get_client(sync_client=True) as opened:
        yield opened


@pytest.fixture
def limit(client):
    """Sets the limits in force on Prefect's server."""

    def set_limits(**limits):
        client.create_variable(VariableCreate(name=LIMITS_VARIABLE, value=limits))

    yield set_limits
    client.delete_variable_by_name(LIMITS_VARIABLE)


def deployed(client, flow, name, **settings):
    """A deployment of a flow, whose runs tests execute in the place of a worker."""
    module = flow.fn.__module__.replace(".", "/")
    return client.create_deployment(
        client.create_flow_from_name(flow.name),
        name=name,
        entrypoint=f"{module}.py:{flow.fn.__name__}",
        pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}],
        **settings,
    )


@pytest.fixture
def asked(client, run_flow):
    """A run of a flow's deployment, as a person starts it on Prefect's page."""

    def start(flow, **parameters):
        deployment = deployed(client, flow, "approved")
        return client.create_flow_run_from_deployment(deployment, parameters=parameters).id

    return start


def executed(client, flow, run_id):
    """The run's state after it ran in this process."""
    client.set_flow_run_state(run_id, Pending())
    with suppress(Pause):
        asyncio.run(execute(flow, flow_run=client.read_flow_run(run_id), return_type="state"))
    return client.read_flow_run(run_id).state


def in_a_container(client, world, run_id):
    """The run's state, and the exit code of what a container of it does."""
    client.set_flow_run_state(run_id, Pending())
    given = {**world.environment, **os.environ, "PREFECT_API_URL": str(client.api_url)}
    command = [sys.executable, "-m", "flows.execution"]
    ended = subprocess.run(
        command, env={**given, "PREFECT__FLOW_RUN_ID": str(run_id)}, cwd=ROOT, check=False
    )
    return client.read_flow_run(run_id).state, ended.returncode


@pytest.fixture
def lacking(pipeline, ledger):
    """A network of which bronze lacks the beginning, and the backfill of that."""
    history = ledger(COUNT)
    middle = position(history, MIDDLE - 1)
    line = pipeline(create_app(history), CANTON_START_AT=middle, CANTON_PAGE_SIZE="40")
    line.load()
    return line, {"after": "genesis", "upto": middle, "budget_pages": 3}


def kinds(line):
    return [row["kind"] for row in line.batches()]


@pytest.mark.parametrize("form", [{}, {**YES, "decided_by": " "}, {**YES, "decision": "yes"}])
def test_a_form_that_is_not_filled_in_approves_nothing(client, limit, lacking, asked, form):
    line, parameters = lacking
    limit(backfill_pages=2)
    run_id = asked(backfill_transactions_flow, **parameters)
    assert executed(client, backfill_transactions_flow, run_id).name == "Suspended"
    assert client.resume_flow_run(run_id, run_input=form).status.value == "REJECT"
    assert client.read_flow_run(run_id).state.name == "Suspended"
    assert kinds(line) == ["live"]


def test_a_backfill_above_the_limit_ends_its_container_and_goes_on_when_it_is_approved(
    client, limit, lacking, asked, world
):
    line, parameters = lacking
    limit(backfill_pages=2)
    run_id = asked(backfill_transactions_flow, **parameters)
    state, code = in_a_container(client, world, run_id)
    assert (state.name, code, kinds(line)) == ("Suspended", 0, ["live"])
    assert client.resume_flow_run(run_id, run_input=YES).status.value == "ACCEPT"
    assert client.read_flow_run(run_id).state.is_scheduled(), "a worker takes it again"
    state, code = in_a_container(client, world, run_id)
    assert (state.name, code, kinds(line)) == ("Completed", 0, ["live", "backfill"])


def test_a_backfill_within_the_limit_asks_nobody(client, limit, lacking, asked):
    line, parameters = lacking
    limit(backfill_pages=3)
    run_id = asked(backfill_transactions_flow, **parameters)
    assert executed(client, backfill_transactions_flow, run_id).name == "Completed"
    assert kinds(line) == ["live", "backfill"]


def test_a_command_line_decides_by_itself(limit, lacking, run_flow, caplog):
    line, parameters = lacking
    limit(backfill_pages=2)
    run_flow(backfill_transactions_flow, **parameters)
    assert kinds(line) == ["live", "backfill"]
    assert "nobody is asked, the run has no deployment" in caplog.text


@pytest.fixture
def server_tells(client, world):
    """Prefect's server tells Slack of suspended runs, by the automations that every place has."""
    blocks = ensure_blocks({}, world.environment["SLACK_WEBHOOK_URL"])
    named = {one["name"]: one for one in yaml.safe_load(FILE.read_text())}
    told = ("tell-suspended-runs", "tell-unapproved-runs", "tell-decided-runs")
    ensure_automations(client, [resolve(named[name], {}, blocks) for name in told])
    yield
    ensure_automations(client, [])


def awaited(read, is_there):
    """Read until the answer is as wanted, and return it."""
    deadline = time.monotonic() + PATIENCE
    while not is_there(found := read()):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    return found


def test_a_rejected_run_fails_with_the_reason_and_its_decision_is_told_once(
    client, limit, lacking, asked, slack, server_tells
):
    line, parameters = lacking
    limit(backfill_pages=2)
    run_id = asked(backfill_transactions_flow, **parameters)
    executed(client, backfill_transactions_flow, run_id)
    (suspended,) = awaited(slack, bool)
    assert suspended.startswith(":x: *canton-transactions-backfill* needs a person's approval\n")
    client.resume_flow_run(run_id, run_input=NO)
    (decided,) = awaited(lambda: slack()[1:], bool)
    assert decided.startswith(":white_check_mark: *canton-transactions-backfill* was decided\n")
    assert decided.endswith(f"/runs/flow-run/{run_id}")
    state = executed(client, backfill_transactions_flow, run_id)
    assert (state.name, kinds(line)) == ("Failed", ["live"])
    assert state.message.endswith(": rejected by grace: too much")
    (failed,) = slack()[2:]
    assert "rejected by grace: too much" in failed


def test_a_run_that_nobody_approved_fails_and_cannot_be_started_again_without_a_decision(
    client, limit, lacking, asked, slack, server_tells
):
    line, parameters = lacking
    limit(backfill_pages=2, wait_hours=1 / 3600)
    run_id = asked(backfill_transactions_flow, **parameters)
    executed(client, backfill_transactions_flow, run_id)
    state = awaited(lambda: client.read_flow_run(run_id).state, lambda state: state.is_final())
    assert (state.name, state.message) == ("Failed", "The flow was paused and never resumed.")
    suspended, unapproved = awaited(slack, lambda told: len(told) > 1)
    assert "canton-transactions-backfill" in suspended
    assert "waits for a person" in suspended
    assert f"/runs/flow-run/{run_id}" in suspended
    assert "nobody approved it in time" in unapproved

    client.set_flow_run_state(run_id, Scheduled(), force=True)
    state = executed(client, backfill_transactions_flow, run_id)
    assert (state.name, kinds(line)) == ("Failed", ["live"])
    assert "nobody decided on it" in state.message


@pytest.fixture
def stopped(pipeline, scan):
    """A network whose only page has two lines of three that break a rule; the page's key."""
    scan.add(transaction(number=1))
    scan.lines.extend(BAD)
    found = pipeline(scan)
    with pytest.raises(QualityFailed):
        found.load()
    return found, landing_key(found.network, GENESIS)


def acts(line, key):
    with line.services.warehouse.session() as session:
        return [(act["act"], act["acted_by"]) for act in find(session, key).acts]


@pytest.mark.parametrize(
    ("act", "lines", "is_suspended"),
    [("release", 2, False), ("release", 1, True), ("discard", 100, True)],
)
def test_a_discard_and_a_release_above_the_limit_are_approved_and_told_by_both_names(
    client, limit, stopped, asked, act, lines, is_suspended
):
    line, key = stopped
    limit(release_lines=lines)
    given = {"act": act, "key": key, "by": "ada", "reason": "lost digits"}
    run_id = asked(decide_quarantine_flow, **given)
    state = executed(client, decide_quarantine_flow, run_id)
    if is_suspended:
        assert (state.name, acts(line, key)) == ("Suspended", [])
        client.resume_flow_run(run_id, run_input=YES)
        state = executed(client, decide_quarantine_flow, run_id)
    by = "ada, approved by grace" if is_suspended else "ada"
    assert state.name == "Completed"
    expected = {"release": ["release"], "discard": ["release", "discard"]}[act]
    assert acts(line, key) == [(one, by) for one in expected]
    assert line.load().row_count == 1


def test_nobody_is_asked_to_approve_what_is_decided_already(client, limit, stopped, asked):
    line, key = stopped
    given = {"key": key, "by": "ada", "reason": "lost digits"}
    release_page(line.services.landing, line.services.warehouse, key)
    line.load()
    limit(release_lines=1)
    run_id = asked(decide_quarantine_flow, act="release", **given)
    state = executed(client, decide_quarantine_flow, run_id)
    assert (state.name, f"{key} is loaded already" in str(state.message)) == ("Failed", True)
    discard(line.services.landing, line.services.warehouse, key, "lost digits")
    state = executed(
        client, decide_quarantine_flow, asked(decide_quarantine_flow, act="discard", **given)
    )
    assert (state.name, f"{key} is discarded already" in str(state.message)) == ("Failed", True)


def test_limits_that_are_none_are_refused(client, limit, lacking, asked):
    line, parameters = lacking
    limit(backfill_page=2)
    state = executed(
        client, backfill_transactions_flow, asked(backfill_transactions_flow, **parameters)
    )
    assert (state.name, kinds(line)) == ("Failed", ["live"])
    assert "Prefect variable approval_limits: backfill_page: Extra inputs" in state.message
