"""No time is UTC without saying so."""

import time

import pytest

from local.console.person import time_of_day, utc
from local.stack.compose import in_order


@pytest.fixture
def in_berlin(monkeypatch):
    with monkeypatch.context() as there:
        there.setenv("TZ", "CET-1")  # an hour ahead of UTC, without a database of zones
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    "timestamp",
    ["2026-11-21T23:30:01Z", "2026-11-21T23:30:01.780004123Z", "2026-11-21T23:30:01.5+00:00"],
)
def test_a_time_of_day_is_this_machines(in_berlin, timestamp):
    assert time_of_day(timestamp) == "00:30:01"
    assert in_order([f"slack-1 | {timestamp} ready"]) == ["slack-1 | 00:30:01 ready"]


def test_a_timestamp_says_that_it_is_utc(in_berlin):
    assert utc("2026-11-21T23:30:01.780004+00:00") == "2026-11-21T23:30:01Z"
    assert utc(None) == ""
