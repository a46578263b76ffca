"""Checks of a Scan's errors: which are retryable, and what a person should look at.

Statuses, bodies and causes are those of the server (API facts, section 2).
"""

import httpx
import pytest

from services.adapters.canton_scan import CantonScan
from services.errors import (
    PageRefused,
    SettingsWrong,
    SourceContractBroken,
    SourceUnavailable,
)
from services.model import GENESIS
from tests.updates import DSO, NETWORK, SCAN_URL, line, page_body, transaction

UPDATES, PARTY, VERSION = "/v2/updates", "/v0/dso-party-id", "/version"


def answers(by_path):
    """A node that answers each path in its way, and properly where nothing else is said."""
    proper = {
        UPDATES: httpx.Response(200, content=page_body(line(transaction(number=1)))),
        PARTY: httpx.Response(200, json={"dso_party_id": DSO}),
        VERSION: httpx.Response(200, json={"version": "0.4.9", "commit_ts": "2025-01-01Z"}),
    } | by_path
    return lambda request: proper[request.url.path.removeprefix("/api/scan")]


def first_page(client):
    return next(client.pages(GENESIS, None), None)


LOADING = '{"error":"This scan instance has not yet loaded its updates history. Wait and retry."}'
TOO_LONG = '{"error":"The server is taking too long to respond to the request at /v2/updates"}'


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, "Too Many Requests: Server is busy, please try again later."),
        (500, '{"error":"An unexpected error occurred."}'),
        (502, "<html>Bad Gateway</html>"),
        (503, LOADING),
        (503, TOO_LONG),
        (504, ""),
    ],
)
@pytest.mark.parametrize("path", [UPDATES, PARTY])
def test_a_node_that_cannot_answer_now_may_be_asked_again(answering, path, status, body):
    client = answering(answers({path: httpx.Response(status, text=body)}))
    with pytest.raises(SourceUnavailable) as refused:
        first_page(client)
    assert refused.value.retryable
    assert str(refused.value) == f"{SCAN_URL}{path} answered {status}: {body}"


def test_a_refused_request_is_not_made_again(answering):
    body = '{"error":"Exceeded limit maximum (5000 > 1000)."}'
    client = answering(answers({UPDATES: httpx.Response(400, text=body)}))
    with pytest.raises(SourceContractBroken) as refused:
        first_page(client)
    assert not refused.value.retryable
    assert str(refused.value) == f"{SCAN_URL}{UPDATES} answered 400: {body}"


NOT_FOUND = "The requested resource could not be found."


@pytest.mark.parametrize(
    ("version", "said"),
    [
        pytest.param(httpx.Response(200, json={"version": "0.4.9"}), "version 0.4.9", id="known"),
        pytest.param(httpx.Response(404, text=NOT_FOUND), "does not tell", id="not told"),
        pytest.param(httpx.Response(503, text="busy"), "does not tell", id="not told now"),
        pytest.param(httpx.Response(200, text="<html>"), "does not tell", id="no JSON"),
    ],
)
def test_a_scan_without_v2_updates_is_named_by_its_version(answering, version, said):
    client = answering(answers({UPDATES: httpx.Response(404, text=NOT_FOUND), VERSION: version}))
    with pytest.raises(SourceContractBroken) as refused:
        first_page(client)
    first, second = str(refused.value).splitlines()
    assert first == f"{SCAN_URL}{UPDATES} answered 404: {NOT_FOUND}"
    assert said in second
    assert "does not serve /v2/updates" in second


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx.Response(404, text=NOT_FOUND), id="nothing there"),
        pytest.param(httpx.Response(301, headers={"location": "https://x/"}), id="moved"),
        pytest.param(httpx.Response(200, html="<html>Welcome</html>"), id="a web page"),
        pytest.param(httpx.Response(200, json=["no", "object"]), id="another JSON"),
    ],
)
def test_what_is_no_scan_is_said_to_be_none(answering, answer):
    client = answering(answers({PARTY: answer}))
    with pytest.raises(SourceContractBroken, match=r"Is CANTON_BASE_URL a Scan\?"):
        client.network()


@pytest.mark.parametrize("party", [None, 7, "", "DSO", "DSO::1220abc"])
def test_a_node_without_a_dso_party_belongs_to_no_network(answering, party):
    client = answering(answers({PARTY: httpx.Response(200, json={"dso_party_id": party})}))
    with pytest.raises(SourceContractBroken, match="dso-party-id: not a DSO party"):
        client.network()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html>Welcome</html>", id="a web page"),
        pytest.param(b'{"updates":[]}', id="no transactions"),
        pytest.param(page_body(line(transaction(number=1)))[:-20], id="cut off"),
    ],
)
def test_a_page_that_may_not_be_landed_is_kept_with_its_reason(answering, body):
    client = answering(answers({UPDATES: httpx.Response(200, content=body)}))
    with pytest.raises(PageRefused) as refused:
        first_page(client)
    assert (refused.value.body, refused.value.source_url) == (body, SCAN_URL)
    assert refused.value.retryable


def test_a_connection_that_never_opens_names_the_allow_list(failing):
    with pytest.raises(SourceUnavailable, match="allow-list") as refused:
        failing(httpx.ConnectTimeout, "timed out").network()
    assert str(refused.value).startswith(f"{SCAN_URL}{PARTY} did not answer.")
    assert refused.value.retryable


def test_a_host_that_cannot_be_reached_names_the_setting(failing):
    with pytest.raises(SourceUnavailable, match=r"Name or service not known.*CANTON_BASE_URL"):
        failing(httpx.ConnectError, "Name or service not known").network()


@pytest.mark.parametrize(
    ("error", "said", "told"),
    [
        pytest.param(httpx.ReadTimeout, "", "ReadTimeout", id="an answer that does not come"),
        pytest.param(httpx.ReadError, "", "ReadError", id="a connection that breaks"),
        pytest.param(httpx.ReadError, "reset by peer", "reset by peer", id="a reset"),
        pytest.param(
            httpx.RemoteProtocolError,
            "peer closed connection without sending complete message body",
            "without sending complete",
            id="a body that breaks off",
        ),
        pytest.param(httpx.ProxyError, "403 Forbidden", "403 Forbidden", id="a proxy"),
    ],
)
def test_a_connection_that_fails_may_be_tried_again(failing, error, said, told):
    with pytest.raises(SourceUnavailable, match=told) as refused:
        first_page(failing(error, said))
    assert str(refused.value).startswith(f"{SCAN_URL}{UPDATES}: ")
    assert refused.value.retryable


def test_a_compressed_answer_that_is_damaged_may_be_tried_again(answering):
    def damaged(_):
        stream = httpx.ByteStream(b"no gzip")
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=stream)

    with pytest.raises(SourceUnavailable, match="decompressing"):
        first_page(answering(damaged))


def test_a_base_url_that_is_none_is_a_wrong_setting():
    with pytest.raises(SettingsWrong, match="CANTON_BASE_URL is no URL"):
        CantonScan("http://[::1/api/scan")


def test_a_proper_node_is_read(answering):
    client = answering(answers({}))
    page = first_page(client)
    assert (client.network(), page.network, len(page.lines)) == (NETWORK, NETWORK, 1)
