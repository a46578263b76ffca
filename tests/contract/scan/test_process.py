"""The mock as a process of its own, as `make run` and Compose start it."""

import httpx
import pytest

from local.embedded.children import Children, ChildSpec, free_port
from mocks.canton_scan import dso_party_id


@pytest.fixture
def scan(tmp_path):
    """The specification that starts the mock, each time with the same state and port."""
    return with_options(tmp_path)


def with_options(tmp_path, *options):
    """A specification that starts the mock with options."""
    port, state = free_port(), tmp_path / "state.json"
    return ChildSpec(
        "scan",
        "mocks.canton_scan",
        ("--port", str(port), "--state", str(state), "--history", "100", *options),
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


def test_limits_of_a_minute_and_a_path_hold_as_the_command_line_says(tmp_path):
    spec = with_options(tmp_path, "--limit", "0", "--sustained", "6", "--of-path", "2")
    api = spec.ready_url.removesuffix("/readyz")
    paths = ["/version"] * 3 + ["/status"] * 3 + ["/v0/scans"]
    with Children(tmp_path / "logs") as children, httpx.Client() as client:
        children.wait_ready(children.start(spec))
        statuses = [client.get(api + path).status_code for path in paths]
    assert statuses == [200, 200, 429, 200, 200, 429, 429]


def test_one_update_is_huge_where_the_command_line_says(tmp_path):
    spec = with_options(tmp_path, "--huge", "1")
    url = spec.ready_url.replace("readyz", "v2/updates")
    with Children(tmp_path / "logs") as children:
        children.wait_ready(children.start(spec))
        sizes = [
            len(httpx.post(url, json={"page_size": count}, timeout=60).content) for count in (1, 2)
        ]
    assert sizes[0] < 1_000_000
    assert sizes[1] > 23_000_000
