"""The mock as a process of its own, as `make run` and Compose start it."""

import httpx
import pytest

from local.embedded.children import Children, ChildSpec, free_port
from mocks.canton_scan import dso_party_id


@pytest.fixture
def scan(tmp_path):
    """The specification that starts the mock, each time with the same state and port."""
    port = free_port()
    return ChildSpec(
        "scan",
        "mocks.canton_scan",
        ("--port", str(port), "--state", str(tmp_path / "state.json"), "--history", "100"),
        ready_url=f"http://127.0.0.1:{port}/api/scan/readyz",
    )


def test_updates_keep_their_bytes_over_kill_9(scan, tmp_path):
    url = scan.ready_url.replace("readyz", "v2/updates")
    bodies = []
    for _ in range(2):
        with Children(tmp_path / "logs") as children:
            child = children.start(scan)
            children.wait_ready(child)
            bodies.append(httpx.post(url, json={"page_size": 100}).content)
            child.process.kill()
            child.process.wait()
    assert bodies[0] == bodies[1]
    assert dso_party_id(seed="local").encode() in bodies[0]


def test_a_client_that_asks_too_often_is_told_so(scan, tmp_path):
    url = scan.ready_url.replace("readyz", "version")
    with Children(tmp_path / "logs") as children, httpx.Client() as client:
        children.wait_ready(children.start(scan))
        statuses = [client.get(url).status_code for _ in range(40)]
    assert statuses[:10] == [200] * 10
    assert 429 in statuses
