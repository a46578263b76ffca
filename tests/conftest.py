"""Fixtures that every tier may use: child processes start once a session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.children import Children, ChildSpec, free_port

SHARED = ("prefect_server", "stack")  # Prefect's server of the flows' tests, the stack of tests/e2e


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers a file's tests stay together, and those that share a slow fixture."""
    for item in items:
        asked = getattr(item, "fixturenames", ())
        shared = next((name for name in SHARED if name in asked), item.path.name)
        item.add_marker(pytest.mark.xdist_group(shared))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tests that aren't grouped would all pass, and each worker start everything for itself."""
    if getattr(session.config.option, "loadgroup", False):
        alone = [item.nodeid for item in session.items if "@" not in item.nodeid]
        if alone:
            raise pytest.UsageError(f"pytest-xdist groups no tests: {alone[0]}")


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
