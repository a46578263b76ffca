"""Checks of when snapshots are taken: every three hours, while their migration goes on."""

import pytest

from mocks.canton_scan.clock import SECOND
from mocks.canton_scan.ledger import open_ledger
from tests.contract.scan.scan_api import NOON, StoppedClock

PATH = "/v0/state/acs/snapshot-timestamp"
TEXT = "text/plain; charset=UTF-8"
MALFORMED = "The query parameter '{}' was malformed:\n"


@pytest.fixture(scope="module")
def ask(long, over):
    api = over(long)

    def ask(before, migration_id):
        query = {"before": before, "migration_id": migration_id}
        response = api.request("GET", PATH, params=query)
        told = response.json()
        return told["record_time"] if response.status_code == 200 else response.status_code

    return ask


@pytest.mark.parametrize(
    ("before", "migration_id", "expected"),
    [
        pytest.param("2026-11-20T11:59:59Z", 4, "2026-11-20T09:00:00Z", id="between"),
        pytest.param("2026-11-20T12:00:00Z", 4, "2026-11-20T12:00:00Z", id="at the snapshot"),
        pytest.param("2026-11-20T08:59:59.999999Z", 4, "2026-11-20T06:00:00Z", id="just before"),
        pytest.param("2026-11-20T10:30:00+02:00", 4, "2026-11-20T06:00:00Z", id="another zone"),
        pytest.param("9999-12-31T23:59:59Z", 4, "2026-11-20T12:00:00Z", id="the future"),
        pytest.param("2026-11-19T23:00:00Z", 4, 404, id="before the first of a migration"),
        pytest.param(
            "2026-11-20T12:00:00Z", 3, "2026-11-19T21:00:00Z", id="a migration that ended"
        ),
        pytest.param("2026-11-19T20:59:59Z", 3, "2026-11-19T18:00:00Z", id="its first one"),
        pytest.param("2026-11-19T17:59:59Z", 3, 404, id="before the ledger"),
        pytest.param("0001-01-01T00:00:00Z", 3, 404, id="long before"),
        pytest.param("2026-11-20T12:00:00Z", 2, 404, id="a migration that never was"),
        pytest.param("2026-11-20T12:00:00Z", 5, 404, id="a migration to come"),
        pytest.param("2026-11-20T12:00:00Z", -(2**63), 404, id="the smallest number"),
        pytest.param("2026-11-20T12:00:00Z", 2**63 - 1, 404, id="the largest number"),
    ],
)
def test_the_newest_snapshot_up_to_an_instant_is_told(ask, before, migration_id, expected):
    assert ask(before, migration_id) == expected


def test_a_snapshot_is_told_once_an_update_has_come_after_it(tmp_path, over):
    clock = StoppedClock(NOON - 1)
    ledger = open_ledger(tmp_path / "s.json", "s", history=400, gap=60 * SECOND, clock=clock)
    api, query = over(ledger), {"before": "2026-11-20T23:00:00Z", "migration_id": 4}
    told = []
    for clock.now in (NOON - 1, ledger.position(400).record_time):
        told.append(api.request("GET", PATH, params=query).json()["record_time"])
    assert told == ["2026-11-20T09:00:00Z", "2026-11-20T12:00:00Z"]


def test_a_missing_snapshot_is_explained(generated):
    query = {"before": "2026-11-20T11:00:00Z", "migration_id": 4}
    response = generated.request("GET", PATH, params=query)
    expected = (404, {"error": "No snapshots found before 2026-11-20T11:00:00Z"})
    assert (response.status_code, response.json()) == expected


def test_a_recording_has_no_snapshots(recorded):
    query = {"before": "9999-12-31T00:00:00Z", "migration_id": 4}
    assert recorded.request("GET", PATH, params=query).status_code == 404


@pytest.mark.parametrize(
    ("query", "missing"),
    [({}, "before"), ({"before": "2026-11-20T12:00:00Z"}, "migration_id")],
)
def test_a_query_without_a_parameter_has_no_route(api, query, missing):
    response = api.request("GET", PATH, params=query)
    text = f"Request is missing required query parameter '{missing}'"
    told = (response.status_code, response.headers["content-type"], response.text)
    assert told == (404, TEXT, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (
            {"before": "noon", "migration_id": 4},
            MALFORMED.format("before") + "Text 'noon' could not be parsed at index 0",
        ),
        (
            {"before": "2026-11-20T12:00:00", "migration_id": 4},
            MALFORMED.format("before")
            + "Text '2026-11-20T12:00:00' could not be parsed at index 0",
        ),
        (
            {"before": "2026-11-20T12:00:00Z", "migration_id": "four"},
            MALFORMED.format("migration_id") + "'four' is not a valid 64-bit signed integer value",
        ),
        (
            {"before": "2026-11-20T12:00:00Z", "migration_id": str(2**63)},
            MALFORMED.format("migration_id")
            + "'9223372036854775808' is not a valid 64-bit signed integer value",
        ),
    ],
)
def test_parameters_that_are_malformed_are_refused_in_text(api, query, text):
    response = api.request("GET", PATH, params=query)
    told = (response.status_code, response.headers["content-type"], response.text)
    assert told == (400, TEXT, text)
