"""Checks of what `./pipeline bench-month` takes for a fault, and of the table it prints."""

from dataclasses import replace

import pytest

from tools.bench.growing import Bounds, Sample, complaints, rows_of
from tools.bench.month import total_runs

KEEP_DAYS = 14
BOUNDS = Bounds(
    memory=900e6,
    an_update={"localstack": 1_600, "snowflake": 3_200},
    a_run={"postgres": 400_000, "container logs": 100_000},
    rows_a_run={"events": 150},
    free={"snowflake": 0.4},
)


def sample(runs, **changed):
    """A stack after some hourly runs that grows as it should."""
    updates = runs * 7_200
    well = Sample(
        runs=runs,
        updates=updates,
        memory={"localstack": 120e6, "snowflake": 200e6},
        disk={
            "localstack": updates * 1_000,
            "snowflake": updates * 2_000,
            "postgres": 50_000_000,
            "container logs": 10_000_000,
        },
        rows={"flow_run": min(runs, KEEP_DAYS * 24) * 3, "events": min(runs, KEEP_DAYS * 24) * 90},
        deaths={"localstack": 0},
    )
    return replace(well, **changed)


def month(last=None):
    return [sample(1), sample(180), sample(360), sample(540), last or sample(720)]


def test_a_month_that_grows_by_the_updates_alone_is_well():
    assert complaints(month(), KEEP_DAYS, BOUNDS) == []


def test_a_warehouse_may_write_anew_what_it_merges():
    leap = {**sample(720).disk, "snowflake": sample(720).disk["snowflake"] * 13 // 10}
    assert complaints(month(sample(720, disk=leap)), KEEP_DAYS, BOUNDS) == []
    assert complaints(month(sample(720, disk=leap)), KEEP_DAYS, replace(BOUNDS, free={})) == [
        "the disk of snowflake grows 1.6 times as fast"
    ]


def test_a_run_that_loads_a_day_of_the_ledger_counts_as_24():
    days = [replace(sample(1), runs=0), replace(sample(24), runs=1), replace(sample(48), runs=2)]
    assert complaints(days, KEEP_DAYS, BOUNDS) == []


GREW = {
    "a service that died": (
        {"deaths": {"localstack": 16}},
        ["localstack died 16 times"],
    ),
    "memory beyond the limit": (
        {"memory": {"localstack": 150e6, "snowflake": 200e6, "prefect-server": 600e6}},
        ["950 MB of memory: more than 900"],
    ),
    "memory that follows history": (
        {"memory": {"localstack": 329e6, "snowflake": 200e6}},
        ["localstack needs 209 MB of memory more than half way"],
    ),
    "objects that are kept twice from some day on": (
        {"disk": {**sample(720).disk, "localstack": sample(720).disk["localstack"] * 3 / 2}},
        ["the disk of localstack grows 2.0 times as fast"],
    ),
    "a warehouse that grows by more than it may keep free": (
        {"disk": {**sample(720).disk, "snowflake": sample(720).disk["snowflake"] * 3}},
        [
            "the disk of snowflake grows 2.6 times as fast",
            "the disk of snowflake grew by 6,006 bytes an update: more than 3,200",
        ],
    ),
    "a database that only grows from some day on": (
        {"disk": {**sample(720).disk, "postgres": 200_000_000}},
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
    found = complaints(month(sample(720, **changed)), KEEP_DAYS, BOUNDS)
    assert len(found) == len(told)
    for one, wanted in zip(found, told, strict=True):
        assert one.startswith(wanted)


# Growth that is as even as it should be, but twice as fast: half way it looks the same.
EVEN = {
    "objects that are kept twice": (
        "disk", "localstack", 7_200 * 2_000,
        "the disk of localstack grew by 2,000 bytes an update: more than 1,600",
    ),
    "a warehouse that keeps each batch twice": (
        "disk", "snowflake", 7_200 * 4_000,
        "the disk of snowflake grew by 4,000 bytes an update: more than 3,200",
    ),
    "a database that keeps twice as much of each run": (
        "disk", "postgres", 500_000,
        "the disk of postgres grew by 998,611 bytes a run: more than 400,000",
    ),
    "logs that tell twice as much": (
        "disk", "container logs", 400_000,
        "the disk of container logs grew by 798,889 bytes a run: more than 100,000",
    ),
    "events that nobody deletes": (
        "rows", "events", 90, "events grew by 180 rows a run: more than 150",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", EVEN)
def test_even_growth_is_bounded_too(fault):
    kind, name, a_run, told = EVEN[fault]

    def grown(runs):
        well = sample(runs)
        return replace(well, **{kind: {**getattr(well, kind), name: runs * a_run}})

    found = complaints([grown(runs) for runs in (1, 360, 720)], KEEP_DAYS, BOUNDS)
    assert found == [told]


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
    assert total_runs({"UPDATES": "2000000"}, "1d") == 12
    assert total_runs({"RUNS": "48"}, "1h") == 48
    assert total_runs({}, "5m") == 720
