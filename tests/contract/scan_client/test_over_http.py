"""The client against two nodes of the mock over HTTP: each kind of fault, met on the wire."""

import json
from contextlib import ExitStack

import httpx
import pytest

from local.embedded.children import ChildSpec, free_port
from services.adapters.canton_scan import CantonScan
from services.adapters.scan_nodes import ScanNodes
from services.model import GENESIS

PAGE_SIZE = 70


@pytest.fixture(scope="module")
def urls(children, ledger, lines, tmp_path_factory):
    """Two processes that serve the same history."""
    recording = tmp_path_factory.mktemp("recording") / "updates.json"
    updates = [json.loads(line) for line in lines]
    recorded = {"dso_party_id": ledger.dso_party_id, "transactions": updates}
    recording.write_text(json.dumps(recorded, separators=(",", ":")))
    started, urls = [], []
    for name in ("preferred", "other"):
        url = f"http://127.0.0.1:{(port := free_port())}"
        arguments = ("--port", str(port), "--limit", "0", "--replay", str(recording))
        spec = ChildSpec(
            f"{name}-scan", "mocks.canton_scan", arguments, ready_url=f"{url}/api/scan/readyz"
        )
        started.append(children.start(spec))
        urls.append(url)
    children.wait_ready(*started)
    return urls


@pytest.fixture
def steer(urls):
    """Speaks to the preferred node's faults, and lifts them after the test."""
    with httpx.Client(base_url=urls[0], verify=False) as client:  # noqa: S501 -- no TLS here
        yield client
        client.delete("/_mock/faults")


@pytest.fixture
def read(urls):
    """Reads the whole history from the node's URLs, or the first so many; waits for nothing."""
    with ExitStack() as opened:

        def to_the_head(count=2, timeout_seconds=5.0):
            nodes = [
                CantonScan(f"{url}/api/scan", timeout_seconds=timeout_seconds)
                for url in urls[:count]
            ]
            client = opened.enter_context(
                ScanNodes(nodes, page_size=PAGE_SIZE, wait=lambda _: None, chance=lambda: 0.0)
            )
            return list(client.pages(GENESIS, None))

        yield to_the_head


def lines_of(pages):
    return [line for page in pages for line in page.lines]


@pytest.mark.parametrize(
    ("kind", "times", "more"),
    [
        ("too_many_requests", 2, {}),
        ("too_many_requests", 9, {}),
        ("backfilling", 1, {}),
        ("timeout", 2, {}),
        ("timeout", 9, {}),
        ("error", 1, {}),
        ("slow", 1, {"seconds": 1.0}),
        ("reset", 1, {}),
        ("truncated", 1, {}),
        ("content_type", 3, {}),
        ("malformed", 1, {}),
        ("twice", 1, {}),
    ],
)
def test_a_fault_of_one_node_loses_nothing(read, steer, kind, times, more):
    expected = lines_of(read())
    assert len(expected) == 300
    steer.post("/_mock/faults", json={"kind": kind, "times": times, **more}).raise_for_status()
    pages = read(timeout_seconds=0.5)
    assert lines_of(pages) == expected
    (*_, fault) = steer.get("/_mock/faults").json()["faults"]
    assert fault["kind"] == kind
    assert 0 < fault["fired"] <= times


def test_a_node_alone_waits_out_what_it_can(read, steer):
    expected = lines_of(read())
    for kind in ("too_many_requests", "timeout"):
        steer.post("/_mock/faults", json={"kind": kind, "times": 2}).raise_for_status()
    assert lines_of(read(count=1)) == expected
    assert [one["fired"] for one in steer.get("/_mock/faults").json()["faults"][-2:]] == [2, 2]
