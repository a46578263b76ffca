"""A Prefect server whose database is busy is asked again, and not for ever."""

import httpx
import pytest

from local.console.prefect_api import RetryTransport


@pytest.fixture
def client():
    """A client of a server that answers with these states, and how often it was asked."""

    def opened(*states):
        asked = []

        def answer(request):
            asked.append(request.content)
            return httpx.Response(states[len(asked) - 1])

        transport = RetryTransport(httpx.MockTransport(answer), waits=(0, 0))
        return httpx.Client(transport=transport, base_url="http://prefect"), asked

    return opened


def test_a_busy_server_is_asked_again_with_the_same_words(client):
    prefect, asked = client(503, 503, 201)
    assert prefect.post("/x", json={"active": True}).status_code == 201
    assert asked == [b'{"active":true}'] * 3


def test_a_server_that_stays_busy_is_told_as_such(client):
    prefect, asked = client(503, 503, 503)
    assert prefect.get("/x").status_code == 503
    assert len(asked) == 3


@pytest.mark.parametrize("path", ["/flow_runs/filter", "/flow_runs/count"])
def test_what_only_reads_is_asked_again_after_any_error_of_the_servers(client, path):
    prefect, asked = client(500, 502, 200)
    assert prefect.post(path, json={}).status_code == 200
    assert len(asked) == 3
    prefect, _ = client(500, 200)
    assert prefect.get("/x").status_code == 200


def test_another_refusal_is_not_asked_again(client):
    for ask, state in ((httpx.Client.post, 500), (httpx.Client.get, 404)):
        prefect, asked = client(state)
        assert ask(prefect, "/x").status_code == state
        assert len(asked) == 1
