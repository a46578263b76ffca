"""Checks of runs whose containers are killed, never start or fall silent; deploying again."""

import subprocess
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from local.console.slack_inbox import newest_number, slack_messages
from tests.e2e.conftest import ensure_up
from tests.runbook import to_type

MANY = 900  # seconds that a busy machine may take; what is told to be quick is measured apart
FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def wait_for(what, seconds=MANY):
    """The first true thing that `what` gives."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, f"waited for {seconds} s"
        time.sleep(0.5)
    return found


def at(state):
    """Return the time at which a run entered a state."""
    return datetime.fromisoformat(state["timestamp"])


class Server:
    """The stack's Prefect server, as its users reach it, and the engine below."""

    def __init__(self, clone, engine):
        own = clone.settings
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{own['PREFECT_PORT']}/api",
            auth=tuple(own["PREFECT_AUTH"].split(":", 1)), timeout=120, trust_env=False,
        )  # fmt: skip
        self._engine = engine
        self._project = own["COMPOSE_PROJECT"]

    def close(self):
        self._http.close()

    def ask(self, path, body=None):
        return self._http.post(path, json=body or {}).raise_for_status().json()

    def patch(self, path, body):
        self._http.patch(path, json=body).raise_for_status()

    def deployment(self, name):
        return next(one for one in self.ask("/deployments/filter") if one["name"] == name)

    def start(self, deployment, **wanted):
        path = f"/deployments/{self.deployment(deployment)['id']}/create_flow_run"
        return self.ask(path, wanted)["id"]

    def run(self, run_id):
        return self._http.get(f"/flow_runs/{run_id}").raise_for_status().json()

    def states(self, run_id):
        found = self._http.get("/flow_run_states/", params={"flow_run_id": run_id})
        return sorted(found.raise_for_status().json(), key=lambda one: one["timestamp"])

    def names(self, run_id):
        return [one["name"] for one in self.states(run_id)]

    def wait_for_state(self, run_id, name):
        def is_there():
            state = self.run(run_id)["state_name"]
            assert state == name or state.upper() not in FINAL - {"CRASHED"}, self.states(run_id)
            return state == name

        wait_for(is_there)

    def wait_until_mid_run(self, run_id):
        """Until a page has landed, and nothing is committed."""
        of_all = {"flow_runs": {"parent_flow_run_id": {"any_": [run_id]}}}

        def has_landed():
            runs = [run_id, *(one["id"] for one in self.ask("/flow_runs/filter", of_all))]
            wanted = {"logs": {"flow_run_id": {"any_": runs}}}
            return any("page 1," in one["message"] for one in self.ask("/logs/filter", wanted))

        wait_for(has_landed)

    def container(self, service):
        return self._engine.containers(self._project)[service]

    def scan_limit(self):
        limits = self.ask("/v2/concurrency_limits/filter")
        (found,) = (one for one in limits if one["name"] == "tag:canton-scan")
        return found

    def flow_containers(self):
        return self._engine.flow_runs(self._project)


@pytest.fixture(scope="module")
def up(stack):
    ensure_up(stack).makes("clock", "ADVANCE=1h")  # there is something to load
    return stack


@pytest.fixture(scope="module")
def server(up, engine):
    found = Server(up, engine)
    yield found
    found.close()


@pytest.fixture(scope="module")
def silent(server):
    """A run that was killed together with the worker that watched it, in this order."""
    run = server.start("bronze")
    server.wait_until_mid_run(run)
    # The worker's process: `docker kill` would count as a stop, and it would not come back.
    kill = ["bash", "-c", "kill -9 $(cat /proc/1/task/1/children)"]
    assert server.container("prefect-worker").exec_run(kill).exit_code == 0
    (container,) = server.flow_containers()
    container.kill()
    return run, datetime.now(UTC)


@pytest.fixture(scope="module")
def hopeless(server, silent):
    """A run whose container can't start; its end is a minute away.

    It begins with the next worker: one that the worker had taken up would be given up only after
    the minutes that a container may take to start.
    """
    return server.start("gold", job_variables={"image": "there-is/no-such:image"})


def told_by_prefect(server):
    """All that deploying makes, with the ids and what a person may turn."""
    schedules = [
        (one["name"], each["slug"], each["id"], each["active"])
        for one in server.ask("/deployments/filter")
        for each in one["schedules"]
    ]
    named = {
        path: sorted((one["name"] or str(one["id"]), one["id"]) for one in server.ask(path))
        for path in (
            "/work_pools/filter",
            "/automations/filter",
            "/deployments/filter",
            "/block_documents/filter",
        )
    }
    variables = {
        one["id"]: (one["name"], one["value"])
        for one in server.ask("/variables/filter")
        if not one["name"].startswith("canton_alert_")  # of the runs that go on meanwhile
    }
    limits = {one["id"]: one["limit"] for one in server.ask("/v2/concurrency_limits/filter")}
    return {**named, "schedules": schedules, "variables": variables, "limits": limits}


def test_deploying_again_changes_nothing_and_keeps_what_a_person_turned(up, server, hopeless):
    limit = server.scan_limit()
    gold = server.deployment("gold")
    (schedule,) = gold["schedules"]
    assert not schedule["active"]
    server.patch("/variables/name/usd_rate", {"value": "0.31"})
    server.patch(f"/v2/concurrency_limits/{limit['id']}", {"limit": 1})
    server.patch(f"/deployments/{gold['id']}/schedules/{schedule['id']}", {"active": True})
    before = told_by_prefect(server)
    assert len(before["/automations/filter"]) > 0
    again = ["docker", "compose", "--env-file", ".stack/env", "run", "--rm", "--no-deps", "deploy"]
    subprocess.run(again, cwd=up.path, check=True, capture_output=True)  # as `make up` does
    assert told_by_prefect(server) == before
    server.patch(f"/deployments/{gold['id']}/schedules/{schedule['id']}", {"active": False})


@pytest.mark.chaos
def test_a_run_that_can_not_start_is_given_up_and_slack_hears_of_it_once(up, server, hopeless):
    server.wait_for_state(hopeless, "Failed")
    assert server.names(hopeless).count("Crashed") == 3
    assert server.run(hopeless)["state"]["message"].startswith("gave up after 3 crashes")

    def messages():
        inbox = slack_messages(f"http://127.0.0.1:{up.settings['SLACK_PORT']}", after=0)
        return [one["text"] for one in inbox if hopeless in one["text"]]

    wait_for(messages)
    link = f"http://127.0.0.1:{up.settings['PREFECT_PORT']}/runs/flow-run/{hopeless}"
    (text,) = messages()
    assert text.startswith(
        ":x: *canton-transactions-gold* crashed and was given up\ngave up after 3 crashes: "
    )
    assert text.endswith(f"\nsee: {link}")


@pytest.mark.chaos
def test_a_run_that_fell_silent_is_noticed_and_recovered(server, silent):
    run, killed = silent
    server.wait_for_state(run, "Completed")
    (crashed,) = (one for one in server.states(run) if one["name"] == "Crashed")
    assert crashed["message"] == "nothing was heard of it for 90 s"
    assert server.run(run)["run_count"] == 2
    assert at(crashed) - killed < timedelta(seconds=150)


@pytest.mark.chaos
def test_a_cancelled_run_leaves_no_container_and_no_slot_at_the_scan(up, server):
    up.makes("clock", "ADVANCE=1h")
    run = server.start("bronze")
    server.wait_until_mid_run(run)
    wait_for(lambda: server.scan_limit()["active_slots"] == 1)
    server.ask(f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}})
    server.wait_for_state(run, "Cancelled")
    wait_for(lambda: not server.flow_containers(), seconds=60)
    *_, asked, cancelled = server.states(run)
    assert [one["type"] for one in (asked, cancelled)] == ["CANCELLING", "CANCELLED"]
    wait_for(lambda: server.scan_limit()["active_slots"] == 0, seconds=120)  # a lease is a minute
    assert at(cancelled) - at(asked) < timedelta(seconds=60)  # 4 s, where nothing else runs


@pytest.fixture
def told(up):
    """Returns the messages since the test began that start with a line."""
    slack = f"http://127.0.0.1:{up.settings['SLACK_PORT']}"
    seen = newest_number(slack)

    def messages(line):
        found = [one["text"] for one in slack_messages(slack, after=seen)]
        return [one for one in found if one.startswith(f"{line}\n")]

    return messages


@pytest.mark.chaos
def test_runs_that_no_worker_takes_are_told_until_make_up_starts_it(up, server, told):
    up.composes("stop", "prefect-worker")
    run = server.start("silver")
    server.wait_for_state(run, "Late")
    soon = datetime.now(UTC) + timedelta(minutes=6)  # the watch waits for five
    server.start("watch-runs", parameters={"as_of": soon.isoformat()})
    wait_for(lambda: told(":x: *canton-transactions-silver* should have begun"))
    up.makes(*to_type("late", "up"))
    server.wait_for_state(run, "Completed")
    over = ":white_check_mark: *canton-transactions-silver* is taken by a worker again"
    wait_for(lambda: told(over))
    assert len(told(":x: *canton-transactions-silver* should have begun")) == 1
    assert len(told(over)) == 1


@pytest.mark.chaos
def test_a_recovery_that_fails_is_told_until_make_up_starts_the_control_worker(up, server, told):
    server.start("recover-runs", parameters={"flow_run_id": str(uuid4())})  # of no run
    wait_for(lambda: told(":x: *canton-recover-runs* failed"))
    up.composes("stop", "control-worker")
    up.makes(*to_type("control", "up"))
    over = ":white_check_mark: *canton-recover-runs* runs again"
    wait_for(lambda: told(over))
    assert len(told(":x: *canton-recover-runs* failed")) == 1
    assert len(told(over)) == 1


@pytest.mark.chaos
@pytest.mark.quick
def test_a_killed_run_is_recovered_and_every_update_is_loaded_exactly_once(up, server):
    up.makes("clock", "ADVANCE=1h")
    first = server.start("pipeline")
    server.wait_until_mid_run(first)
    second = server.start("pipeline")
    server.wait_for_state(second, "AwaitingConcurrencySlot")
    (container,) = server.flow_containers()
    container.kill()
    for run in (first, second):
        server.wait_for_state(run, "Completed")
    assert "Crashed" in server.names(first)
    assert "Crashed" not in server.names(second)  # it waited, and was not taken for stuck
    up.makes("verify")
    (rate,) = up.rows("select usd_rate from ops.usd_rates order by effective_at desc limit 1")
    assert float(rate["usd_rate"]) == 0.31
    wait_for(lambda: not server.flow_containers())
