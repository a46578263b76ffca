"""Runs let a state grow by no more than `./pipeline bench-month --at embedded` allows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from flows.pipeline import pipeline_flow
from local.console.retention import DAYS
from mocks.canton_scan.ledger import Ledger
from tests.integration.conftest import GAP, Clock, Open
from tests.integration.local_world import LocalWorld
from tools.bench.bounds import EMBEDDED
from tools.bench.growing import Sample, complaints
from tools.bench.places import sample_of_state
from tools.bench.processes import memory_by_program

RUNS, UPDATES = 2, 1_000  # of each run
ROWS = "select count(*) as n from bronze.canton_transactions_raw where network = %(network)s"
AT_REST = replace(EMBEDDED, memory_slack=200e6)  # sessions are open, and hold what they used
PAGES = replace(  # whose disk grows evenly, so that few runs can be held to it
    AT_REST, an_update={"s3": AT_REST.an_update["s3"]}, a_run={}, slack=1e6
)


@pytest.fixture
def samples(
    world: LocalWorld,
    run_flow: Callable[..., Any],
    pipeline: Open,
    ledger: Callable[..., Ledger],
    clock: Clock,
) -> list[Sample]:
    """The session's world after each of some runs; the first one loads what there was before."""
    line = pipeline(ledger(UPDATES))
    found: list[Sample] = []
    for run in range(RUNS + 1):
        run_flow(pipeline_flow, max_age_minutes=0)
        updates = line.rows(ROWS)[0]["n"]
        found.append(sample_of_state(world.run.state.path, run, updates, memory_by_program()))
        clock.now += UPDATES * GAP
    return found


@pytest.mark.timeout(300)
def test_a_state_grows_by_no_more_than_it_may_and_twice_as_much_is_told(
    samples: list[Sample],
) -> None:
    first, *_, last = samples
    assert last.updates > RUNS * UPDATES / 2
    assert {"s3", "snowflake", "prefect"} <= last.memory.keys()
    for bounds in (AT_REST, PAGES):
        assert complaints(samples, int(DAYS), bounds) == []
    twice = {**last.disk, "s3": 2 * last.disk["s3"] - first.disk["s3"]}
    (told,) = complaints([first, replace(last, disk=twice)], int(DAYS), PAGES)
    assert told.startswith("the disk of s3 grew by ")
