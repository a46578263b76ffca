"""The stack on networks without a way out, and what its only router has seen."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from itertools import chain
from typing import Any

import pytest
from docker.models.containers import Container

import docker
from docker import DockerClient
from tests.clone import Clone, made_clone

collect_ignore = ["inside"]  # those run in a container on the stack's network

# Set aside for measuring networks (RFC 2544): nobody's own addresses.
CANDIDATES = [f"198.18.{number}" for number in range(256)]
PATIENCE_SECONDS = 120
POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Seen:
    """A packet for the outside."""

    container: str
    to: str
    what: str


@dataclass(frozen=True)
class Offline:
    """A stack that is up, and offline."""

    clone: Clone
    engine: DockerClient

    @property
    def project(self) -> str:
        return self.clone.settings["COMPOSE_PROJECT"]

    @property
    def networks(self) -> set[str]:
        """The watched ones."""
        return {self.project, f"{self.project}_docker"}

    def containers(self) -> dict[str, Container]:
        """All of the stack by service, but the watcher; those that have ended too."""
        label = f"com.docker.compose.project={self.project}"
        found = self.engine.containers.list(all=True, filters={"label": label})
        named = {one.labels["com.docker.compose.service"]: one for one in found}
        return {name: one for name, one in named.items() if name != "watcher"}

    def compose(self, *words: str) -> str:
        """What Docker Compose said, which did well."""
        done = self.clone.run("docker", "compose", "--env-file", ".stack/env", *words)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def seen(self) -> list[Seen]:
        """Everything that wanted to go outside, from the start on."""
        said = self.compose("logs", "--no-log-prefix", "--no-color", "watcher").splitlines()
        head, *lines = map(json.loads, said)
        assert head["watching"], head
        return [_seen(one) for one in lines]

    def waits_for(self, is_so: Callable[[], Any]) -> bool:
        """Whether it came to be so in time."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            if time.monotonic() > end:
                return False
            time.sleep(POLL_SECONDS)
        return True


def _seen(line: dict[str, str]) -> Seen:
    """Docker calls a container ``<project>-<service>-1.<network>``."""
    return Seen(line["from"].partition(".")[0], line["to"], line["what"])


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Offline]:
    engine = docker.from_env()
    environment = {
        "COMPOSE_FILE": "docker-compose.yml:docker/offline.yml",
        "OFFLINE_NET": _free_net(engine),
    }
    with made_clone(tmp_path_factory.mktemp("clone"), environment) as clone:
        assert "the pipeline is deployed" in clone.makes("up")
        yield Offline(clone, engine)
    engine.close()


def _free_net(engine: DockerClient) -> str:
    """The first three numbers of addresses that no network here has."""
    pools = chain.from_iterable(
        network.attrs["IPAM"]["Config"] or () for network in engine.networks.list()
    )
    taken = [ip_network(pool["Subnet"]) for pool in pools]
    return next(
        net
        for net in CANDIDATES
        if not any(ip_network(f"{net}.0/24").overlaps(one) for one in taken if one.version == 4)
    )
