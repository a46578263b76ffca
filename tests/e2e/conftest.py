"""A clone of its own for each stack that is tested, with names and ports of its own."""

from collections.abc import Iterator

import pytest

import docker
from docker import DockerClient
from tests.clone import Clone, made_clone


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerClient]:
    client = docker.from_env()
    client.ping()
    yield client
    client.close()


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    with made_clone(tmp_path_factory.mktemp("clone")) as made:
        yield made
