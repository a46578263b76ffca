"""Checks that the container request to Docker carries everything a task's definition says."""

import json

import pytest
from docker.types import ContainerConfig, HostConfig

from local.stack.flow_containers import checked_create
from mocks.fargate.containers import (
    TASK_LABEL,
    NotStarted,
    TaskHost,
    create_arguments,
    environment,
    stop_seconds,
)
from tests.cloud.fargate.cloud import ARN, CONTAINER, DEFINITION, TASK, changed
from tests.unit.stack.gate.wanted import FLOW_RUN, RULES

HOST = TaskHost(RULES.project, RULES.images, RULES.network)
IMAGE = RULES.images[0]
VARIABLES = {"KEPT": "1"}


def test_a_task_becomes_what_its_definition_says():
    asked = create_arguments(TASK, DEFINITION, IMAGE, VARIABLES, HOST)
    assert {name: asked[name] for name in ("image", "command", "environment", "user", "name")} == {
        "image": "stack/pipeline:local",
        "command": ["prefect", "flow-run", "execute"],
        "environment": VARIABLES,
        "user": "10001:10001",
        "name": "0a1b2c",
    }
    assert asked["labels"].items() >= {**FLOW_RUN, TASK_LABEL: ARN}.items()
    assert asked["host_config"] == {
        "auto_remove": True,
        "cap_drop": ["ALL"],
        "init": True,
        "mem_limit": 4 * 2**30,
        "memswap_limit": 4 * 2**30,
        "nano_cpus": 2 * 10**9,
        "network_mode": "stack-net",
        "pids_limit": 1024,
        "read_only": True,
        "security_opt": ["no-new-privileges:true"],
        "tmpfs": {"/tmp": "size=256m"},  # noqa: S108 -- in the container
    }


@pytest.mark.parametrize(
    ("definition", "name", "value"),
    [
        pytest.param(changed(user=None), "user", None, id="user"),
        pytest.param(changed(linuxParameters={}), "cap_drop", None, id="rights"),
        pytest.param(changed(linuxParameters={}), "init", False, id="init"),
        pytest.param(changed(linuxParameters={}), "tmpfs", {}, id="tmpfs"),
        pytest.param(changed(readonlyRootFilesystem=False), "read_only", False, id="root"),
        pytest.param({**DEFINITION, "memory": "512"}, "mem_limit", 2**29, id="memory"),
        pytest.param({**DEFINITION, "cpu": "256"}, "nano_cpus", 250_000_000, id="cpu"),
    ],
)
def test_what_the_definition_leaves_out_is_not_made_up(definition, name, value):
    asked = create_arguments(TASK, definition, IMAGE, VARIABLES, HOST)
    assert {**asked, **asked["host_config"]}[name] == value


def test_without_a_command_of_its_own_a_task_runs_the_definition_s():
    asked = create_arguments({**TASK, "overrides": {}}, DEFINITION, IMAGE, VARIABLES, HOST)
    assert asked["command"] == ["from", "the", "definition"]


@pytest.mark.parametrize("image", HOST.images)
def test_the_gate_lets_it_pass(image):
    asked = create_arguments(TASK, DEFINITION, image, VARIABLES, HOST)
    host = HostConfig(version="1.41", **asked.pop("host_config"))
    del asked["name"]
    config = ContainerConfig("1.41", host_config=host, **asked)
    sent = json.loads(checked_create(RULES, json.dumps(config).encode()))
    assert (sent["Image"], sent["User"]) == (image, "10001:10001")
    assert sent["HostConfig"]["ReadonlyRootfs"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        pytest.param({"privileged": True}, "privileged", id="privileged"),
        pytest.param({"mountPoints": [{"sourceVolume": "x"}]}, "mountPoints", id="mounts"),
        pytest.param({"healthCheck": {"command": ["x"]}}, "healthCheck", id="health"),
        pytest.param({"entryPoint": ["sh"]}, "entryPoint", id="entry-point"),
        pytest.param({"linuxParameters": {"devices": [{}]}}, "devices", id="devices"),
    ],
)
def test_what_is_not_known_is_refused(fields, named):
    with pytest.raises(NotStarted, match=f"doesn't know {named}"):
        create_arguments(TASK, changed(**fields), IMAGE, VARIABLES, HOST)


@pytest.mark.parametrize(
    "definition",
    [
        pytest.param({**DEFINITION, "containerDefinitions": [CONTAINER] * 2}, id="two-containers"),
        pytest.param({**DEFINITION, "volumes": [{"name": "x"}]}, id="volume"),
    ],
)
def test_a_task_of_more_than_a_container_is_refused(definition):
    with pytest.raises(NotStarted, match="tasks of one container"):
        create_arguments(TASK, definition, IMAGE, VARIABLES, HOST)


def test_what_the_call_says_goes_before_the_definition_and_the_definition_before_the_keys():
    said = [{"name": "AWS_ACCESS_KEY_ID", "value": "of the definition"}]
    container = {**CONTAINER, "environment": [*CONTAINER["environment"], *said]}
    assert environment(TASK, container, {"AUTH": "hush"}) == {
        "KEPT": "1",
        "OVERRIDDEN": "2",
        "AUTH": "hush",
        "AWS_ACCESS_KEY_ID": "of the definition",
        "AWS_SECRET_ACCESS_KEY": "local",
    }


@pytest.mark.parametrize(("said", "seconds"), [(60, 60), (None, 30)])
def test_a_container_has_as_long_to_end_as_was_said(said, seconds):
    assert stop_seconds(changed(stopTimeout=said)) == seconds
