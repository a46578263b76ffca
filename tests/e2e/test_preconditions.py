"""Checks that `make up` reports what it lacks in one message before it starts anything."""

import os
import shutil
import socket
from pathlib import Path

import pytest

NO_COMPOSE = """#!/bin/sh
[ "$1" != compose ] || { echo "docker: 'compose' is not a docker command." >&2; exit 1; }
exec %s "$@"
"""
OLD_COMPOSE = """#!/bin/sh
[ "$1" != compose ] || { echo 2.4.1; exit; }
exec %s "$@"
"""
# The engine's own answer, but with less of something.
POOR = """#!/bin/sh
real=%s
[ "$1" = info ] || exec "$real" "$@"
"$real" "$@" | sed -E '{less}'
"""


@pytest.fixture
def refuses_up(clone):
    """The one line of a `make up` that can't start; nothing of a stack is there afterwards."""

    def told(*words, **environment):
        refused = clone.refuses("up", *words, **environment)
        assert len(refused.splitlines()) == 1
        assert not (clone.path / ".stack" / "env").exists()
        return refused

    return told


@pytest.fixture
def path_with(tmp_path):
    """A PATH on which `docker` is a script of ours."""

    def write(script):
        docker = tmp_path / "docker"
        docker.write_text(script % shutil.which("docker"))
        docker.chmod(0o755)
        return f"{tmp_path}:{os.environ['PATH']}"

    return write


def test_without_an_engine(refuses_up):
    told = refuses_up(DOCKER_HOST="tcp://127.0.0.1:1")
    assert "no Docker engine answers at DOCKER_HOST=tcp://127.0.0.1:1" in told
    assert "make run does the same here" in told


def test_without_docker(refuses_up, tmp_path):
    for name in ("make", "bash", "env"):
        (tmp_path / name).symlink_to(Path(shutil.which(name)))
    assert "there is no docker here: install it" in refuses_up(PATH=str(tmp_path))


def test_without_compose(refuses_up, path_with):
    assert "this Docker has no Compose v2" in refuses_up(PATH=path_with(NO_COMPOSE))


def test_with_a_compose_that_is_too_old(refuses_up, path_with):
    told = refuses_up(PATH=path_with(OLD_COMPOSE))
    assert "Compose 2.21 or newer is needed, this is 2.4.1" in told


@pytest.mark.parametrize(
    ("less", "said"),
    [
        ('s/"MemTotal":[0-9]+/"MemTotal":1073741824/', "too little memory: 1024 MiB are available"),
        (
            's|"DockerRootDir":"[^"]*"|"DockerRootDir":"/proc"|',
            "too little disk: 0 MiB are free in",
        ),
    ],
    ids=["memory", "disk"],
)
def test_with_too_little(refuses_up, path_with, less, said):
    assert said in refuses_up(PATH=path_with(POOR.format(less=less)))


def test_with_a_port_that_another_program_has(refuses_up):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        told = refuses_up(f"SLACK_PORT={port}")
    assert f"port {port} is taken by " in told
    assert f"(process {os.getpid()}): make up SLACK_PORT=… chooses another" in told


def test_with_one_port_for_two_services(refuses_up):
    told = refuses_up("SLACK_PORT=4200", "PREFECT_PORT=4200")
    assert "PREFECT_PORT and SLACK_PORT are both 4200" in told
