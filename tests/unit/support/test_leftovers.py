"""What earlier stacks and killed runs left: removed only where nothing can be lost."""

import pytest

from stack.checks.here import Here
from stack.settings import Stack, project_of
from support.checks.leftovers import check_runs_here
from support.checks.stacks import Left, judged, neighbours

PROJECT = "canton-0a1b2c"
VOLUMES = [f"{PROJECT}_postgres"]


def test_a_clone_that_is_there_keeps_everything(tmp_path):
    left = Left(PROJECT, str(tmp_path), ended=["one"], volumes=VOLUMES, images=["i"])
    assert list(judged(left, set())) == []


def test_of_a_clone_that_is_gone_data_is_told_and_the_rest_is_fixable():
    left = Left(PROJECT, "/no/such/clone", ended=["one"], volumes=VOLUMES, images=["i"])
    rest, data = judged(left, set())
    assert rest.say == f"1 containers, 1 images of {PROJECT} of /no/such/clone, which is gone"
    assert rest.fix is not None
    assert data.fix is None
    assert data.type_this == f"docker volume rm {PROJECT}_postgres deletes it"


def test_what_still_runs_is_left_to_the_person():
    left = Left(PROJECT, "/no/such/clone", running=["one"], images=["i"])
    (found,) = judged(left, set())
    assert (found.type_this, found.fix) == ("docker rm --force one", None)


def test_a_clone_without_containers_is_only_told_and_not_where_it_is_a_neighbour(tmp_path):
    left = Left(PROJECT, volumes=VOLUMES, images=["i"])
    (found,) = judged(left, set())
    assert found.say == f"1 volumes, 1 images of {PROJECT}, a clone that is down, or gone"
    assert found.fix is None
    assert list(judged(left, {PROJECT})) == []
    (tmp_path / "clone").mkdir()
    assert project_of(tmp_path / "clone") in neighbours(tmp_path / "other")


@pytest.fixture
def state(tmp_path):
    folder = tmp_path / "mock"
    folder.mkdir()
    for name in ("state.json", "running.json"):
        (folder / name).write_text("{}")
    return folder


def test_the_addresses_of_a_killed_run_are_removed(state):
    here = Here(Stack({}), environment={"STATE": str(state.parent)})
    (found,) = check_runs_here(here)
    assert found.say == f"{state / 'running.json'} is left over of a make run that was killed"
    assert found.fix() == f"removed {state / 'running.json'}"
    assert not (state / "running.json").exists()
    assert list(check_runs_here(here)) == []
