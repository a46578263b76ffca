"""Ten requests a second for each client, as a real node has it."""

import asyncio

import pytest
from starlette.responses import PlainTextResponse

from mocks.canton_scan.limit import TOO_MANY_REQUESTS, Limited, Limits


class Node:
    """A limited node whose clock is moved by hand."""

    def __init__(self, limits=Limits()):  # noqa: B008 -- frozen
        self.now = 0.0
        self._app = Limited(PlainTextResponse("ok"), limits, clock=lambda: self.now)

    def statuses(self, count, path="/api/scan/version", client="10.0.0.1"):
        return [self.ask(path, client)[0] for _ in range(count)]

    def ask(self, path, client):
        sent = []

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "path": path, "method": "GET", "client": (client, 1)}
        asyncio.run(self._app(scope, None, send))
        return sent[0]["status"], sent[1]["body"].decode()


@pytest.fixture
def node():
    return Node()


def test_a_second_of_requests_is_answered_and_the_next_refused(node):
    assert node.statuses(11) == [200] * 10 + [429]
    assert node.ask("/api/scan/version", "10.0.0.1") == (429, TOO_MANY_REQUESTS)


def test_tokens_come_back_with_time_and_never_more_than_a_second_of_them(node):
    node.statuses(10)
    node.now = 0.25
    assert node.statuses(3) == [200, 200, 429]
    node.now = 1000.0
    assert node.statuses(11) == [200] * 10 + [429]


def test_each_client_has_its_own_and_a_v6_network_counts_as_one(node):
    node.statuses(10)
    assert node.statuses(1, client="10.0.0.2") == [200]
    assert node.statuses(10, client="2001:db8::1") == [200] * 10
    assert node.statuses(1, client="2001:db8::ffff:2") == [429]
    assert node.statuses(1, client="2001:db8:0:1::1") == [200]


@pytest.mark.parametrize("path", ["/api/scan/readyz", "/api/scan/livez", "/_mock/faults"])
def test_probes_and_steering_are_free(node, path):
    node.statuses(10)
    assert node.statuses(20, path=path) == [200] * 20


def test_after_a_sustained_limit_nothing_is_answered_until_its_minute_is_over():
    node = Node(Limits(per_second=0, sustained=30))
    assert node.statuses(31) == [200] * 30 + [429]
    node.now = 59.0
    assert node.statuses(2) == [429] * 2
    assert node.statuses(1, client="10.0.0.2") == [200]
    node.now = 60.0
    assert node.statuses(31) == [200] * 30 + [429]


def test_each_path_has_a_bucket_of_its_own_whichever_update_is_asked_for():
    node = Node(Limits(per_second=0, of_path=12))
    updates = "/api/scan/v2/updates"
    assert node.statuses(12, path=updates) == [200] * 12
    assert node.statuses(1, path=f"{updates}/1220ab") == [429]
    assert node.statuses(1, path="/api/scan/v0/events") == [200]
    node.now = 5.0
    assert node.statuses(2, path=updates) == [200, 429]


def test_without_a_limit_everything_is_answered():
    assert Node(Limits(per_second=0)).statuses(500) == [200] * 500
