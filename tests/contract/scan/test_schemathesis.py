"""Requests that the API's descriptions allow, and others that they don't, made up by Schemathesis.

All of its checks run on every answer. What is left out, and why:

- requests for ``protobuf_json`` and ``lossless``, which mean the same: the mock declines them with
  501, which counts as a failure;
- a snapshot on demand, which is always refused;
- nothing else for the own description; the as-served one is amended where it says less than a real
  Scan does (`_amended`), instead of leaving a check out for a whole path;
- checks of access rights and of resources that are created and removed find nothing to check here.
"""

import copy
import re
from pathlib import Path

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis import GenerationMode

from mocks.canton_scan import private
from mocks.canton_scan.app import BASE, create_app
from mocks.canton_scan.ids import update_id
from mocks.canton_scan.ledger import open_ledger
from tests.contract.scan.openapi import operations
from tests.contract.scan.scan_api import StoppedClock

OWN = Path(__file__).parents[3] / "mocks" / "canton_scan" / "openapi.yaml"
OPERATIONS = operations(yaml.safe_load(OWN.read_text()))
DECLINED = re.compile("protobuf_json|'lossless': '?true", re.IGNORECASE)
ANY_TEXT = {  # nothing is not allowed
    "/v0/domains/{domain_id}/parties/{party_id}/participant-id",
    "/v0/featured-apps/{provider_party_id}",
    "/v0/ans-entries/by-party/{party}",
    "/v0/ans-entries/by-name/{name}",
}
REFUSED = "/v0/state/acs/force"  # always, as in production
WITH_INPUT = [
    key
    for key, one in OPERATIONS.items()
    if {"parameters", "requestBody"} & set(one) and key[1] not in ANY_TEXT
]
BY_ID = [
    "/v2/updates/{update_id}",
    "/v1/updates/{update_id}",
    "/v0/updates/{update_id}",
    "/v0/events/{update_id}",
]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    state = tmp_path_factory.mktemp("schemathesis") / "state.json"
    return open_ledger(state, "pinned", history=20, gap=500_000, clock=StoppedClock())


@pytest.fixture(scope="module", params=["own_schema", "as_served_schema"])
def description(request, small):
    document = copy.deepcopy(request.getfixturevalue(request.param))
    if request.param == "as_served_schema":
        _amend(document)
    schema = schemathesis.openapi.from_dict(document)
    schema.app = create_app(small)
    schema.config.update(base_url=f"http://scan{BASE}")
    return schema


def _amend(document):
    """Say what a real Scan does and its description doesn't."""
    schemas = document["components"]["schemas"]
    schemas["UpdateHistoryRequestV2"]["properties"]["page_size"] |= {"minimum": 1, "maximum": 1000}
    schemas["UpdateHistoryRequestAfter"]["properties"]["after_record_time"]["format"] = "date-time"
    responses = document["components"]["responses"]
    bad_request = responses["400"]
    for refusal in (bad_request, responses["404"]):  # Pekko refuses in text
        refusal["content"]["text/plain"] = {"schema": {"type": "string"}}
    rounds = document["paths"]["/v0/open-and-issuing-mining-rounds"]["post"]
    rounds["responses"]["400"] = bad_request


def run(cases, seen=None):
    """Send the requests, and check each answer in every way that Schemathesis knows."""

    @settings(
        max_examples=10,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=cases)
    def check(case):
        assume(not DECLINED.search(str((case.query, case.body))))
        response = case.call_and_validate()
        if seen is not None:
            seen.add(response.status_code)

    check()


def described(description, method, path):
    """The operation; the as-served description leaves some out."""
    if path not in description.raw_schema["paths"]:
        pytest.skip(f"the as-served description has no {path}")
    return description[path][method]


@pytest.mark.parametrize(("method", "path"), [one for one in OPERATIONS if one[1] != REFUSED])
def test_what_is_allowed_is_answered_as_described(description, method, path):
    run(described(description, method, path).as_strategy())


@pytest.mark.parametrize(("method", "path"), WITH_INPUT)
def test_what_is_not_allowed_is_refused_as_described(description, method, path):
    run(described(description, method, path).as_strategy(GenerationMode.NEGATIVE))


@pytest.mark.parametrize("path", BY_ID)
def test_a_known_update_is_answered_as_described(description, small, path):
    known, seen = {"update_id": update_id(small.seed, 7)}, set()
    run(described(description, "GET", path).as_strategy(path_parameters=known), seen)
    assert seen == {200}


def test_a_known_private_transaction_is_answered_as_described(description, small):
    found = next(one for index in range(19) for one in private.between(small, index))
    known, seen = {"update_id": found.update_id}, set()
    run(description["/v0/events/{update_id}"]["GET"].as_strategy(path_parameters=known), seen)
    assert seen == {200}
