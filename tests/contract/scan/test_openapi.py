"""The project's own description of the API against the as-served one."""

import pytest

from tests.contract.scan.openapi import answer_fields, operations, request_fields

TEXT = "text/plain "
# Of the official specification, which the as-served description leaves out.
BESIDES = {
    ("POST", "/v0/updates"),
    ("GET", "/v0/updates/{update_id}"),
    ("POST", "/v0/backfilling/updates-before"),
    ("GET", "/v0/migrations/schedule"),
    ("GET", "/v0/closed-rounds"),
    ("GET", "/v0/featured-apps"),
    ("GET", "/v0/featured-apps/{provider_party_id}"),
    ("POST", "/v0/admin/sv/voteresults"),
    ("POST", "/v1/updates"),
    ("GET", "/v1/updates/{update_id}"),
    ("GET", "/v0/state/acs/snapshot-timestamp-after"),
    ("POST", "/v0/backfilling/migration-info"),
    ("GET", "/v0/dso-sequencers"),
    ("GET", "/v0/domains/{domain_id}/parties/{party_id}/participant-id"),
    ("GET", "/v0/dso"),
    ("GET", "/v0/admin/validator/licenses"),
    ("GET", "/v0/validators/validator-faucets"),
    ("GET", "/v0/domains/{domain_id}/members/{member_id}/traffic-status"),
    ("GET", "/v0/ans-entries"),
    ("GET", "/v0/ans-entries/by-party/{party}"),
    ("GET", "/v0/ans-entries/by-name/{name}"),
    ("POST", "/v0/state/acs/force"),
    ("POST", "/v0/state/acs"),
    ("POST", "/v0/holdings/state"),
    ("POST", "/v1/state/acs"),
    ("POST", "/v1/holdings/state"),
    ("POST", "/v2/state/acs"),
    ("POST", "/v2/holdings/state"),
    ("POST", "/v0/holdings/summary"),
}
# What the own description says and the as-served one doesn't, each with a reason.
ALSO_ANSWERED = {
    # Pekko refuses what it can't read everywhere, and says so nowhere.
    ("POST", "/v0/open-and-issuing-mining-rounds"): {"400", "415"},
    # The mock declines protobuf_json, and holdings over too long a history.
    ("POST", "/v2/updates"): {"415", "501"},
    ("GET", "/v2/updates/{update_id}"): {"501"},
    ("POST", "/v0/events"): {"415", "501"},
    ("GET", "/v0/events/{update_id}"): {"501"},
    ("POST", "/v1/holdings/summary"): {"415", "501"},
}
# What Scan's code asks for beyond the specification: an instant, a size of pages of updates.
INSTANT = {"body .after.after_record_time": {"format": "date-time"}}
SIZE = {"body .page_size": {"minimum": 1, "maximum": 1000}}
ALSO_ASKED_FOR = {("POST", "/v2/updates"): INSTANT | SIZE, ("POST", "/v0/events"): INSTANT}


@pytest.fixture(scope="module")
def own(own_schema):
    return operations(own_schema)


@pytest.fixture(scope="module")
def as_served(as_served_schema):
    return operations(as_served_schema)


def test_there_are_forty_four_paths(own):
    assert len({path for _, path in own}) == len(own) == 44


def test_all_operations_are_described_under_their_official_names(own, as_served):
    names = {key: one["operationId"] for key, one in as_served.items()}
    assert {key: own[key]["operationId"] for key in names} == names
    assert set(own) - set(names) == BESIDES


def test_every_operation_has_the_same_statuses(own, as_served):
    expected = {
        key: set(one["responses"]) | ALSO_ANSWERED.get(key, set()) for key, one in as_served.items()
    }
    assert {key: set(own[key]["responses"]) for key in expected} == expected


def test_requests_have_the_same_fields(own, as_served, own_schema, as_served_schema):
    for key, operation in as_served.items():
        expected = request_fields(as_served_schema, operation)
        for name, also in ALSO_ASKED_FOR.get(key, {}).items():
            expected[name] |= also
        assert request_fields(own_schema, own[key]) == expected, key


def test_answers_have_the_same_fields(own, as_served, own_schema, as_served_schema):
    compared = 0
    for key, operation in as_served.items():
        for status in operation["responses"]:
            described = answer_fields(own_schema, own[key], status)
            if status in {"400", "404"}:
                assert described.pop(TEXT) == {"type": "string"}  # what Pekko can't read
            assert described == answer_fields(as_served_schema, operation, status), (key, status)
            compared += len(described)
    assert compared > 300


def test_a_missing_field_would_be_noticed(own, own_schema):
    fields = answer_fields(own_schema, own["POST", "/v0/events"], "200")
    place = "application/json .events[].update|0.events_by_id{}|1.interface_id"
    assert fields[place] == {"type": "string", "nullable": True, "required": False}
