"""Whatever nodes do, as long as they tell the truth now and then: no update is lost or repeated."""

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.adapters.scan_nodes import ScanNodes
from services.errors import PipelineError
from services.model import GENESIS
from tests.contract.scan_client.nodes import (
    BUSY,
    LOADING,
    TOO_LONG,
    UNEXPECTED,
    Known,
    ScriptedNode,
    answers,
    comes_twice,
    cut_off,
    fails,
    malformed,
    shortened,
)

MOST_UPDATES = 60
MOST_RUNS = 100

FAULTS = {
    "busy": answers(429, BUSY),
    "busy for a second": answers(429, BUSY, retry_after="1"),
    "busy for a minute": answers(429, BUSY, retry_after="60"),
    "an error": answers(500, UNEXPECTED),
    "backfilling": answers(503, LOADING),
    "too long": answers(503, TOO_LONG),
    "late": fails(httpx.ReadTimeout),
    "no connection": fails(httpx.ConnectTimeout),
    "reset": fails(httpx.ReadError),
    "truncated": fails(httpx.RemoteProtocolError),
    "half a page": cut_off,
    "a web page": answers(200, "<html>Maintenance</html>"),
    "a malformed update": malformed,
    "twice": comes_twice,
    "a short page": shortened,
}
scripts = st.lists(st.sampled_from([None, None, *FAULTS]), max_size=10)
lagging_nodes = st.lists(st.tuples(st.integers(0, MOST_UPDATES), scripts), min_size=2, max_size=3)


def read_on(client, position, taken):
    """Add the pages after a position to those taken; where that ended, and whether it was head."""
    try:
        for page in client.pages(position, None):
            assert page.after == position
            taken.append(page)
            position = page.upto
    except PipelineError as error:
        if not error.retryable:
            raise
        return position, False
    return position, True


@pytest.mark.parametrize("anew", [True, False], ids=["a client a run", "one client"])
@given(scripted=lagging_nodes, page_size=st.integers(1, MOST_UPDATES + 10))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_every_update_comes_once_and_in_order(ledger, lines, runner, anew, scripted, page_size):
    nodes = [
        ScriptedNode(
            f"node-{number}",
            Known(ledger.dso_party_id, lines[:visible]),
            runner,
            map(FAULTS.get, script),
        )
        for number, (visible, script) in enumerate(scripted)
    ]

    def open_client():
        return ScanNodes(
            [node.client() for node in nodes],
            page_size=page_size,
            wait=lambda _: None,
            chance=lambda: 0.0,
        )

    client, position, taken = open_client(), GENESIS, []
    for _ in range(MOST_RUNS):
        is_calm = not any(node.script for node in nodes)
        position, is_head = read_on(client, position, taken)
        if is_calm and is_head:
            break
        client = open_client() if anew else client
    else:
        pytest.fail("no run reached the head")
    there = lines[: max(visible for visible, _ in scripted)]
    assert tuple(line for page in taken for line in page.lines) == there
