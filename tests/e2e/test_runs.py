"""Runs of the stack: from Prefect's page, on a schedule, of edited code, left to themselves."""

import time

import httpx
import pytest

from tests.clone import until

ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
WAITS = {"Scheduled", "Late", "AwaitingConcurrencySlot"}
WAITING, AT_ONCE = 250, 50  # runs; Prefect makes 100 in a call at most
# The seconds that waiting runs may add to the start of another deployment's run, on two cores that
# another stack uses as well; they once added 67. Where nothing else runs, 10 are enough.
START_SECONDS = 60
NOTHING_NEW = '"%s: no new %s batch"'


@pytest.fixture
def prefect(up):
    with up.prefect() as client:
        yield client


def timed(act):
    """The result of a call, and the seconds that it took."""
    began = time.monotonic()
    return act(), time.monotonic() - began


def create(prefect, deployment, parameters):
    """A run, asked for as Prefect's page does it."""
    wanted = {"deployments": {"name": {"any_": [deployment]}}}
    (found,) = prefect.post("/deployments/filter", json=wanted).json()
    answer = prefect.post(
        f"/deployments/{found['id']}/create_flow_run", json={"parameters": parameters}
    )
    return answer.raise_for_status().json()


def ended(prefect, run):
    """The run, once it has ended."""

    def state():
        found = prefect.get(f"/flow_runs/{run['id']}").json()
        return found if found["state_type"] in ENDED else None

    return until(state, f"the end of run {run['name']}")


def log(up, prefect, deployment):
    """Run a deployment that has nothing new to do; return its log."""
    run = ended(prefect, create(prefect, deployment, {}))
    assert run["state_type"] == "COMPLETED", run["state"]
    return up.makes("logs", f"RUN={run['name']}")


def test_a_run_from_prefects_page_takes_its_parameters_into_a_container(up, prefect, engine):
    up.makes("clock", "ADVANCE=20m")
    batches = "select object_keys from ops.batches where layer = 'bronze' order by batch_id"
    before = len(up.rows(batches))
    run = create(prefect, "pipeline", {"budget_pages": 1})
    (container,) = until(lambda: engine.flow_runs(up.project), "its container")
    assert container.attrs["Config"]["Image"] == f"{up.project}/pipeline:local"
    host = container.attrs["HostConfig"]
    assert (host["Memory"], host["ReadonlyRootfs"], host["CapDrop"]) == (2**30, True, ["ALL"])
    assert container.labels["io.prefect.flow-run-id"] == run["id"]
    assert ended(prefect, run)["state_type"] == "COMPLETED"
    until(lambda: not engine.flow_runs(up.project), "its container gone")
    newest = up.rows(batches)[before:]
    assert [len(one["object_keys"]) for one in newest] == [1], "though the Scan has more pages"


def test_a_trigger_that_is_stopped_leaves_its_run_to_itself(up, engine):
    with up.typing("trigger") as typed:
        typed.shows("bronze: page 1, ")
        typed.press_ctrl_c()
        until(typed.is_gone, "all of make trigger ended", 30)
        screen = typed.screen.read_text()
    (name,) = {line.split()[1].rstrip(":") for line in screen.splitlines() if line[:4] == "run "}
    assert f"run {name} goes on without this: ./pipeline logs --run {name} --follow" in screen
    shown = up.makes("logs", f"RUN={name}", "FOLLOW=1")
    assert "gold: batch " in shown
    until(lambda: not engine.flow_runs(up.project), "no container left behind")
    up.makes("verify")


def test_schedules_run_when_they_are_told_to_and_outlast_another_up(up, prefect):
    def planned():
        wanted = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
        return prefect.post("/flow_runs/filter", json=wanted).json()

    assert "active" not in up.makes("schedule")
    assert "rests" not in up.makes("schedule", "ON=1")
    until(planned, "the next runs")
    up.makes("up")
    assert "rests" not in up.makes("schedule"), "up again changes nothing"
    assert "active" not in up.makes("schedule", "ON=0")
    until(lambda: not planned(), "no more runs")


def seconds_to_start(prefect, run):
    """The time until a run is taken up, or waits for its turn."""
    before = {"SCHEDULED", "PENDING"}

    def is_begun():
        return prefect.get(f"/flow_runs/{run['id']}").json()["state_type"] not in before

    return timed(lambda: until(is_begun, f"the start of {run['name']}"))[1]


@pytest.fixture
def waiting(up, prefect, engine):
    """Many runs of bronze that wait for each other; none is left behind.

    Nobody takes one up while they are deleted: a run that has its deployment's slot and is deleted
    keeps the slot for minutes, and whoever runs next waits for it.
    """
    wanted = {"deployments": {"name": {"any_": ["bronze"]}}}
    (bronze,) = prefect.post("/deployments/filter", json=wanted).json()
    of_bronze = {"deployment_id": {"any_": [bronze["id"]]}}
    those = {**of_bronze, "state": {"type": {"any_": ["SCHEDULED"]}}}

    def are_deleted():
        deleted = prefect.post("/flow_runs/bulk_delete", json={"flow_runs": those})
        return not deleted.raise_for_status().json()["deleted"]

    def none_runs():
        begun = {**of_bronze, "state": {"type": {"any_": ["PENDING", "RUNNING"]}}}
        found = prefect.post("/flow_runs/filter", json={"flow_runs": begun}).json()
        return not found and not engine.flow_runs(up.project)

    def pause(*, is_paused):
        prefect.patch("/work_pools/docker", json={"is_paused": is_paused}).raise_for_status()

    def make():
        for _ in range(WAITING // AT_ONCE):
            path = f"/deployments/{bronze['id']}/create_flow_run/bulk"
            prefect.post(path, json=[{}] * AT_ONCE).raise_for_status()

    yield make
    pause(is_paused=True)
    try:
        until(none_runs, "no run under way")
        until(are_deleted, "no run left")
    finally:
        pause(is_paused=False)


def test_runs_that_wait_hold_up_no_other_deployments_run(up, prefect, waiting):
    first = create(prefect, "pipeline", {"budget_pages": 1})
    usual_start = seconds_to_start(prefect, first)
    ended(prefect, first)

    waiting()

    run = create(prefect, "pipeline", {"budget_pages": 1})
    assert seconds_to_start(prefect, run) < usual_start + START_SECONDS
    status = up.status()  # asks for a few of them alone: tests/unit/stack/test_last_runs.py
    assert run["name"] in [one["run"] for one in status["last_runs"]]
    waits = [one["state"] in WAITS for one in status["last_runs"]]
    assert waits == sorted(waits), "runs that wait come last"
    (told,) = status["waiting_runs"]
    assert told["count"] > WAITING / 2
    assert ended(prefect, run)["state_type"] == "COMPLETED"


def test_an_edit_shows_in_the_next_run_and_with_baked_code_after_a_build(up, prefect):
    flow, service = up.path / "flows" / "consume.py", up.path / "services" / "edited.py"
    before = flow.read_text()
    assert before.count(NOTHING_NEW) == 1
    edited = before.replace(NOTHING_NEW, 'NEWS + ": %s, no new %s"').replace(
        "from prefect import", "from services.edited import NEWS\nfrom prefect import"
    )

    def edit(news):
        service.write_text(f'NEWS = "{news}"\n')
        flow.write_text(edited)

    up.makes("trigger")
    edit("first edit")
    assert "first edit: silver, no new bronze" in log(up, prefect, "silver")
    up.makes("up", "MOUNT=0")
    edit("second edit")
    assert "first edit: silver, no new bronze" in log(up, prefect, "silver")
    up.makes("up")
    assert "second edit: silver, no new bronze" in log(up, prefect, "silver")
    service.unlink()
    flow.write_text(before)


@pytest.mark.chaos
def test_with_two_scans_bronze_reads_on_while_the_first_is_down(up, engine):
    up.makes("up", "SCANS=2")
    assert engine.containers(up.project)["canton-scan-behind"].status == "running"
    up.makes("clock", "ADVANCE=10m")
    up.makes("faults", "PROFILE=outage", "TTL=600")
    shown = up.makes("trigger")
    assert "passing over a Scan" in shown
    assert "bronze: batch" in shown
    scan = f"http://127.0.0.1:{up.settings['SCAN_PORT']}/_mock/faults"
    assert sum(one["fired"] for one in httpx.get(scan).json()["faults"]) > 0
    up.makes("faults", "PROFILE=calm")
    up.makes("up")
    assert "canton-scan-behind" not in engine.containers(up.project)
