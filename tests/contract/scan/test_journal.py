"""Checks of the requests that the mock remembers, whatever became of them."""

import asyncio

import httpx
import pytest

from local.embedded.children import ChildSpec, free_port
from mocks.canton_scan.journal import MOST_ENTRIES, Entry, Journal, Journaled
from tests.contract.scan.scan_api import StoppedClock

UPDATES = "/api/scan/v2/updates"


@pytest.fixture
def journal():
    return Journal()


def answering(*messages, fails=None):
    """An app that sends these ASGI messages, and may fail then."""

    async def app(_, __, send):
        for message in messages:
            await send({"type": f"http.response.{message[0]}"} | message[1])
        if fails:
            raise fails

    return app


def start(status):
    return "start", {"status": status, "headers": []}


def body(content, **more):
    return "body", {"body": content} | more


def ask(app, journal, path="/api/scan/version", query=b"", kind="http"):
    """Send one request through the layer, which takes 12.5 ms; what the client is sent."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {
        "type": kind,
        "method": "GET",
        "path": path,
        "query_string": query,
        "client": ("10.1.2.3", 40_000),
    }
    ticks = iter((7.0, 7.0125))
    layer = Journaled(app, journal, clock=StoppedClock(), timer=lambda: next(ticks))
    asyncio.run(layer(scope, None, send))
    return sent


def test_a_request_is_written_down_with_its_answer(journal):
    app = answering(start(200), body(b"four", more_body=True), body(b"more"))
    sent = ask(app, journal, "/api/scan/v2/updates/12", b"a=%3C")
    assert [message.get("body") for message in sent] == [None, b"four", b"more"]
    assert journal.entries() == [
        Entry(
            received_at="2026-11-20T12:00:00.000000Z",
            client="10.1.2.3",
            method="GET",
            path="/api/scan/v2/updates/12?a=%3C",
            status=200,
            is_whole=True,
            body_bytes=8,
            milliseconds=12.5,
        )
    ]


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        pytest.param([], (None, False, 0), id="reset"),
        pytest.param([start(200)], (200, False, 0), id="cut off before its body"),
        pytest.param([start(200), body(b"ha", more_body=True)], (200, False, 2), id="cut off"),
        pytest.param([start(429), body(b"")], (429, True, 0), id="empty"),
    ],
)
def test_an_answer_that_broke_off_is_told_from_a_whole_one(journal, messages, expected):
    ask(answering(*messages), journal)
    (entry,) = journal.entries()
    assert (entry.status, entry.is_whole, entry.body_bytes) == expected


def test_a_failure_of_the_mock_itself_is_written_down_and_goes_on(journal):
    with pytest.raises(OSError, match="disk full"):
        ask(answering(start(500), body(b"oh"), fails=OSError("disk full")), journal)
    assert journal.count_by_status() == {"500": 1}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "http"),
        ("/_mock/requests", "http"),
        ("/api/scan/readyz", "http"),
        ("/api/scan/livez", "http"),
        ("/api/scan/version", "lifespan"),
    ],
)
def test_probes_and_what_only_the_mock_has_leave_no_trace(journal, path, kind):
    assert len(ask(answering(start(200), body(b"")), journal, path, kind=kind)) == 2
    assert journal.entries() == []


def test_the_oldest_requests_are_forgotten_but_stay_counted(journal):
    for number in range(MOST_ENTRIES + 3):
        ask(answering(start(200), body(b"x" * number)), journal)
    assert [entry.body_bytes for entry in journal.entries()] == list(range(MOST_ENTRIES + 2, 2, -1))
    assert journal.count_by_status() == {"200": MOST_ENTRIES + 3}


def test_counts_are_in_the_order_of_the_statuses(journal):
    for messages in ([start(503), body(b"")], [], [start(200), body(b"")], []):
        ask(answering(*messages), journal)
    assert list(journal.count_by_status().items()) == [("200", 1), ("503", 1), ("none", 2)]


@pytest.fixture(scope="module")
def node(children, tmp_path_factory):
    """A client of a node with its usual limit."""
    port, state = free_port(), tmp_path_factory.mktemp("journal") / "scan.json"
    url = f"http://127.0.0.1:{port}"
    arguments = ("--port", str(port), "--state", str(state), "--history", "40")
    spec = ChildSpec(
        "journal-scan", "mocks.canton_scan", arguments, ready_url=f"{url}/api/scan/readyz"
    )
    children.wait_ready(children.start(spec))
    with httpx.Client(base_url=url, timeout=20, verify=False) as client:  # noqa: S501 -- no TLS here
        yield client


def test_a_node_remembers_refusals_and_broken_connections_too(node):
    for kind in ("reset", "truncated"):
        node.post("/_mock/faults", json={"kind": kind, "times": 1}).raise_for_status()
        with pytest.raises(httpx.TransportError):
            node.post(UPDATES, json={"page_size": 10})
    whole = node.post(UPDATES, json={"page_size": 10})
    while node.get("/api/scan/version").status_code != 429:
        pass

    told = node.get("/_mock/requests").json()
    assert told["count_by_status"] | {"200": 0} == {"200": 0, "429": 1, "none": 1}
    assert sum(told["count_by_status"].values()) == len(told["requests"])
    latest, *_, third, second, first = told["requests"]
    assert [
        (one["method"], one["path"], one["status"], one["is_whole"], one["client"])
        for one in (first, second, third, latest)
    ] == [
        ("POST", UPDATES, None, False, "127.0.0.1"),
        ("POST", UPDATES, 200, False, "127.0.0.1"),
        ("POST", UPDATES, 200, True, "127.0.0.1"),
        ("GET", "/api/scan/version", 429, True, "127.0.0.1"),
    ]
    assert 0 < second["body_bytes"] < third["body_bytes"] == len(whole.content)
