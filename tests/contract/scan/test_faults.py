"""Faults on demand: each looks as on a real node, and is counted when it was met."""

import json

import httpx
import pytest

from local.embedded.children import ChildSpec, free_port

BUSY = "Too Many Requests: Server is busy, please try again later."
UPDATES = "/api/scan/v2/updates"
LOADING = "This scan instance has not yet loaded its updates history. Wait a short time and retry."
TOO_LONG = "The server is taking too long to respond to the request at"


@pytest.fixture(scope="module")
def node(children, tmp_path_factory):
    """A client of a node of its own."""
    port, state = free_port(), tmp_path_factory.mktemp("faulty") / "scan.json"
    url = f"http://127.0.0.1:{port}"
    arguments = ("--port", str(port), "--state", str(state), "--history", "40", "--limit", "0")
    spec = ChildSpec(
        "faulty-scan", "mocks.canton_scan", arguments, ready_url=f"{url}/api/scan/readyz"
    )
    children.wait_ready(children.start(spec))
    with httpx.Client(base_url=url, timeout=20, verify=False) as client:  # noqa: S501 -- no TLS here
        yield client


@pytest.fixture
def let(node):
    """Lets a fault stand; lifts it after the test."""

    def stand(**fault):
        return node.post("/_mock/faults", json=fault).raise_for_status()

    yield stand
    node.delete("/_mock/faults")


def page(node, size=10):
    return node.post(UPDATES, json={"page_size": size})


def fired(node):
    """Return the number of times the newest fault was met."""
    return node.get("/_mock/faults").json()["faults"][-1]["fired"]


@pytest.mark.parametrize(
    ("kind", "status", "content_type", "body"),
    [
        ("too_many_requests", 429, "text/plain; charset=UTF-8", BUSY),
        (
            "backfilling", 503, "application/json",
            f'{{"error":"{LOADING}"}}',
        ),
        (
            "timeout", 503, "application/json",
            f'{{"error":"{TOO_LONG} {UPDATES}"}}',
        ),
        ("error", 500, "application/json", '{"error":"An unexpected error occurred."}'),
    ],
)  # fmt: skip
def test_a_refusal_has_status_type_and_body_of_a_real_one(
    node, let, kind, status, content_type, body
):
    let(kind=kind, times=1)
    answer = page(node)
    assert (answer.status_code, answer.headers["content-type"], answer.text) == (
        status, content_type, body,
    )  # fmt: skip
    assert "retry-after" not in answer.headers
    assert (page(node).status_code, fired(node)) == (200, 1), "its count is spent"


def test_a_connection_is_reset(node, let):
    let(kind="reset", times=1)
    with pytest.raises(httpx.TransportError):
        page(node)
    assert (page(node).status_code, fired(node)) == (200, 1)


def test_a_body_is_cut_off(node, let):
    let(kind="truncated", times=1)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        page(node)
    assert (len(page(node).json()["transactions"]), fired(node)) == (10, 1)


def test_an_answer_is_late(node, let):
    let(kind="slow", times=1, seconds=0.3)
    assert page(node).elapsed.total_seconds() >= 0.3
    assert fired(node) == 1


def test_a_page_has_another_content_type(node, let):
    let(kind="content_type", times=1)
    assert page(node).headers["content-type"] == "text/plain; charset=UTF-8"
    assert page(node).headers["content-type"] == "application/json"


def test_a_page_holds_a_malformed_update(node, let):
    let(kind="malformed", times=1)
    updates = page(node).json()["transactions"]
    assert ["record_time" in update for update in updates] == [True] * 9 + [False]
    assert fired(node) == 1


@pytest.mark.parametrize("size", [10, 30])  # one that is kept, and one that is asked for again
def test_a_page_comes_twice(node, let, size):
    first = page(node, size)
    assert (len(first.content) > 300_000) == (size == 30)
    last = first.json()["transactions"][-1]
    after = {
        "after_migration_id": last["migration_id"],
        "after_record_time": last["record_time"],
    }
    let(kind="twice", times=1)
    again = node.post(UPDATES, json={"page_size": size, "after": after})
    assert again.content == first.content
    assert node.post(UPDATES, json={"page_size": size, "after": after}).content != first.content


def test_a_page_of_another_reader_is_not_repeated(node, let):
    page(node, 1000)  # somebody else reads to the head
    let(kind="twice", times=1)
    assert len(page(node, 7).json()["transactions"]) == 7
    assert fired(node) == 0, "no page ended where this reader begins"


def test_a_fault_that_changes_nothing_leaves_the_next_one_its_chance(node, let):
    let(kind="lagging", seconds=0)
    let(kind="truncated", path="/api/scan/readyz")
    let(kind="malformed", path="/api/scan/version")
    let(kind="error", path="/api/scan/version", times=1)
    assert node.get("/api/scan/version").status_code == 500
    assert node.get("/api/scan/readyz").status_code == 200
    assert [one["fired"] for one in node.get("/_mock/faults").json()["faults"][-4:]] == [0, 0, 0, 1]


def test_what_is_wrong_with_the_node_holds_for_its_other_faults_too(node, let):
    whole = page(node, 1000).json()["transactions"]
    let(kind="lagging", seconds=10)
    let(kind="too_many_requests", times=1)
    assert page(node, 1000).status_code == 429
    assert len(page(node, 1000).json()["transactions"]) < len(whole)
    assert [one["fired"] for one in node.get("/_mock/faults").json()["faults"][-2:]] == [1, 1]


def test_a_node_that_lags_shows_less_and_counts_only_where_it_did(node, let):
    whole = page(node, 1000).json()["transactions"]
    let(kind="lagging", seconds=10)
    shown = page(node, 1000).json()["transactions"]
    assert 0 < len(shown) < len(whole)
    assert shown == whole[: len(shown)]
    assert fired(node) == 1
    assert page(node, 1).json()["transactions"] == whole[:1]
    assert fired(node) == 1, "the oldest update is known to it: nothing was hidden"


def test_a_node_that_lost_its_history_says_so_and_serves_none(node, let):
    whole = page(node, 1000).json()["transactions"]
    let(kind="lost_history", ttl_seconds=60)
    refused = page(node), node.get(f"{UPDATES}/{whole[0]['update_id']}")
    assert [answer.status_code for answer in refused] == [503, 503]
    assert "has not yet replicated all data" in refused[0].json()["error"]
    assert node.get("/api/scan/v0/backfilling/status").json() == {"complete": False}
    assert fired(node) == 3
    assert node.get("/api/scan/v0/dso-party-id").status_code == 200
    assert fired(node) == 3, "who it is it still knows"


@pytest.mark.parametrize(
    "path", ["v0/updates", "v1/updates", "v0/events", "v2/state/acs", "v0/holdings/state"]
)
def test_a_node_that_lost_its_history_serves_none_in_any_version(node, let, path):
    let(kind="lost_history", ttl_seconds=60)
    assert node.post(f"/api/scan/{path}", json={"page_size": 1}).status_code == 503
    assert node.get("/api/scan/v0/dso").status_code == 200


def test_a_network_that_was_reset_is_another_one_and_starts_over(node, let):
    before = node.get("/api/scan/v0/dso-party-id").json()
    whole = page(node, 1000).json()["transactions"]
    let(kind="network_reset")
    assert node.get("/api/scan/v0/dso-party-id").json() != before
    anew = page(node, 1000).json()["transactions"]
    assert len(anew) >= 200
    assert {one["update_id"] for one in anew} & {one["update_id"] for one in whole} == set()
    assert fired(node) == 2
    node.delete("/_mock/faults")
    assert node.get("/api/scan/v0/dso-party-id").json() == before
    assert page(node, 1000).json()["transactions"][: len(whole)] == whole


def test_a_fault_meets_its_path_alone(node, let):
    let(kind="error", path="/api/scan/version")
    assert node.get("/api/scan/version").status_code == 500
    assert page(node).status_code == 200
    assert node.get("/_mock/ledger").status_code == 200


def test_a_profile_replaces_all_faults_and_calm_lifts_it(node, let):
    let(kind="error")
    let(profile="outage", ttl_seconds=60)
    assert {page(node).status_code, node.get("/api/scan/version").status_code} == {503}
    let(profile="calm")
    assert page(node).status_code == 200


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"kind": "gremlins"}, "Invalid enum value 'gremlins'"),
        ({"kind": "error", "probability": 2}, "Expected `float` <= 1.0"),
        ({"kind": "error", "ratio": 1}, "unknown field `ratio`"),
        ({"kind": "error", "path": "/"}, "matching regex '^/api/scan/'"),
        ({"profile": "drizzle"}, "no profile drizzle; there are calm, flaky, storm, lagging"),
    ],
)
def test_a_fault_that_is_none_is_refused(node, fault, said):
    refused = node.post("/_mock/faults", json=fault)
    assert refused.status_code == 400
    assert said in json.loads(refused.text)["error"]
