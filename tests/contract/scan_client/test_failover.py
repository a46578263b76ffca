"""Checks that the next node continues from the same position when one fails."""

import json
import logging

import httpx
import pytest

from services.adapters.scan_nodes import ScanNodes
from services.errors import PageRefused, SourceContractBroken, SourceUnavailable
from services.model import GENESIS
from tests.contract.scan_client.nodes import (
    BUSY,
    LOADING,
    NOT_FOUND,
    TOO_LONG,
    UNEXPECTED,
    answers,
    comes_twice,
    cut_off,
    fails,
    malformed,
)

FAULTS = [
    pytest.param(fails(httpx.ConnectTimeout, "timed out"), id="no connection"),
    pytest.param(fails(httpx.ConnectError, "refused"), id="a refused connection"),
    pytest.param(fails(httpx.ReadError, "reset by peer"), id="a reset"),
    pytest.param(
        fails(httpx.RemoteProtocolError, "peer closed connection"), id="a body that breaks off"
    ),
    pytest.param(answers(429, BUSY, retry_after="60"), id="busy for a minute"),
    pytest.param(answers(500, UNEXPECTED), id="an error"),
    pytest.param(answers(503, LOADING), id="backfilling"),
    pytest.param(answers(403, "Forbidden"), id="not on its allow-list"),
    pytest.param(answers(404, NOT_FOUND), id="a release without /v2/updates"),
    pytest.param(answers(200, "<html>Maintenance</html>"), id="a web page"),
    pytest.param(cut_off, id="half a page"),
    pytest.param(malformed, id="a malformed update"),
    pytest.param(comes_twice, id="the page before once more"),
]


def read(client, after=GENESIS):
    return list(client.pages(after, None))


def lines_of(pages):
    return tuple(line for page in pages for line in page.lines)


def hosts(pages):
    return [page.source_url.removeprefix("https://").partition(".")[0] for page in pages]


def passed_over(caplog):
    return [record.getMessage() for record in caplog.records if "passing over" in record.msg]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_next_node_is_asked_the_same_and_stays(scans, fault, caplog):
    first, second = scans.add(None, fault), scans.add()
    pages = read(scans.client(page_size=70))
    assert lines_of(pages) == scans.lines
    assert hosts(pages) == ["a", "b", "b", "b", "b"]
    assert first.met == 1
    assert first.asked[1] == second.asked[0]
    assert (len(first.asked), len(second.asked)) == (3, 4), "the first once more, at the head"
    (said,) = passed_over(caplog)
    assert first.url in said


def test_a_failure_is_said_once_with_node_and_reason(scans, caplog):
    first = scans.add()
    scans.add()
    first.outage = answers(500, UNEXPECTED)
    read(scans.client())
    assert passed_over(caplog) == [
        f"passing over a Scan: {first.url}/v0/dso-party-id answered 500: {UNEXPECTED}"
    ]
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2


def test_a_node_that_fails_again_after_it_answered_is_said_again(scans, caplog):
    error = answers(500, UNEXPECTED)
    scans.add(error, None, error)
    scans.add(None, error)
    read(scans.client())
    assert [said.split("/")[2] for said in passed_over(caplog)] == [
        "a.example", "b.example", "a.example",
    ]  # fmt: skip


def test_a_run_begins_with_the_preferred_node(scans):
    scans.add(answers(500, UNEXPECTED))
    scans.add()
    client = scans.client()
    first_run = read(client)
    client.network()
    assert (hosts(first_run), hosts(read(client))) == (["b"] * 3, ["a"] * 3)


def test_a_new_client_begins_with_the_preferred_node(scans):
    scans.add(answers(500, UNEXPECTED))
    scans.add()
    assert (hosts(read(scans.client())), hosts(read(scans.client()))) == (["b"] * 3, ["a"] * 3)


def test_a_dead_node_is_asked_once_when_a_run_begins_and_once_at_the_head(scans):
    first, _ = scans.add(), scans.add()
    first.outage = fails(httpx.ConnectTimeout)
    client = scans.client(page_size=10)
    client.network()
    assert len(read(client)) == 30
    assert first.met == 2


def test_the_third_node_is_asked_when_two_fail(scans):
    scans.add(None, answers(500, UNEXPECTED))
    scans.add(answers(503, LOADING))
    scans.add()
    pages = read(scans.client())
    assert (lines_of(pages), hosts(pages)) == (scans.lines, ["a", "c", "c"])


def test_a_start_is_told_by_the_next_node(scans):
    scans.add(answers(500, UNEXPECTED))
    scans.add()
    expected = scans.nodes[1].client().start("2025-12-10T16:20:00Z")
    assert scans.client().start("2025-12-10T16:20:00Z") == expected


def test_when_all_fail_each_is_named_with_its_reason_and_hints_come_once(scans):
    one, two, three = scans.add(), scans.add(), scans.add()
    one.outage = two.outage = fails(httpx.ConnectTimeout)
    three.outage = answers(503, LOADING)
    with pytest.raises(SourceUnavailable) as refused:
        scans.client().network()
    *lines, hint = str(refused.value).splitlines()
    assert lines == [
        "no Scan answers properly:",
        f"{one.url}/v0/dso-party-id did not answer.",
        f"{two.url}/v0/dso-party-id did not answer.",
        f"{three.url}/v0/dso-party-id answered 503: {LOADING}",
    ]
    assert "allow-list" in hint
    assert "is CANTON_BASE_URL right?" in hint
    assert refused.value.retryable


def test_when_one_of_them_may_come_back_it_is_worth_trying_again(scans):
    scans.add().outage = answers(404, NOT_FOUND)
    scans.add().outage = answers(500, UNEXPECTED)
    with pytest.raises(SourceUnavailable, match=r"answered 404(.|\n)*answered 500") as refused:
        scans.client().network()
    assert refused.value.retryable


def test_when_none_will_ever_answer_it_is_not(scans):
    scans.add().outage = answers(404, NOT_FOUND)
    scans.add().outage = answers(200, "<html>Welcome</html>")
    with pytest.raises(SourceContractBroken) as refused:
        scans.client().network()
    assert not refused.value.retryable
    assert str(refused.value).splitlines() == [
        "no Scan answers properly:",
        f"https://a.example/api/scan/v0/dso-party-id answered 404: {NOT_FOUND}",
        "https://b.example/api/scan/v0/dso-party-id answered no JSON: b'<html>Welcome</html>'",
        "Is CANTON_BASE_URL a Scan? It ends in /api/scan, and https where the node wants that.",
    ]


def test_a_page_that_all_refuse_to_send_properly_is_kept_with_the_others_reasons(scans):
    first = scans.add(answers(500, UNEXPECTED))
    second = scans.add(answers(200, "<html>Maintenance</html>"))
    with pytest.raises(PageRefused) as refused:
        read(scans.client())
    assert refused.value.retryable
    assert (refused.value.body, refused.value.source_url) == (
        b"<html>Maintenance</html>", second.url,
    )  # fmt: skip
    reason, *others = refused.value.reason.splitlines()
    assert reason.startswith("page after genesis: JSON is malformed")
    assert others == [
        "no other Scan has a better one:",
        f"{first.url}/v2/updates answered 500: {UNEXPECTED}",
    ]


@pytest.mark.parametrize(
    "fault", [*FAULTS[:-1], pytest.param(fails(httpx.ReadTimeout), id="too slow")]
)
def test_the_errors_of_a_single_node_are_its_own(scans, fault, caplog):
    node = scans.add(*[fault] * 9)
    with pytest.raises((SourceUnavailable, SourceContractBroken, PageRefused)) as alone:
        node.client().page(GENESIS, None, page_size=100)
    with pytest.raises(type(alone.value)) as refused:
        read(scans.client())
    assert str(refused.value) == str(alone.value)
    assert passed_over(caplog) == []


def test_all_connections_are_given_back(scans):
    scans.add()
    scans.add()
    with scans.client() as client:
        client.network()
    with pytest.raises(RuntimeError, match="client has been closed"):
        client.start("2025-12-10T16:20:00Z")


def test_too_slow_is_a_reason_to_ask_the_next_node_as_well(scans):
    slow = scans.add(*[answers(503, TOO_LONG)] * 9)
    scans.add()
    pages = read(scans.client(page_size=1000))
    assert (lines_of(pages), set(hosts(pages))) == (scans.lines, {"b"})
    assert slow.sizes == [1000]


def test_any_other_path_is_asked_for_at_the_next_node_too(answering):
    party = {"dso_party_id": f"DSO::1220{'ab' * 32}"}
    rules = b'{"amulet_rules": {}}'

    def first(request):
        is_party = request.url.path.endswith("/v0/dso-party-id")
        return httpx.Response(200, json=party) if is_party else httpx.Response(500, text=UNEXPECTED)

    def second(request):
        if request.url.path.endswith("/v0/dso-party-id"):
            return httpx.Response(200, json=party)
        assert json.loads(request.content) == {"cached": []}
        return httpx.Response(200, content=rules)

    nodes = ScanNodes([answering(first), answering(second)])
    assert nodes.answer("POST", "/v0/amulet-rules", {"cached": []}) == rules
    with pytest.raises(SourceUnavailable, match="/v0/amulet-rules answered 500"):
        answering(first).answer("GET", "/v0/amulet-rules")
