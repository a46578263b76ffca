"""The watch and recovery, on Prefect's own server: what doesn't happen is told in Slack."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml
from prefect import flow, task
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectNotFound
from prefect.states import Completed, Crashed, Running, State

from deployments.apply import CONTROL_POOL
from deployments.automations import FILE, resolve
from deployments.blocks import ensure_blocks
from deployments.pools import ensure_pool, read_pool
from flows.recover_runs import TAG, recover_runs_flow
from flows.watch_runs import watch_runs_flow
from tests.clone import until

BRONZE = "canton-transactions-bronze"


def named(name: str) -> Any:
    @flow(name=name)
    async def nothing() -> None: ...

    return nothing


def late(at: datetime) -> State[Any]:
    return State(type=StateType.SCHEDULED, name="Late", state_details={"scheduled_time": at})


def looks_like(message: str) -> list[str]:
    """The lines of a message that name what is wrong and since when."""
    lines = message.splitlines()
    return [lines[0], lines[1]]


def in_hours(hours: float) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


def test_runs_that_nobody_takes_are_one_alert_until_one_is_taken(client, run_flow, slack):
    name = f"canton-late-{uuid4()}"
    runs = [client.create_flow_run(named(name), state=late(in_hours(-30))) for _ in range(3)]
    for _ in range(2):
        run_flow(watch_runs_flow)
    (told,) = slack()
    assert told.splitlines()[0] == f":x: *{name}* should have begun"
    assert "3 waiting for a worker" in told
    assert told.splitlines()[-1].startswith("see: http://127.0.0.1:")

    client.set_flow_run_state(runs[0].id, Running(), force=True)
    for _ in range(2):
        run_flow(watch_runs_flow)
    assert [one.splitlines()[0] for one in slack()[1:]] == [
        f":white_check_mark: *{name}* is taken by a worker again"
    ]


def test_a_run_that_stays_in_a_state_is_stuck_until_it_ends(client, run_flow, slack):
    name = f"canton-stuck-{uuid4()}"
    run = client.create_flow_run(named(name), state=Running())
    run_flow(watch_runs_flow, as_of=in_hours(1.9))
    assert slack() == []
    run_flow(watch_runs_flow, as_of=in_hours(2.1))
    (told,) = slack()
    assert looks_like(told) == [
        f":x: *{name}* neither goes on nor ends", f"{run.name} is Running"
    ]  # fmt: skip
    client.set_flow_run_state(run.id, Completed(), force=True)
    run_flow(watch_runs_flow, as_of=in_hours(2.1))
    assert slack()[1].startswith(f":white_check_mark: *{name}* goes on again\n")


@task
def landed() -> None: ...


@pytest.mark.parametrize("is_in_a_subflow", [False, True])
def test_a_run_whose_steps_go_on_is_not_stuck_until_they_stop(
    client, run_flow, slack, is_in_a_subflow
):
    name = f"canton-backfill-{uuid4()}"
    run = client.create_flow_run(named(name), state=Running())
    within = run
    if is_in_a_subflow:
        part = client.create_task_run(landed, run.id, "part", state=Running())
        within = client.create_flow_run(named(BRONZE), parent_task_run_id=part.id, state=Running())
    step = client.create_task_run(landed, within.id, "page", state=Running())
    begun, stepped = (client.read_flow_run(run.id).state, step.state)
    assert begun.timestamp < stepped.timestamp
    run_flow(watch_runs_flow, as_of=begun.timestamp + timedelta(hours=2))
    assert slack() == []
    run_flow(watch_runs_flow, as_of=stepped.timestamp + timedelta(hours=2))
    (told,) = slack()
    assert looks_like(told) == [
        f":x: *{name}* neither goes on nor ends", f"{run.name} is Running"
    ]  # fmt: skip
    assert f"since: {stepped.timestamp:%Y-%m-%d %H:%M} UTC" in told


def test_runs_beyond_those_that_the_server_lists_at_once_count(client, run_flow, slack):
    flow_id = client.create_flow(named(f"canton-many-{uuid4()}"))
    many = client.create_deployment(flow_id, "x")
    for _ in range(201):
        client.create_flow_run_from_deployment(many, state=late(in_hours(-30)))
    run_flow(watch_runs_flow)
    (told,) = slack()
    assert "201 waiting for a worker" in told


def test_runs_of_other_projects_are_left_alone(client, run_flow, slack):
    name = f"their-canton-{uuid4()}"
    client.create_flow_run(named(name), state=late(in_hours(-30)))
    client.create_flow_run(named(f"{name}-2"), state=Running())
    crashed = crashed_run(client, f"{name}-3", tags=[TAG])
    run_flow(watch_runs_flow, as_of=in_hours(5))
    run_flow(recover_runs_flow)
    assert client.read_flow_run(crashed.id).state_type == StateType.CRASHED
    assert slack() == []


def crashed_run(client: SyncPrefectClient, name: str, tags: Sequence[str] = ()) -> FlowRun:
    """A run of a deployment: recovery starts it again if it has its tag."""
    deployed = client.create_deployment(client.create_flow(named(name)), "x", tags=list(tags))
    return client.create_flow_run_from_deployment(deployed, state=Crashed(message="code 137"))


def test_a_crash_that_recovery_gives_up_is_told(client, run_flow, slack):
    name = f"canton-given-up-{uuid4()}"
    run = crashed_run(client, name)
    for _ in range(2):
        run_flow(recover_runs_flow, flow_run_id=run.id)
    (told,) = slack()
    assert looks_like(told) == [
        f":x: *{name}* crashed and was given up", "gave up after a crash: code 137"
    ]  # fmt: skip
    assert told.endswith(f"/runs/flow-run/{run.id}")


def test_a_crash_that_recovery_leaves_is_told(client, run_flow, slack):
    name = f"canton-left-{uuid4()}"
    run = crashed_run(client, name)
    run_flow(watch_runs_flow)
    assert slack() == []
    run_flow(watch_runs_flow, as_of=in_hours(0.5))
    (told,) = slack()
    assert looks_like(told) == [
        f":x: *{name}* crashed and was given up", f"{run.name}: code 137"
    ]  # fmt: skip


def test_a_crash_after_which_its_flow_completed_is_not_told(client, run_flow, slack):
    name = f"canton-overtaken-{uuid4()}"
    crashed_run(client, name)
    run_flow(named(name))
    run_flow(watch_runs_flow, as_of=in_hours(0.5))
    assert slack() == []


def test_a_recovery_that_fails_is_told_once_and_so_is_the_next_that_completes(
    client, run_flow, slack
):
    for _ in range(2):
        with pytest.raises(ObjectNotFound):
            run_flow(recover_runs_flow, flow_run_id=uuid4())
    (told,) = slack()
    assert told.splitlines()[0] == f":x: *{recover_runs_flow.name}* failed"
    assert "type: `./pipeline logs control-worker`" in told
    for _ in range(2):
        run_flow(recover_runs_flow)
    assert [one.splitlines()[0] for one in slack()[1:]] == [
        f":white_check_mark: *{recover_runs_flow.name}* runs again"
    ]


@pytest.fixture
def scheduled(client) -> Iterator[None]:
    """Bronze's deployment, whose schedule is active and whose runs nobody starts."""
    hourly = DeploymentScheduleCreate(schedule=CronSchedule(cron="5 * * * *"), active=True)
    made = client.create_deployment(client.create_flow(named(BRONZE)), "x", schedules=[hourly])
    yield
    client.delete_deployment(made)


@pytest.mark.usefixtures("scheduled")
def test_a_scheduled_layer_that_nothing_runs_is_told_and_so_is_its_next_run(
    client, run_flow, slack
):
    run_flow(watch_runs_flow, as_of=in_hours(1.4))
    assert slack() == []
    for _ in range(2):
        run_flow(watch_runs_flow, as_of=in_hours(1.6))
    (told,) = slack()
    assert looks_like(told) == [
        f":x: *{BRONZE}* has not completed for too long", "the last completed run ended: never"
    ]  # fmt: skip
    run = client.create_flow_run(named(BRONZE), state=Running())
    client.set_flow_run_state(run.id, Completed(), force=True)
    run_flow(watch_runs_flow)
    assert slack()[1].startswith(f":white_check_mark: *{BRONZE}* completes again\n")


def test_of_its_runs_that_waited_for_their_worker_one_looks(client, run_flow, slack):
    waited = client.create_flow_run(watch_runs_flow, state=late(in_hours(-1)))
    run_flow(watch_runs_flow)
    assert client.read_flow_run(waited.id).state_type == StateType.CANCELLED
    assert slack() == []


def automation(name: str, within: int) -> dict[str, Any]:
    """One of the file's automations that waits for another time."""
    (found,) = (one for one in yaml.safe_load(FILE.read_text()) if one["name"] == name)
    return {**found, "trigger": {**found["trigger"], "within": within}}


@contextmanager
def automated(client: SyncPrefectClient, world: Any, wanted: dict[str, Any]) -> Generator[None]:
    """The server acts on an automation."""
    blocks = ensure_blocks({}, world.environment["SLACK_WEBHOOK_URL"])
    made = client.create_automation(resolve(wanted, {}, blocks))
    yield
    client.delete_automation(made)


@pytest.fixture
def control(client, world) -> Iterator[UUID]:
    """A deployment of the pool of control flows, whose crashes the server tells.

    A second automation tells of each: so it is known when the server has dealt with all of them.
    """
    pool = read_pool(CONTROL_POOL)
    ensure_pool(client, pool)
    flow_id = client.create_flow(named(f"canton-control-{uuid4()}"))
    wanted = automation("tell-crashed-control", within=3600)
    each = automation("tell-crashed-control", within=0)
    each |= {"name": "each", "actions": [{"alert": "control", "reason": "each one"}]}
    with automated(client, world, wanted), automated(client, world, each):
        yield client.create_deployment(flow_id, "control", work_pool_name=pool.name)


def test_a_control_flow_that_crashes_again_and_again_is_told_once_an_hour(client, control, slack):
    runs = [client.create_flow_run_from_deployment(control) for _ in range(3)]
    for run in runs:
        client.set_flow_run_state(run.id, Crashed(message="code 137"), force=True)
    until(lambda: [one for one in slack() if "each one" in one][2:], "all are told of")
    (told,) = until(lambda: [one for one in slack() if "each one" not in one], "the alert")
    assert told.splitlines()[1] in {f"{run.name}: code 137" for run in runs}
    assert "type: `./pipeline logs control-worker`" in told
