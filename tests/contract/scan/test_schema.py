"""Every answer against the descriptions of the API: the project's own, and the as-served one.

The latter is the official specification, corrected where a real Scan contradicts it.
"""

import jsonschema
import pytest

from tests.contract.scan.openapi import operations, resolve
from tests.contract.scan.scan_api import NO_ROUNDS, summary_of

TEXT = "text/plain; charset=UTF-8"


@pytest.fixture(scope="module", params=["own_schema", "as_served_schema"])
def document(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def validate(document):
    components = _as_json_schema(document)["components"]

    def errors(schema, value):
        validator = jsonschema.Draft202012Validator({**schema, "components": components})
        return [error.message for error in validator.iter_errors(value)]

    return errors


def _as_json_schema(node):
    """OpenAPI 3.0 says ``nullable: true`` where JSON Schema lists ``null`` among the types."""
    if isinstance(node, list):
        return [_as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    schema = {name: _as_json_schema(value) for name, value in node.items()}
    if schema.pop("nullable", False):
        schema = {"anyOf": [schema, {"type": "null"}]}
    return schema


def component(name):
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.fixture
def check(document, validate):
    """Asserts that the answer to a request is one that is described; returns its status."""

    def check(response, method, path):
        described = operations(document)[method, path]["responses"][str(response.status_code)]
        content = resolve(document, described).get("content")
        if content is None:
            assert response.content == b""
        else:
            schema = content[response.headers["content-type"].partition(";")[0]]["schema"]
            assert validate(schema, response.json()) == []
        return response.status_code

    return check


SNAPSHOT = ("GET", "/v0/state/acs/snapshot-timestamp")
HOLDINGS = ("POST", "/v1/holdings/summary")
SNAPSHOT_AFTER = ("GET", "/v0/state/acs/snapshot-timestamp-after")
MIGRATION = ("POST", "/v0/backfilling/migration-info")
SEQUENCERS = ("GET", "/v0/dso-sequencers")
PARTICIPANT = ("GET", "/v0/domains/{domain_id}/parties/{party_id}/participant-id")
BEFORE = ("POST", "/v0/backfilling/updates-before")
FEATURED_APP = ("GET", "/v0/featured-apps/{provider_party_id}")
WITHOUT_ARGUMENTS = {("GET", "/v0/closed-rounds"), ("GET", "/v0/featured-apps")}
VOTES, SCHEDULE = ("POST", "/v0/admin/sv/voteresults"), ("GET", "/v0/migrations/schedule")
OF_A_LEDGER = {
    SNAPSHOT, HOLDINGS, SNAPSHOT_AFTER, MIGRATION, SEQUENCERS, PARTICIPANT, BEFORE, FEATURED_APP,
    VOTES, SCHEDULE, *WITHOUT_ARGUMENTS,
    ("GET", "/v0/dso"), ("GET", "/v0/admin/validator/licenses"),
    ("GET", "/v0/validators/validator-faucets"), ("GET", "/v0/ans-entries"),
    ("GET", "/v0/domains/{domain_id}/members/{member_id}/traffic-status"),
    ("GET", "/v0/ans-entries/by-party/{party}"), ("GET", "/v0/ans-entries/by-name/{name}"),
    ("POST", "/v0/state/acs/force"), ("POST", "/v0/holdings/summary"),
    *(("POST", f"/v{n}/{path}") for n in range(3) for path in ("state/acs", "holdings/state")),
}  # fmt: skip


def test_each_path_answers_as_described(document, check, api):
    update_id = api.page(1)[0]["update_id"]
    page = {"json": {"page_size": 50}}
    requests = {
        ("GET", "/readyz"): {},
        ("GET", "/livez"): {},
        ("GET", "/status"): {},
        ("GET", "/version"): {},
        ("GET", "/v0/dso-party-id"): {},
        ("GET", "/v0/scans"): {},
        ("GET", "/v0/backfilling/status"): {},
        ("GET", "/v0/migrations/last"): {},
        ("POST", "/v2/updates"): page,
        ("GET", "/v2/updates/{update_id}"): {},
        ("POST", "/v0/events"): page,
        ("GET", "/v0/events/{update_id}"): {},
        ("POST", "/v0/open-and-issuing-mining-rounds"): {"json": NO_ROUNDS},
        ("POST", "/v1/updates"): page,
        ("GET", "/v1/updates/{update_id}"): {},
        ("POST", "/v0/updates"): page,
        ("GET", "/v0/updates/{update_id}"): {},
    }
    requests = {key: one for key, one in requests.items() if key in operations(document)}
    statuses = {
        (method, path): check(
            api.request(method, path.format(update_id=update_id), **options), method, path
        )
        for (method, path), options in requests.items()
    }
    assert statuses == dict.fromkeys(set(operations(document)) - OF_A_LEDGER, 200)


def test_snapshots_and_holdings_are_answered_as_described(check, generated, ledger):
    query = {"before": "2026-11-20T12:00:00Z", "migration_id": 4}
    assert check(generated.request(*SNAPSHOT, params=query), *SNAPSHOT) == 200
    owners = ledger.network.accounts.accounts[:3]
    response = summary_of(generated, (4, "2026-11-20T12:00:00Z"), owners)
    assert check(response, *HOLDINGS) == 200


def test_who_takes_part_and_what_there_was_is_answered_as_described(
    document, check, generated, ledger
):
    network = ledger.network
    party = network.accounts.accounts[0]
    snapshot = {"migration_id": 4, "record_time": "2026-11-20T12:00:00Z", "page_size": 5}
    asked_for = {"templates": ["splice-amulet:Splice.Amulet:Amulet"], "owner_party_ids": [party]}
    body, paths = {"json": snapshot | asked_for}, {"party": party, "name": "dso.cns"}
    domain, member = network.synchronizer_id, f"PAR::{party}"
    requests = {
        ("GET", "/v0/dso"): {},
        ("GET", "/v0/admin/validator/licenses"): {"params": {"limit": 3}},
        ("GET", "/v0/validators/validator-faucets"): {"params": {"validator_ids": party}},
        ("GET", "/v0/domains/{domain_id}/members/{member_id}/traffic-status"): {},
        ("GET", "/v0/ans-entries"): {"params": {"page_size": 5}},
        ("GET", "/v0/ans-entries/by-party/{party}"): {},
        ("GET", "/v0/ans-entries/by-name/{name}"): {},
        ("POST", "/v0/holdings/summary"): body,
        ("POST", "/v1/holdings/summary"): body,
        **{("POST", f"/v{version}/state/acs"): body for version in range(3)},
        **{("POST", f"/v{version}/holdings/state"): body for version in range(3)},
    }
    described = [key for key in requests if key in operations(document)]
    for method, path in described:
        url = path.format(domain_id=domain, member_id=member, **paths)
        assert check(generated.request(method, url, **requests[method, path]), method, path) == 200
    assert HOLDINGS in described


def test_missing_snapshots_are_answered_as_described(check, generated, recorded):
    query = {"before": "2026-11-20T12:00:00Z", "migration_id": 4}
    assert check(recorded.request(*SNAPSHOT, params=query), *SNAPSHOT) == 404
    response = summary_of(generated, (4, "2026-11-20T11:59:00Z"), ["nobody"])
    assert check(response, *HOLDINGS) == 404


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("POST", "/v2/updates", {"json": {"page_size": 1001}}, 400),
        ("POST", "/v0/events", {"json": {"page_size": 0}}, 400),
        ("GET", "/v2/updates/{update_id}", {}, 404),
        ("GET", "/v0/events/{update_id}", {}, 404),
    ],
)
def test_refusals_are_answered_as_described(check, api, method, path, options, status):
    assert check(api.request(method, path, **options), method, path) == status


def test_texts_of_refusals_are_in_the_own_description(own_schema, generated):
    described = operations(own_schema)
    requests = [
        ("POST", "/v2/updates", {}, "400"),
        ("POST", "/v0/events", {"content": b"x"}, "415"),
        ("POST", "/v0/open-and-issuing-mining-rounds", {"json": []}, "400"),
        ("GET", "/v0/state/acs/snapshot-timestamp", {}, "404"),
        ("POST", "/v1/holdings/summary", {"json": {}}, "400"),
        ("GET", "/v2/updates/{update_id}", {"params": {"daml_value_encoding": "x"}}, "400"),
        ("GET", "/v0/events/{update_id}", {"params": {"daml_value_encoding": "x"}}, "400"),
    ]
    for method, path, options, status in requests:
        response = generated.request(method, path, **options)
        assert (str(response.status_code), response.headers["content-type"]) == (status, TEXT)
        content = resolve(own_schema, described[method, path]["responses"][status])["content"]
        assert "text/plain" in content


def test_generated_updates_follow_the_schema(validate, updates):
    schema = component("UpdateHistoryItemV2")
    assert [errors for update in updates[::30] if (errors := validate(schema, update))] == []


def test_reassignments_follow_the_schema(validate, updates):
    reassignments = [update for update in updates if "event" in update]
    assert len(reassignments) >= 4
    for update in reassignments:
        assert validate(component("UpdateHistoryReassignment"), update) == []


def test_recorded_updates_follow_the_schema(validate, recorded_updates):
    page = {"transactions": recorded_updates}
    assert validate(component("UpdateHistoryResponseV2"), page) == []


def test_an_update_without_an_id_breaks_the_schema(validate, updates):
    damaged = {name: value for name, value in updates[0].items() if name != "update_id"}
    assert validate(component("UpdateHistoryItemV2"), damaged) != []


def test_events_follow_the_schema(validate, events):
    schema = component("EventHistoryItem")
    assert [errors for event in events[::60] if (errors := validate(schema, event))] == []
    kinds = {(one["update"] is None, one["verdict"] is None) for one in events[::60]}
    assert (True, False) in kinds
    assert (False, False) in kinds


def test_a_verdict_without_a_result_breaks_the_schema(validate, events):
    kept = {name: value for name, value in events[0]["verdict"].items() if name != "verdict_result"}
    assert validate(component("EventHistoryItem"), {**events[0], "verdict": kept}) != []
