"""The stacks' graphs, recorded once a session: Pulumi's packages take seconds to import."""

import os
from pathlib import Path

import pytest
from _pytest.tmpdir import TempPathFactory

from cloud.infra.graph import Graph, record
from cloud.infra.settings import Settings, read_settings
from local.embedded.children import Children, ChildSpec, free_port
from tests.clouds import PREFECT_CLOUD, changed
from tests.contract.snowflake.server import key_pair

__all__ = ["key_pair"]
DIGEST = f"sha256:{'ab' * 32}"


@pytest.fixture(scope="session")
def prod() -> Settings:
    """Production as it stands in the repository, with an image."""
    return changed(read_settings("prod"), tasks={"image_digest": DIGEST})


@pytest.fixture(scope="session")
def dev() -> Settings:
    return read_settings("dev")


@pytest.fixture(scope="session")
def on_cloud(prod: Settings) -> Settings:
    """Production whose Prefect is Prefect Cloud."""
    return changed(prod, prefect={"api": PREFECT_CLOUD})


@pytest.fixture(scope="session")
def graph(prod: Settings) -> Graph:
    return record(prod)


@pytest.fixture(scope="session")
def dev_graph(dev: Settings) -> Graph:
    return record(dev)


@pytest.fixture(scope="session")
def cloud_graph(on_cloud: Settings) -> Graph:
    return record(on_cloud)


@pytest.fixture(scope="session")
def emulator(children: Children, tmp_path_factory: TempPathFactory) -> str:
    """The URL of an emulated AWS that is empty, and checks what a key may do."""
    return start_emulator(children, tmp_path_factory.mktemp("aws"))


def start_emulator(children: Children, folder: Path) -> str:
    """Start one; its URL."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    aws = ChildSpec(
        "aws",
        "ministack",
        env={
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "IOT_MTLS_ENABLED": "0",  # else it opens a second port
            "LOG_LEVEL": "WARNING",
            "S3_PERSIST": "0",
            "TMPDIR": str(folder),  # its pid file
            "DOCKER_HOST": "unix:///nowhere",  # nothing may start a container
            "PATH": os.environ["PATH"],
        },
        ready_url=f"{url}/_localstack/health",
    )
    children.wait_ready(children.start(aws))
    return url
