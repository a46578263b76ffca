"""Deploy, deploy, roll back, deploy: a process each, as people type them, on a real server."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from cloud.plan.records import Records
from tests.cloud.server.story import ROOT, Story, telling
from tests.clouds import own_settings
from tests.integration.local_world import LocalWorld

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

NETWORK = own_settings().canton.network
ACTS = "tests.cloud.server.acts"
ORDER = (("deploy", "c0ffee"), ("deploy", "decade"), ("rollback", "decade"), ("deploy", "facade"))
Act = Callable[[str, str], subprocess.CompletedProcess[str]]


@pytest.fixture
def story(prefect_server: None, world: LocalWorld, tmp_path) -> Iterator[Story]:
    with telling(tmp_path, world.environment["PREFECT_API_URL"]) as told:
        yield told


@pytest.fixture
def act(story: Story) -> Act:
    """Carry out an act; each process orders its sets by a seed of its own."""
    seeds = iter(range(1, 10))

    def carry_out(verb: str, commit: str) -> subprocess.CompletedProcess[str]:
        seed = str(next(seeds))
        return subprocess.run(
            [sys.executable, "-m", ACTS, story.folder, story.url, verb, commit],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": _path()},
            check=False, capture_output=True, text=True,
        )  # fmt: skip

    return carry_out


def _path() -> str:
    """The repository before whatever else is on the path: the acts run in a folder of their own."""
    return os.pathsep.join([str(ROOT), *filter(None, sys.path)])


@pytest.mark.timeout(900)  # four processes that import Prefect and boto3, on a busy machine
def test_deploys_and_a_rollback_in_processes_of_their_own_find_no_drift(story: Story, act: Act):
    for verb, commit in ORDER:
        done = act(verb, commit)
        assert done.returncode == 0, f"{verb} {commit}: {done.stdout}{done.stderr}"
    records = Records("prod", story.folder / "cloud/records")
    first, second, back, last = (records.read(name) for name in records.names())
    networks = [NETWORK in str(one.state.pools) for one in (first, second, back, last)]
    assert networks == [False, True, False, True]  # documents have it put in after a first run
    assert (back.rollback_of, last.rollback_of) == (first.name, None)
    assert back.registered == first.registered
    assert len({one.state.image for one in (first, second, last)}) == 3
