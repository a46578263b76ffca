import json

import pytest

from mocks.canton_scan.node_routes import VERSION


def test_an_update_is_found_by_its_id_with_the_same_bytes(api):
    for update in api.page(30):
        response = api.request("GET", f"/v2/updates/{update['update_id']}")
        assert response.headers["content-type"] == "application/json"
        assert json.loads(response.content) == update


@pytest.mark.parametrize("update_id", ["1220" + "ab" * 32, "1220" + "00" * 32, "nonsense", "1220"])
def test_an_unknown_id_is_not_found(api, update_id):
    response = api.request("GET", f"/v2/updates/{update_id}")
    assert response.status_code == 404
    assert response.json() == {"error": f"Transaction with id {update_id} not found"}


def test_an_update_that_has_not_happened_yet_is_not_found(generated, ledger):
    ahead = ledger.update(ledger.count())
    update_id = json.loads(ahead)["update_id"]
    assert generated.request("GET", f"/v2/updates/{update_id}").status_code == 404


def test_the_dso_party_is_the_one_of_the_contracts(api):
    party = api.request("GET", "/v0/dso-party-id").json()
    created = (
        event["create_arguments"]["dso"]
        for update in api.page(60)
        for event in update.get("events_by_id", {}).values()
        if "dso" in event.get("create_arguments", {})
    )
    assert {"dso_party_id": next(created)} == party


def test_the_version_is_the_one_that_is_mocked(api):
    assert api.request("GET", "/version").json() == VERSION


@pytest.mark.parametrize("path", ["/readyz", "/livez"])
def test_health_is_an_empty_200(api, path):
    response = api.request("GET", path)
    assert (response.status_code, response.content) == (200, b"")


def test_the_mock_tells_how_far_its_ledger_has_come(generated, updates):
    told = generated.request("GET", "http://scan/_mock/ledger").json()
    last = updates[-1]
    assert told == {
        "dso_party_id": generated.request("GET", "/v0/dso-party-id").json()["dso_party_id"],
        "count": 3_000,
        "head": {"migration_id": 4, "record_time": last["record_time"]},
    }
    assert last["record_time"] == "2026-11-20T12:00:00.000000Z"
