"""What `make bench-month` takes for a fault, and the table that it prints."""

from dataclasses import replace

import pytest

from bench.growing import Sample, complaints, rows_of
from bench.month import wanted_runs

KEEP_DAYS = 14


def sample(runs, **changed):
    """A stack after some hourly runs that grows as it should."""
    updates = runs * 7_200
    well = Sample(
        runs=runs,
        updates=updates,
        memory={"localstack": 120e6, "snowflake": 200e6},
        disk={"localstack": updates * 1_000, "snowflake": updates * 2_000, "postgres": 50_000_000},
        rows={"flow_run": min(runs, KEEP_DAYS * 24) * 3},
        deaths={"localstack": 0},
    )
    return replace(well, **changed)


def month(last=None):
    return [sample(1), sample(180), sample(360), sample(540), last or sample(720)]


def test_a_month_that_grows_by_the_updates_alone_is_well():
    assert complaints(month(), KEEP_DAYS) == []


GREW = {
    "a service that died": (
        {"deaths": {"localstack": 16}},
        ["localstack died 16 times"],
    ),
    "idle memory beyond the limit": (
        {"memory": {"localstack": 150e6, "snowflake": 200e6, "prefect-server": 600e6}},
        ["950 MB idle: more than 900"],
    ),
    "idle memory that follows history": (
        {"memory": {"localstack": 329e6, "snowflake": 200e6}},
        ["localstack idles with 209 MB more than half way"],
    ),
    "objects that are kept twice from some day on": (
        {"disk": {**sample(720).disk, "localstack": sample(720).disk["localstack"] * 2}},
        ["the disk of localstack grows 3.0 times as fast"],
    ),
    "a database that only grows from some day on": (
        {"disk": {**sample(720).disk, "postgres": 400_000_000}},
        ["the disk of postgres grows"],
    ),
    "runs that are never deleted": (
        {"rows": {"flow_run": 2_160}},
        ["2160 flow runs are kept: more than 1536"],
    ),
}


@pytest.mark.parametrize("fault", GREW)
def test_it_is_said_of(fault):
    changed, told = GREW[fault]
    found = complaints(month(sample(720, **changed)), KEEP_DAYS)
    assert len(found) == len(told)
    for one, wanted in zip(found, told, strict=True):
        assert one.startswith(wanted)


def test_what_grew_is_told_by_updates_and_by_month():
    rows = {row["what"]: row for row in rows_of(month())}
    assert rows["localstack"] == {
        "what": "localstack",
        "memory, MB": "120 → 120",
        "disk, MB": "7 → 5,184",
        "memory, MB a million updates": "0",
        "disk, MB a million updates": "1,000",
        "disk, MB a month": "5,184",
    }
    assert rows["all"]["disk, MB a million updates"] == "3,000"


def test_two_million_updates_are_twelve_days_of_the_ledger():
    assert wanted_runs({"UPDATES": "2000000"}, "1d") == 12
    assert wanted_runs({"RUNS": "48"}, "1h") == 48
    assert wanted_runs({}, "5m") == 720
