"""A clone of its own for each stack that is tested, with names and ports of its own.

One stack serves most tests: `up` is it, with whatever earlier tests left in it. What doesn't use it
may run beside it.
"""

import fcntl
import os
import subprocess
from collections.abc import Iterator

import pytest

import docker
from local.stack.settings import plan_stack
from tests.clone import ROOT, Clone, made_clone
from tests.e2e.engine import Engine

SMALL = {"HISTORY": "4000"}  # updates that a ledger begins with: enough for a run of some seconds


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    client = docker.from_env()
    client.ping()
    yield Engine(client)
    client.close()


@pytest.fixture(scope="session", autouse=True)
def base_image(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Made once, though two workers' stacks ask for it; so are all layers on it.

    Two builds of the same layer at once may end in two layers, and the next `make up` takes the
    other one and starts the services anew.
    """
    name = plan_stack(os.environ).values["BASE_IMAGE"]
    shared = tmp_path_factory.getbasetemp().parent
    with (shared / "base-image.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([ROOT / "tools" / "base-image", name], check=True)
        if not (shared / "images-are-built").exists():
            with made_clone(tmp_path_factory.mktemp("images")) as clone:
                clone.makes("images")
            (shared / "images-are-built").touch()
    return name


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """A clone of this module's own."""
    with made_clone(tmp_path_factory.mktemp("clone"), SMALL) as made:
        yield made


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """The clone whose stack serves most tests; it may be down."""
    with made_clone(tmp_path_factory.mktemp("stack"), SMALL) as made:
        yield made


@pytest.fixture
def up(stack: Clone) -> Clone:
    """The stack that serves most tests, up, with whatever earlier tests left in it."""
    return ensure_up(stack)


def ensure_up(stack: Clone) -> Clone:
    """A clone whose stack is up; `make up` takes its time even where nothing is to be done."""
    if not (stack.path / ".stack" / "up").exists():
        stack.makes("up")
    return stack
