"""Rows on the image of a run: by its task's definition, its container, and the task it ended in."""

import os

import pytest

from cloud.rehearsal.deploys import Deploys
from cloud.rehearsal.runs import Runs
from cloud.rehearsal.table import Verdict
from tests.cloud.rehearsal.definitions import DIGEST, IMAGE, pool

OTHER = f"sha256:{'cd' * 32}"
TASK = {"taskArn": "arn:task/one", "taskDefinitionArn": "arn:task-definition/flow:2"}
NEXT_TASK = {**TASK, "taskArn": "arn:task/two"}
# Any container that is asked for has the image of the variable.
FAKE = """#!/bin/sh
case "$*" in
ps*) echo c1;;
image*) echo '[{"Config": {"Env": []}}]';;
inspect*) echo "[{\\"Image\\": \\"$FAKE_IMAGE\\", \\"Config\\": {\\"Env\\": []}}]";;
esac
"""


class Ecs:
    """An ECS whose tasks all have the definition of `IMAGE`."""

    def __init__(self, *tasks):
        self.tasks = tasks

    def definition(self, _):
        return {"containerDefinitions": [{"image": IMAGE}]}

    def tasks_of(self, _):
        return self.tasks


def deploys(*tasks, first=OTHER, second=DIGEST):
    return Deploys(Runs(None, Ecs(*tasks), "stack"), pool(), first, second)


@pytest.fixture
def image_of_containers(tmp_path, monkeypatch):
    """A function that sets the image which Docker's containers have."""
    fake = tmp_path / "docker"
    fake.write_text(FAKE)
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return lambda image: monkeypatch.setenv("FAKE_IMAGE", image)


@pytest.mark.parametrize(
    ("wanted", "runs_in", "verdict"),
    [
        pytest.param(DIGEST, DIGEST, Verdict.EQUAL, id="right"),
        pytest.param(OTHER, DIGEST, Verdict.DIFFERS, id="definition-of-another"),
        pytest.param(DIGEST, OTHER, Verdict.DIFFERS, id="container-of-another"),
    ],
)
def test_a_run_begins_in_an_image_where_definition_and_container_have_it(
    image_of_containers, wanted, runs_in, verdict
):
    image_of_containers(runs_in)
    row = deploys().began("the next run", TASK, wanted)
    assert (row.here, row.verdict) == ("in the second image, as flow:2", verdict)


@pytest.mark.parametrize(
    ("tasks", "wanted", "verdict"),
    [
        pytest.param([TASK], DIGEST, Verdict.EQUAL, id="right"),
        pytest.param([TASK], OTHER, Verdict.DIFFERS, id="another-image"),
        pytest.param([TASK, NEXT_TASK], DIGEST, Verdict.DIFFERS, id="another-task"),
    ],
)
def test_a_run_ends_in_the_image_of_the_task_that_it_was_in(tasks, wanted, verdict):
    row = deploys(*tasks).ended("a run", "r1", TASK, wanted)
    assert (row.here, row.verdict) == ("in the second image", verdict)


def test_an_image_of_neither_deploy_is_named_by_its_digest():
    row = deploys(TASK, second=OTHER).ended("a run", "r1", TASK, OTHER)
    assert (row.here, row.verdict) == (f"in {DIGEST}", Verdict.DIFFERS)
