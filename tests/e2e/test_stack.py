"""The whole stack as a user has it: up, run, verified, down, up again, gone."""

import json

import pytest
from localstack_client.session import Session as LocalStack

LABEL = "com.docker.compose.project"


@pytest.fixture(scope="module")
def up(clone):
    assert "the pipeline is deployed" in clone.makes("up")
    return clone


def of_project(clone):
    return {"all": True, "filters": {"label": f"{LABEL}={clone.settings['COMPOSE_PROJECT']}"}}


def flow_runs(engine, clone):
    found = engine.containers.list(**of_project(clone))
    return [one for one in found if one.labels["com.docker.compose.service"] == "flow-run"]


def test_everything_is_healthy_and_hardened(up, engine):
    status = json.loads(up.makes("status", "FORMAT=json"))
    assert {one["health"] for one in status["services"]} == {"healthy", "done"}
    for one in engine.containers.list(**of_project(up)):
        host = one.attrs["HostConfig"]
        assert host["ReadonlyRootfs"], one.name
        assert host["CapDrop"] == ["ALL"], one.name
        assert host["Memory"] > 0, one.name
        assert "no-new-privileges:true" in host["SecurityOpt"], one.name
        published = [port for ports in host["PortBindings"].values() for port in ports]
        assert {port["HostIp"] for port in published} <= {"127.0.0.1"}, one.name
        assert one.attrs["Config"]["User"] not in {"", "0", "root"}, one.name


def test_a_triggered_run_makes_gold_equal_the_ledgers_own_account(up, engine, monkeypatch):
    printed = up.makes("trigger")
    assert "gold: busiest accounts" in printed
    assert "gold: batch 1 committed" in printed
    up.makes("verify")
    assert flow_runs(engine, up) == []
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{up.settings['S3_PORT']}")
    s3 = LocalStack().client("s3")
    landed = s3.list_objects_v2(Bucket="canton-landing")["Contents"]
    (batch,) = up.rows("select object_keys from ops.batches where layer = 'bronze'")
    assert sorted(one["Key"] for one in landed) == sorted(batch["object_keys"])


def test_up_again_changes_nothing(up, engine):
    before = {one.name: one.id for one in engine.containers.list(**of_project(up))}
    up.makes("up")
    after = {one.name: one.id for one in engine.containers.list(**of_project(up))}
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed == set()


def test_down_keeps_the_data_and_only_new_updates_are_loaded(up, engine):
    up.makes("down")
    assert engine.containers.list(**of_project(up)) == []
    up.makes("up")
    up.makes("trigger")
    up.makes("verify")
    batches = up.rows("select batch_id, update_count from ops.batches where layer = 'bronze'")
    assert [one["batch_id"] for one in batches] == [1, 2]
    assert batches[1]["update_count"] < batches[0]["update_count"]


def test_reset_leaves_nothing(up, engine):
    project = {"label": f"{LABEL}={up.settings['COMPOSE_PROJECT']}"}
    up.makes("reset", "YES=1")
    assert engine.containers.list(all=True, filters=project) == []
    assert engine.volumes.list(filters=project) == []
    assert engine.networks.list(filters=project) == []
    assert not (up.path / ".stack").exists()
