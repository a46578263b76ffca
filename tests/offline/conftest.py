"""The stack on networks without a way out, and what their only router has seen."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from itertools import chain

import pytest
from docker.models.containers import Container

import docker
from docker import DockerClient
from tests.clone import Clone, made_clone
from tests.e2e.engine import Engine

collect_ignore = ["inside"]  # those run in a container on the stack's network

# Set aside for measuring networks (RFC 2544): nobody's own addresses.
CANDIDATES = [f"198.18.{number}" for number in range(256)]


@dataclass(frozen=True)
class Seen:
    """A packet for the outside: which container sent it, where to, and what."""

    container: str
    to: str
    what: str


@dataclass(frozen=True)
class Offline:
    """A stack that is up, and offline."""

    clone: Clone
    engine: Engine

    @property
    def networks(self) -> set[str]:
        """The watched ones."""
        return {f"{self.clone.project}_{name}" for name in ("default", "docker", "ports")}

    def containers(self) -> dict[str, Container]:
        """All of the stack by service, but the watcher; those that have ended too."""
        found = self.engine.containers(self.clone.project)
        return {name: one for name, one in found.items() if name != "watcher"}

    def seen(self) -> list[Seen]:
        """Everything that wanted to go outside, from the start on."""
        watcher = self.engine.containers(self.clone.project)["watcher"]
        said = watcher.logs(stderr=False).decode()
        assert watcher.status == "running", watcher.logs().decode()
        _, *lines = said.splitlines()  # the first tells which networks it watches
        return [_seen(json.loads(one)) for one in lines]


def _seen(line: dict[str, str]) -> Seen:
    """Docker calls a container ``<project>-<service>-1.<network>``."""
    return Seen(line["from"].partition(".")[0], line["to"], line["what"])


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Offline]:
    client = docker.from_env()
    environment = {"OFFLINE_NET": _free_net(client), "HISTORY": "4000"}
    with made_clone(tmp_path_factory.mktemp("offline"), environment) as clone:
        shutil.copy(clone.path / "docker/offline.yml", clone.path / "docker-compose.override.yml")
        assert "the pipeline is deployed" in clone.makes("up")
        yield Offline(clone, Engine(client))
    client.close()


def _free_net(client: DockerClient) -> str:
    """The first three numbers of addresses that no network here has."""
    pools = chain.from_iterable(
        network.attrs["IPAM"]["Config"] or () for network in client.networks.list()
    )
    taken = [ip_network(pool["Subnet"]) for pool in pools]
    return next(
        net
        for net in CANDIDATES
        if not any(ip_network(f"{net}.0/24").overlaps(one) for one in taken if one.version == 4)
    )
