"""Checks of what a node reports about itself."""

import re

import pytest

from mocks.canton_scan.clock import SECOND
from mocks.canton_scan.node_routes import duration_text

HOUR = 3_600 * SECOND


def test_the_status_names_the_port_that_the_server_listens_on(ledger, over):
    api = over(ledger)
    status = api.request("GET", "http://scan:5012/api/scan/status").json()["success"]
    uptime = status.pop("uptime")
    assert status == {
        "id": "amulet::scan-app",
        "ports": {"admin": 5012},
        "extra": None,
        "active": True,
    }
    assert re.fullmatch(r"PT(\d+M)?\d{1,2}(\.\d{1,6})?S", uptime)


def test_the_uptime_grows(generated):
    uptimes = [generated.request("GET", "/status").json()["success"]["uptime"] for _ in range(2)]
    assert uptimes[0] != uptimes[1]


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "PT0S"),
        (85 * HOUR + 26 * 60 * SECOND + 595_279, "PT85H26M0.595279S"),
        (SECOND + 100_000, "PT1.1S"),
        (60 * SECOND, "PT1M"),
        (30 * HOUR, "PT30H"),
    ],
)
def test_durations_are_written_in_hours_minutes_and_seconds(micros, text):
    assert duration_text(micros) == text


@pytest.mark.parametrize("url", ["http://canton-scan:8080", "https://scan.example", "http://scan"])
def test_the_scans_of_the_network_are_this_one_where_the_client_found_it(api, url):
    told = api.request("GET", f"{url}/api/scan/v0/scans").json()
    synchronizer = api.page(1)[0]["synchronizer_id"]
    scan = {"publicUrl": url, "svName": "Mock-SV-1"}
    assert told == {"scans": [{"domainId": synchronizer, "scans": [scan]}]}


def test_the_history_is_complete_and_in_its_last_migration(api):
    assert api.request("GET", "/v0/backfilling/status").json() == {"complete": True}
    assert api.request("GET", "/v0/migrations/last").json() == {"migration_id": 4}
