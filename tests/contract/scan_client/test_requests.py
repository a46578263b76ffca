"""Checks of what `CantonScan` requests from a node, and how often."""

import json
import time

import msgspec

from services.accept import position_of
from services.model import GENESIS


def test_pages_are_fetched_one_at_a_time(generated):
    client = generated.client(page_size=10)
    client.network()
    generated.transport.bodies.clear()
    pages = client.pages(GENESIS, None)
    for count in (1, 2, 3):
        next(pages)
        assert len(generated.transport.bodies) == count


def test_a_request_says_page_size_and_position_to_the_microsecond(generated):
    after = position_of(generated.updates[0])
    client = generated.client(page_size=25)
    next(client.pages(GENESIS, None))
    next(client.pages(after, None))
    bodies = [json.loads(body) for body in generated.transport.bodies if body]
    assert bodies == [
        {"page_size": 25},
        {
            "page_size": 25,
            "after": {
                "after_migration_id": after.migration_id,
                "after_record_time": msgspec.json.decode(generated.updates[0])["record_time"],
            },
        },
    ]


def test_the_network_is_the_dso_partys_and_asked_for_once(generated):
    client = generated.client()
    assert [client.network(), client.network()] == [generated.network] * 2
    assert len(generated.transport.bodies) == 1


def test_the_version_is_the_nodes(generated):
    assert generated.client().version() == "0.8.4"


def test_a_node_is_asked_no_more_often_than_it_was_said(generated):
    client = generated.client(requests_per_second=20)
    began = time.monotonic()
    for _ in range(5):
        client.version()
    assert time.monotonic() - began >= 4 / 20
    assert len(generated.transport.bodies) == 5
