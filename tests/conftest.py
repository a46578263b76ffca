"""Fixtures that every tier may use: child processes start once a session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.embedded.children import Children, ChildSpec, free_port
from tests.groups import (
    pytest_collection_finish,  # noqa: F401 -- pytest finds hooks here
    pytest_collection_modifyitems,  # noqa: F401
)
from tests.what_next import pytest_terminal_summary  # noqa: F401


@pytest.fixture(scope="session")
def children(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Children]:
    """Starts child processes for the session; their logs are kept beside their data."""
    with Children(tmp_path_factory.mktemp("logs")) as started:
        yield started


@pytest.fixture(scope="session")
def s3_endpoint(children: Children, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of an S3 that any key may use."""
    port, data = free_port(), Path(tmp_path_factory.mktemp("s3"))
    url = f"http://127.0.0.1:{port}"
    s3 = ChildSpec(
        "s3",
        "mocks.s3",
        ("--data", str(data), "--port", str(port)),
        ready_url=f"{url}/_localstack/health",
    )
    children.wait_ready(children.start(s3))
    return url
