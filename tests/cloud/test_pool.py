"""The pool of ECS, as Prefect's own worker reads it: what it asks ECS for, checked by boto3."""

import asyncio
import copy
import json
import os
from contextlib import contextmanager
from uuid import uuid4

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import Flow, FlowRun
from prefect.context import SettingsContext
from prefect.logging.handlers import APILogHandler
from prefect.settings import Profile, Settings
from prefect.settings.legacy import _get_settings_fields
from prefect_aws.workers.ecs_worker import ECSJobConfiguration, ECSWorker

from cloud.infra.environment import flow_environment, worker_environment
from cloud.pools.job import CLIENT_SECRETS
from deployments.deployments import read_deployments
from deployments.overrides import RecordingEcs, measure_overrides
from tests.cloud.conftest import IMAGE

SECRET = "of-the-worker-alone"
BRONZE = read_deployments({"aws-ecs-prod": "aws-ecs-prod"})["deployments"][0]


@contextmanager
def worker_process(settings, **profile):
    """Prefect's settings as a worker's process has them: from its environment, and a profile."""
    environment = worker_environment(settings)
    secrets = dict.fromkeys(environment.secrets.keys() - profile.keys(), SECRET)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PREFECT_")]:
            patch.delenv(name)
        for name, value in (environment.values | secrets).items():
            patch.setenv(name, value)
        patch.setattr(APILogHandler, "emit", lambda *_: None)  # there is no server to tell
        updates = {_get_settings_fields(Settings)[name]: value for name, value in profile.items()}
        own = Settings().copy_with_update(updates=updates)
        with SettingsContext(profile=Profile(name="worker", settings={}), settings=own):
            yield own.to_environment_variables(exclude_unset=True)


def start_run(pool, ecs, **values):
    """A run as the worker starts it."""

    async def start():
        flow = Flow(id=uuid4(), name="canton-transactions-bronze", labels={})
        run = FlowRun(id=uuid4(), name="brave-axolotl", flow_id=flow.id, labels={})
        configuration = await ECSJobConfiguration.from_template_and_values(
            pool.template, values, client=PrefectClient("http://127.0.0.1:9/api")
        )
        configuration.prepare_for_flow_run(run, flow=flow, worker_name="ecs", worker_id=uuid4())
        configuration.aws_credentials = ecs
        await ECSWorker(pool.name, name="ecs").run(run, configuration)

    asyncio.run(start())
    return ecs


class Ecs(RecordingEcs):
    """Answers as ECS does: a definition comes back with all that ECS adds to it."""

    def answers(self):
        answers = super().answers()
        if last := answers["DescribeTaskDefinition"]["taskDefinition"]:
            (container,) = last["containerDefinitions"]
            added = {"cpu": 0, "mountPoints": [], "portMappings": [], "volumesFrom": []}
            added |= {"systemControls": [], "secrets": container["secrets"][::-1]}
            last |= {"containerDefinitions": [container | added]}
            last |= {"revision": 1, "volumes": [], "placementConstraints": []}
            last |= {"compatibilities": ["EC2", "FARGATE"], "registeredBy": "arn:…"}
        return answers


@pytest.fixture(scope="module")
def ecs(settings, pool):
    """ECS after a worker started two runs of the pool, and then a larger one."""
    ecs = Ecs(settings.stack.region)
    with worker_process(settings) as handed_over:
        assert SECRET in handed_over.values()
        start_run(pool, ecs)
        start_run(pool, ecs)
        assert len(ecs.definitions) == 1
        start_run(pool, ecs, memory=8192)
    return ecs


@pytest.fixture
def definition(ecs):
    return ecs.definitions[0]


@pytest.fixture
def run(ecs):
    return ecs.runs[0]


def by_name(pairs, value="value"):
    return {one["name"]: one[value] for one in pairs}


def test_a_task_is_defined_as_the_settings_say(settings, outputs, definition):
    size = settings.tasks.flow
    assert definition["family"] == f"{settings.stack.name}-flow"
    assert (definition["cpu"], definition["memory"]) == (str(size.cpu), str(size.memory))
    assert definition["executionRoleArn"] == outputs.flow_execution_role_arn
    assert definition["taskRoleArn"] == outputs.flow_task_role_arn
    assert definition["requiresCompatibilities"] == ["FARGATE"]
    assert definition["networkMode"] == "awsvpc"


def test_its_container_may_do_nothing_but_run(settings, outputs, definition):
    (container,) = definition["containerDefinitions"]
    assert container["image"] == IMAGE
    assert container["user"] == "10001:10001"
    assert container["readonlyRootFilesystem"] is True
    assert container["linuxParameters"] == {
        "initProcessEnabled": True,
        "capabilities": {"drop": ["ALL"]},
        "tmpfs": [{"containerPath": "/tmp", "size": settings.tasks.scratch_mib}],  # noqa: S108
    }
    log = container["logConfiguration"]
    assert log["logDriver"] == "awslogs"
    assert log["options"]["awslogs-group"] == outputs.flow_log_group
    assert log["options"]["awslogs-region"] == settings.stack.region
    assert (log["options"]["mode"], log["options"]["max-buffer-size"]) == ("non-blocking", "25m")


def test_its_environment_is_that_of_the_infrastructure(settings, outputs, definition):
    (container,) = definition["containerDefinitions"]
    wanted = flow_environment(settings)
    assert by_name(container["environment"]) == wanted.values
    assert by_name(container["secrets"], "valueFrom") == {
        name: outputs.secret_arns[key] for name, key in wanted.secrets.items()
    }


def test_a_second_run_registers_nothing_and_one_that_differs_does(ecs):
    assert len(ecs.runs) == 3
    assert [one["memory"] for one in ecs.definitions][1:] == ["8192"]


def test_a_run_is_started_in_its_place(settings, outputs, run):
    assert run["cluster"] == outputs.cluster_arn
    assert run["launchType"] == "FARGATE"
    assert run["networkConfiguration"] == {
        "awsvpcConfiguration": {
            "subnets": list(outputs.private_subnet_ids),
            "securityGroups": list(outputs.flow_security_group_ids),
            "assignPublicIp": "DISABLED",
        }
    }
    tags = {one["key"]: one["value"] for one in run["tags"]}
    assert tags["stack"] == settings.stack.name
    assert tags["cost-center"] == settings.stack.cost_center
    assert "prefect.io/flow-run-id" in tags  # by which Prefect's observer knows a task


def test_a_run_begins_by_prefects_own_command(run):
    (container,) = run["overrides"]["containerOverrides"]
    assert container["name"] == "flow"
    assert container["command"] == ["prefect", "flow-run", "execute"]


def test_a_run_is_handed_no_secret(ecs):
    assert SECRET not in json.dumps([ecs.definitions, ecs.runs])


def test_a_secret_that_the_worker_has_from_a_profile_is_not_handed_over_either(settings, pool):
    (name,) = worker_environment(settings).secrets
    ecs = Ecs(settings.stack.region)
    with worker_process(settings, **{name: SECRET}) as handed_over:
        assert handed_over[name] == SECRET
        assert name not in os.environ
        start_run(pool, ecs)
    assert SECRET not in json.dumps([ecs.definitions, ecs.runs])


def test_without_its_place_a_secret_would_be_handed_over(settings, pool):
    """So that the two tests above don't pass for another reason."""
    without = copy.deepcopy(pool)
    for name in CLIENT_SECRETS.values():
        without.template["variables"]["properties"][name].pop("default", None)
    with worker_process(settings):
        ecs = start_run(without, Ecs(settings.stack.region))
    assert SECRET in json.dumps(ecs.runs)


def test_measured_is_what_a_worker_in_its_own_process_asks(settings, pool, run):
    """`measure_overrides` needs no such process: it counts at least as much, and little more."""
    measured = measure_overrides(settings.stack.region, pool, BRONZE, worker_environment(settings))
    asked = len(json.dumps(run["overrides"]))
    assert asked <= measured < asked + 600
