"""Checks of leftovers of earlier stacks and killed runs: removed only if nothing can be lost."""

import pytest

from local.stack.checks.here import Here
from local.stack.settings import Stack, project_of
from local.support.checks.leftovers import check_runs_here
from local.support.checks.stacks import Left, is_this_machines, judged, neighbours

PROJECT = "canton-0a1b2c"
VOLUMES = [f"{PROJECT}_postgres"]


def test_a_clone_that_is_there_keeps_everything(tmp_path):
    left = Left(PROJECT, str(tmp_path), ended=["one"], volumes=VOLUMES, images=["i"])
    assert list(judged(left, set(), is_own=True)) == []


def test_of_a_clone_that_is_gone_data_is_told_and_the_rest_is_fixable(tmp_path):
    gone = str(tmp_path / "gone")
    left = Left(PROJECT, gone, ended=["one"], volumes=VOLUMES, images=["i"])
    rest, data = judged(left, set(), is_own=True)
    assert rest.result == f"1 containers, 1 images of {PROJECT} of {gone}, which is gone"
    assert rest.fix is not None
    assert data.fix is None
    assert data.type_this == f"docker volume rm {PROJECT}_postgres deletes it"


def test_what_still_runs_is_left_to_the_person(tmp_path):
    left = Left(PROJECT, str(tmp_path / "gone"), running=["one"], images=["i"])
    (found,) = judged(left, set(), is_own=True)
    assert (found.type_this, found.fix) == ("docker rm --force one", None)


@pytest.mark.parametrize(("parent", "is_own"), [("", False), ("no/such", True)])
def test_a_folder_that_may_be_elsewhere_is_told_and_nothing_of_it_removed(tmp_path, parent, is_own):
    folder = str(tmp_path / parent / "clone")
    left = Left(PROJECT, folder, running=["one"], ended=["two"], volumes=VOLUMES, images=["i"])
    (found,) = judged(left, set(), is_own=is_own)
    assert found.result == (
        f"1 running containers, 1 volumes, 1 containers, 1 images of {PROJECT} of {folder}, which"
        " can't be seen from here: gone, another machine's, or on a disk that isn't mounted"
    )
    assert found.type_this.startswith("there, make reset AT=stack; if it is gone: docker rm")
    assert found.fix is None


@pytest.mark.parametrize(
    ("address", "system", "kernel", "is_own"),
    [
        ("unix:///var/run/docker.sock", "Debian GNU/Linux 12", "6.1.0-18-amd64", True),
        ("unix:///Users/me/.docker/run/docker.sock", "Docker Desktop", "23.4.0", True),
        ("unix:///var/run/docker.sock", "Docker Desktop", "5.15-microsoft-standard-WSL2", False),
        ("unix:///var/run/docker.sock", "Ubuntu 24.04", "5.15-microsoft-standard-WSL2", True),
        ("tcp://10.0.0.5:2375", "Debian GNU/Linux 12", "6.1.0-18-amd64", False),
        ("ssh://me@build", "Debian GNU/Linux 12", "6.1.0-18-amd64", False),
    ],
)
def test_only_an_engine_of_this_machine_alone_tells_that_a_clone_is_gone(
    address, system, kernel, is_own
):
    assert is_this_machines(address, system, kernel) is is_own


def test_a_clone_without_containers_is_only_told_and_not_where_it_is_a_neighbour(tmp_path):
    left = Left(PROJECT, volumes=VOLUMES, images=["i"])
    (found,) = judged(left, set(), is_own=True)
    assert found.result == f"1 volumes, 1 images of {PROJECT}, a clone that is down, or gone"
    assert found.fix is None
    assert list(judged(left, {PROJECT}, is_own=True)) == []
    (tmp_path / "clone").mkdir()
    assert project_of(tmp_path / "clone") in neighbours(tmp_path / "other")


@pytest.fixture(params=["mock", "dev/mock"])
def state(tmp_path, request):
    folder = tmp_path / request.param
    folder.mkdir(parents=True)
    for name in ("state.json", "running.json"):
        (folder / name).write_text("{}")
    return folder


def test_the_addresses_of_a_killed_run_are_removed(state, tmp_path):
    here = Here(Stack({}), environment={"STATE": str(tmp_path)})
    (found,) = check_runs_here(here)
    assert found.result == f"{state / 'running.json'} is left over of a command that was killed"
    assert found.fix() == f"removed {state / 'running.json'}"
    assert not (state / "running.json").exists()
    assert list(check_runs_here(here)) == []
