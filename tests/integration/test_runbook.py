"""The runbook, followed: what is wrong is told, what its entry says is typed, its end is told.

`make` and `./pipeline` act on a stack whose services are those of all tests here. Runs that they
start are executed as its worker would. What needs `make up` is followed in tests/e2e.
"""

import shutil
from contextlib import chdir
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from prefect import tags
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.schedules import CronSchedule
from prefect.states import Cancelled, Crashed, Running, Scheduled
from prefect.variables import Variable

from flows.gold_transactions import RATE_VARIABLE, gold_transactions_flow
from flows.pipeline import pipeline_flow
from flows.recover_runs import recover_runs_flow
from flows.watch_runs import NAME, SCHEDULED, watch_runs_flow
from local.stack.compose import UP
from local.stack.settings import Stack, keep, plan_stack
from mocks.canton_scan.app import BASE, create_app
from services.errors import SettingsWrong
from tests.clone import PATIENCE_SECONDS, Clone, copy_tree, until
from tests.integration.test_approvals import deployed, executed, in_a_container
from tests.integration.test_watch_runs import (
    BRONZE,
    automated,
    automation,
    in_hours,
    looks_like,
    named,
)
from tests.programs import put_first
from tests.runbook import to_type

pytestmark = pytest.mark.timeout(600)  # the session's services start within the first one
PIPELINE = pipeline_flow.name
GOLD = gold_transactions_flow.name
COUNT = 20  # updates
MINUTE = 60 * 10**6  # microseconds between two of them: hours are few
NO_DOCKER = "#!/bin/sh\nexit 1\n"


@dataclass(frozen=True)
class Person:
    """Somebody in the clone of a stack that is up, whose worker executes what is started."""

    clone: Clone
    client: SyncPrefectClient
    world: Any
    pipeline: UUID

    def types(self, *words: str) -> str:
        """Type a command that must succeed; return its output."""
        done = self.clone.run("./pipeline", *words)
        assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def starts(self, *words: str) -> str:
        """Type a command that runs the pipeline; return its output."""
        with self.clone.typing(*words) as typed:
            (run_id,) = until(self.started, typed.screen.read_text())
            state, code = in_a_container(self.client, self.world, run_id)
            assert (state.name, code) == ("Completed", 0), state
            assert typed.process.wait(PATIENCE_SECONDS) == 0, typed.screen.read_text()
            return typed.screen.read_text()

    def started(self) -> list[UUID]:
        runs = self.client.read_flow_runs()
        return [
            one.id
            for one in runs
            if one.deployment_id == self.pipeline and one.state and one.state.is_scheduled()
        ]


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clone")
    copy_tree(folder)
    return Clone(folder)


@pytest.fixture
def stack(clone, client, world, run_flow, pipeline, database, ledger, monkeypatch, tmp_path):
    """Puts the stack up, with a ledger whose age nobody looks at."""
    deployment = deployed(client, pipeline_flow, "pipeline", parameters={"max_age_minutes": 0})

    def up():
        line = pipeline(create_app(ledger(COUNT, gap=MINUTE)), SNOWFLAKE_DATABASE=database)
        url = line.services.settings.canton.base_url
        # Tests' Scans are at paths of one port, so a port and a path stand for a Scan's own port.
        port = url.removeprefix("http://127.0.0.1:").removesuffix(BASE)
        put_first(monkeypatch, tmp_path / "bin", "docker", NO_DOCKER)
        with chdir(clone.path):
            keep(Stack({**plan_stack({}).values, **world.stack_values(), "SCAN_PORT": port}))
            UP.touch()
        return Person(clone, client, world, deployment)

    yield up
    client.delete_deployment(deployment)
    shutil.rmtree(clone.path / ".stack")


def first_lines(messages):
    return [one.splitlines()[0] for one in messages]


def scheduled(cron, *, is_active):
    return [DeploymentScheduleCreate(schedule=CronSchedule(cron=cron), active=is_active)]


@pytest.fixture
def hourly(client):
    """Bronze's deployment, whose schedule is active and whose runs nobody starts."""
    schedules = scheduled("5 * * * *", is_active=True)
    made = client.create_deployment(client.create_flow(named(BRONZE)), "x", schedules=schedules)
    yield
    client.delete_deployment(made)


@pytest.mark.usefixtures("hourly")
def test_failures_crashes_and_runs_that_rest_are_told_until_the_run_that_their_entries_start(
    client, stack, run_flow, slack
):
    person = stack()
    Variable.set(RATE_VARIABLE, "a dime", overwrite=True)
    crash = Crashed(message="code 137")
    crashed = client.create_flow_run_from_deployment(person.pipeline, state=crash)
    stuck = client.create_flow_run_from_deployment(person.pipeline, state=Running())
    for _ in range(2):
        with pytest.raises(SettingsWrong):
            run_flow(gold_transactions_flow)
        run_flow(recover_runs_flow, flow_run_id=crashed.id)
        run_flow(watch_runs_flow, as_of=in_hours(2.1))
    told = slack()
    refused = f"Prefect variable {RATE_VARIABLE}=a dime: Input should be a valid decimal"
    assert [looks_like(one) for one in told] == [
        [f":x: *{GOLD}* failed", refused],
        [f":x: *{PIPELINE}* crashed and was given up", "gave up after a crash: code 137"],
        [f":x: *{PIPELINE}* neither goes on nor ends", f"{stuck.name} is Running"],
        [f":x: *{BRONZE}* has not completed for too long", "the last completed run ended: never"],
    ]

    client.delete_variable_by_name(RATE_VARIABLE)  # what the error says
    client.set_flow_run_state(stuck.id, Cancelled(), force=True)  # on Prefect's page
    typed = [
        to_type("failed", "trigger"), to_type("crashed", "trigger"),
        to_type("stuck", "trigger"), to_type("idle", "trigger"),
    ]  # fmt: skip
    assert typed == [["trigger"]] * 4, "so that one run is what all of them start"
    assert "gold: batch 1 committed" in person.starts(*typed[0])
    for _ in range(2):
        run_flow(watch_runs_flow, as_of=in_hours(1.4))
    assert sorted(first_lines(slack()[4:])) == [
        f":white_check_mark: *{BRONZE}* completes again",
        f":white_check_mark: *{GOLD}* runs again",
        f":white_check_mark: *{PIPELINE}* goes on again",
        f":white_check_mark: *{PIPELINE}* runs again",
    ]


@pytest.fixture
def resting(client, world):
    """The watch's deployment, whose schedule rests; the server waits ten seconds for its runs."""
    made = deployed(
        client, watch_runs_flow, "watch-runs",
        schedules=scheduled("*/30 * * * *", is_active=False),
        parameters={"as_of": in_hours(1.2).isoformat()},
    )  # fmt: skip
    with automated(client, world, automation("tell-silent-watch", within=10)):
        yield
    client.delete_deployment(made)


@pytest.mark.usefixtures("resting")
def test_a_watch_that_stays_away_is_told_by_the_server_and_its_return_by_the_watch(
    client, stack, run_flow, slack
):
    person = stack()
    with tags(SCHEDULED):
        run_flow(watch_runs_flow)
    (told,) = until(slack, "the server tells")
    assert looks_like(told) == [
        f":x: *{NAME}* does not run", "no scheduled run of it has completed since"
    ]  # fmt: skip
    assert f"since: {datetime.now(UTC):%Y-%m-%d}" in told
    run_flow(watch_runs_flow, as_of=in_hours(1.2))
    assert len(slack()) == 1, "an event started it: nobody knows when the next one comes"

    def planned():
        return [one.id for one in client.read_flow_runs() if one.auto_scheduled]

    assert planned() == []
    assert "rests" not in person.types(*to_type("silent", "schedule"))
    run_id, *_ = until(planned, "its next runs")
    client.set_flow_run_state(run_id, Scheduled(), force=True)  # its time has come
    assert executed(client, watch_runs_flow, run_id).is_completed()
    assert slack()[1].startswith(f":white_check_mark: *{NAME}* runs again\n")


def test_a_layer_that_is_old_is_told_once_until_a_ledger_that_stood_goes_on(
    stack, clock, run_flow, slack
):
    now, stood = datetime.now(UTC), timedelta(hours=3)
    clock.now = int((now - stood).timestamp()) * 10**6
    person = stack()
    person.types("clock", "--freeze")
    clock.now = int(now.timestamp()) * 10**6
    for _ in range(2):
        run_flow(pipeline_flow)
    assert first_lines(slack()) == [
        f":x: *{layer}* is older than it may be" for layer in ("bronze", "silver", "gold")
    ]
    person.types(*to_type("stale", "clock", AGE="3h"))
    for _ in range(2):
        run_flow(pipeline_flow)
    assert sorted(first_lines(slack()[3:])) == [
        f":white_check_mark: *{layer}* is fresh again" for layer in ("bronze", "gold", "silver")
    ]
