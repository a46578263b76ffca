"""Checks that a run's overrides are short enough, and that too long ones are noticed before ECS."""

import json

import pytest

from cloud.infra.environment import worker_environment
from deployments.deployments import read_deployments
from deployments.overrides import (
    MOST_CHARACTERS,
    RecordingEcs,
    measure_overrides,
)

ECS = read_deployments({"aws-ecs-prod": "aws-ecs-prod"})["deployments"]


def with_job_variables(deployment, **values):
    return {**deployment, "work_pool": {**deployment["work_pool"], "job_variables": values}}


def measured(settings, pool, deployment):
    worker = worker_environment(settings)
    return measure_overrides(settings.stack.region, pool, deployment, worker)


@pytest.mark.parametrize("deployment", ECS, ids=lambda one: one["name"])
def test_runs_of_every_deployment_say_little_of_their_own(settings, pool, deployment):
    # Half of it is left for what somebody adds.
    assert 1000 < measured(settings, pool, deployment) < MOST_CHARACTERS / 2


def test_an_environment_that_is_too_large_is_noticed(settings, pool):
    room = MOST_CHARACTERS - measured(settings, pool, with_job_variables(ECS[0], env={"EXTRA": ""}))
    fits, too_much = (
        with_job_variables(ECS[0], env={"EXTRA": "x" * count}) for count in (room, room + 1)
    )
    assert measured(settings, pool, fits) == MOST_CHARACTERS
    assert measured(settings, pool, too_much) == MOST_CHARACTERS + 1


def test_what_is_counted_is_what_boto3_sends():
    """The same JSON, with its blanks: the body of the request, at its end."""
    overrides = {"containerOverrides": [{"name": "flow", "command": ["a", "b"]}], "cpu": "256"}
    sent = []
    client = RecordingEcs("us-east-1").get_client("ecs")
    client.meta.events.register_first(
        "before-call.ecs", lambda params, **_: sent.append(params["body"])
    )
    client.run_task(taskDefinition="x", overrides=overrides)
    assert json.dumps(overrides).encode() in sent[0]
