"""The whole stack as a user has it: every command, in the order in which it would be typed."""

import json
import re
import shutil

import httpx
import pytest
from localstack_client.session import Session as LocalStack

from local.console.slack_inbox import slack_messages
from tests.clone import until
from tests.e2e.engine import NOTHING

COMMAND_ADDRESSES = ("home page", "Prefect", "Scan mock", "Slack", "S3", "Snowflake")


def bronze(up):
    return up.rows("select batch_id, update_count, object_keys from ops.batches "
                   "where layer = 'bronze' order by batch_id")  # fmt: skip


def messages(up):
    """Return what Slack received."""
    return slack_messages(f"http://127.0.0.1:{up.settings['SLACK_PORT']}", after=0)


def test_up_starts_from_nothing_and_says_where_everything_is(stack, engine):
    stack.makes("reset", "AT=stack", "YES=1")
    shown = stack.makes("up")
    assert "up, and the pipeline is deployed, in " in shown
    assert [word for word in COMMAND_ADDRESSES if word not in shown] == []
    for port in ("HOME", "PREFECT", "SCAN", "SLACK", "S3", "SNOWFLAKE"):
        assert f"http://127.0.0.1:{stack.settings[f'{port}_PORT']} " in shown


def test_everything_is_healthy_and_hardened(up, engine):
    status = up.status()
    assert {one["health"] for one in status["services"]} == {"healthy", "done"}
    assert status["problems"] == []
    for one in engine.containers(up.project).values():
        host = one.attrs["HostConfig"]
        assert host["ReadonlyRootfs"], one.name
        assert host["CapDrop"] == ["ALL"], one.name
        assert host["Memory"] > 0, one.name
        assert host["PidsLimit"] > 0, one.name
        assert "no-new-privileges:true" in host["SecurityOpt"], one.name
        published = [port for ports in host["PortBindings"].values() for port in ports]
        assert {port["HostIp"] for port in published} <= {"127.0.0.1"}, one.name
        assert one.attrs["Config"]["User"] not in {"", "0", "root"}, one.name


CALL = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 30)
except OSError as error:
    sys.exit(f"{error}")
"""


@pytest.mark.parametrize(
    ("host", "port", "said"),
    [
        pytest.param("192.0.2.1", "80", "No route to host|unreachable", id="the-internet"),
        pytest.param("172.17.0.1", "22", "No route to host|unreachable", id="this-machine"),
        pytest.param("slack", "8090", "", id="a-service"),
    ],
)
def test_a_flow_run_reaches_services_and_nothing_outside(up, engine, host, port, said):
    (network,) = json.loads(up.settings["FLOW_NETWORKS"])
    caller = engine.client.containers.create(
        up.settings["FLOW_IMAGE"], ["python", "-c", CALL, host, port], network=network
    )
    try:
        caller.start()
        code = caller.wait(timeout=60)["StatusCode"]
        assert (code != 0) == bool(said)
        assert re.search(said, caller.logs().decode())
    finally:
        caller.remove(force=True)


def test_nobody_gets_in_without_the_password_that_was_made(up):
    url = f"http://127.0.0.1:{up.settings['PREFECT_PORT']}/api/deployments/filter"
    assert httpx.post(url, json={}, trust_env=False).status_code == 401
    for wrong in (("admin", "pass"), ("admin", "")):
        answer = httpx.post(url, json={}, auth=wrong, trust_env=False)
        assert answer.status_code == 401
    with up.prefect() as prefect:
        assert prefect.post("/deployments/filter", json={}).status_code == 200


@pytest.mark.parametrize("password", ["", "local", "pipeline", "snowflake"])
def test_the_warehouse_takes_no_default_password(up, password):
    login = {"data": {"LOGIN_NAME": "pipeline", "PASSWORD": password, "ACCOUNT_NAME": "local"}}
    url = f"http://127.0.0.1:{up.settings['SNOWFLAKE_PORT']}/session/v1/login-request"
    assert not httpx.post(url, json=login, trust_env=False).json()["success"]
    login["data"]["PASSWORD"] = up.settings["WAREHOUSE_PASSWORD"]
    assert httpx.post(url, json=login, trust_env=False).json()["success"]


def test_a_triggered_run_makes_gold_equal_the_ledgers_own_account(up, engine, monkeypatch):
    printed = up.makes("trigger")
    assert "gold: busiest accounts" in printed
    assert "gold: batch 1 committed" in printed
    assert "submitted to infrastructure" not in printed, "what Prefect says of itself"
    up.makes("verify")
    until(lambda: not engine.flow_runs(up.project), "its container gone", 60)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{up.settings['S3_PORT']}")
    s3 = LocalStack("local", "local").client("s3")
    landed = s3.list_objects_v2(Bucket="canton-landing")["Contents"]
    (batch,) = bronze(up)
    assert sorted(one["Key"] for one in landed) == sorted(batch["object_keys"])


def test_status_tells_how_far_each_layer_has_come(up):
    status = up.status()
    (run, *_) = status["last_runs"]
    assert run["state"] == "Completed"
    tables = {
        "bronze": "bronze.canton_transactions_raw",
        "silver": "silver.canton_transactions",
        "gold": "gold.account_activity_minute",
    }
    counted = {name: up.rows(f"select count(*) as n from {tables[name]}") for name in tables}
    assert {one["layer"]: one["rows"] for one in status["layers"]} == {
        name: rows[0]["n"] for name, rows in counted.items()
    }
    assert {one["batch_id"] for one in status["layers"]} == {1}
    assert len(status["watermarks"]) == 3
    shown = up.makes("status")
    assert run["run"] in shown
    assert "MiB / " in shown


def test_logs_are_those_of_a_service_or_of_a_run(up):
    (run, *_) = up.status()["last_runs"]
    assert "gold: batch 1 committed" in up.makes("logs", f"RUN={run['run']}")
    localstack = up.makes("logs", "S=localstack")
    assert "localstack-1" in localstack
    assert "/_localstack/" not in localstack, "asked by nobody but the stack itself"
    assert "deploy-1" in up.makes("logs")
    with up.typing("logs", "S=localstack", "FOLLOW=1") as typed:
        typed.shows("localstack-1")
        typed.press_ctrl_c()
    assert "no service nope, but canton-scan, " in up.refuses("logs", "S=nope")
    assert "no run is named nope" in up.refuses("logs", "RUN=nope")
    assert "name one of them" in up.refuses("logs", "S=slack", "RUN=x")


def test_a_shell_runs_what_it_is_told_without_a_terminal(up):
    assert up.make("shell", "S=slack", said="id -u\n").stdout == "10001\n"
    assert "deploy doesn't run" in up.refuses("shell", "S=deploy")
    assert "in which service?" in up.refuses("shell")


def test_the_rest_of_the_commands_act_on_the_stack(up, monkeypatch):
    monkeypatch.setenv("BROWSER", "true")  # a browser that ends at once
    assert f"http://127.0.0.1:{up.settings['PREFECT_PORT']}" in up.makes("open")
    before = up.makes("clock")
    assert up.makes("clock", "ADVANCE=10m") != before
    assert "outage" not in up.makes("faults")
    assert "stands" in up.makes("faults", "PROFILE=flaky", "TTL=1")
    key = bronze(up)[0]["object_keys"][0]
    assert "is loaded already" in up.refuses("release", f"KEY={key}")
    assert "which page?" in up.refuses("release")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["up", "MONT=0"], "make up has no option MONT; did you mean MOUNT?"),
        (["trigger", "USD_RTE=1"], "did you mean USD_RATE?"),
        (["trigger", "USD_RATE=-1"], "USD_RATE=-1: Input should be greater than 0"),
        (["up", "MOUNT=yes"], "MOUNT=yes: expected 1 or 0"),
        (["status", "FORMAT=yaml"], "FORMAT=yaml: expected table or json"),
        (["sql", "Q=select 1", "NETWORK=x"], "make sql has no option NETWORK"),
    ],
)
def test_what_was_mistyped_is_refused_in_a_line(up, words, said):
    refused = up.refuses(*words)
    assert said in refused
    assert len(refused.splitlines()) == 1


def test_up_again_changes_nothing(up, engine):
    up.makes("up")  # a build without a cache, of another test, may have left newer layers
    before = {name: one.id for name, one in engine.containers(up.project).items()}
    up.makes("up")
    assert {name: one.id for name, one in engine.containers(up.project).items()} == before


def test_down_keeps_the_data_and_only_new_updates_are_loaded(up, engine):
    up.makes("down")
    assert engine.everything(up.project)["containers"] == set()
    for command in ("trigger", "status", "logs", "schedule"):
        assert "the stack is down: make up starts it" in up.refuses(command)
    # Without AT=, it may show a state of make run, which a snapshot was restored to before.
    for words in (("open",), ("sql", "Q=select 1")):
        assert "the stack is down: make up starts it" in up.refuses(*words, "AT=stack")
    up.makes("up")
    told = messages(up)
    up.makes("clock", "ADVANCE=10m")
    up.makes("trigger")
    assert messages(up) == told, "a ledger whose clock was moved on is nothing to tell"
    up.makes("verify")
    first, second = bronze(up)
    assert (first["batch_id"], second["batch_id"]) == (1, 2)
    assert second["update_count"] < first["update_count"]


def test_reset_asks_first(up):
    refused = up.make("reset", said="no\n")
    assert refused.returncode == 2
    assert f"This deletes all data of the stack {up.project}" in refused.stdout
    assert "nothing was deleted" in refused.stdout


def test_reset_leaves_nothing_also_where_the_passwords_are_gone(up, engine):
    project = up.project
    up.makes("down")
    shutil.rmtree(up.path / ".stack")
    assert "make reset AT=stack deletes that data" in up.refuses("up")
    assert engine.everything(project)["volumes"] != set()
    assert "images are kept for it" in up.makes("reset", "AT=stack", "YES=1")
    assert engine.everything(project) == NOTHING
    assert engine.images(project) > 0
    assert not (up.path / ".stack").exists()
    up.makes("reset", "AT=stack", "YES=1", "IMAGES=1")
    assert engine.images(project) == 0
    assert "nothing to reset" in up.makes("reset", "AT=stack")
