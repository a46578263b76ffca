"""Runs let the stack grow by no more than they may, and what ended long ago doesn't stay.

`./pipeline bench-month` holds the same for a month of runs, and for millions of updates, in hours.
"""

import math
from dataclasses import replace

import pytest

from tests.clone import until
from tests.e2e.conftest import ensure_up
from tools.bench.growing import complaints
from tools.bench.places import GrowingStack

STEP = "30m"  # of ledger, 3,600 updates a run
OLD_DAYS = 15  # more than KEEP_RUNS
OF_RUNS = ("flow_run", "task_run", "log", "events", "event_resources")


@pytest.fixture(scope="module")
def place(stack):
    return GrowingStack(ensure_up(stack), settle_seconds=0)


@pytest.fixture(scope="module")
def samples(place, stack):
    """The stack before, between and after two runs."""
    found = [place.sample(0)]
    for run in (1, 2):
        stack.makes("clock", f"ADVANCE={STEP}")
        stack.makes("trigger")
        found.append(place.sample(run))
    return found


def test_two_runs_let_the_stack_grow_by_no_more_than_a_months_runs(place, samples):
    before = samples[0].deaths  # of services that earlier tests have killed
    died = {name: count - before.get(name, 0) for name, count in samples[-1].deaths.items()}
    judged = [*samples[:-1], replace(samples[-1], deaths=died)]
    # Earlier tests decide how much idles; what the warehouse used is given back a moment later.
    bounds = replace(place.bounds, memory=math.inf, memory_slack=200e6)
    pages = {"localstack": bounds.an_update["localstack"]}  # which grow evenly, whatever the run
    for one in (bounds, replace(bounds, an_update=pages, a_run={}, slack=1e6)):
        assert complaints(judged, place.keep_days, one) == []


def test_prefect_deletes_runs_tasks_logs_and_events_that_are_old_enough(place, samples):
    before = samples[-1].rows
    assert min(before[table] for table in OF_RUNS) > 0
    place.pass_for_prefect(OLD_DAYS)

    def are_gone():
        found = place.counts()
        return all(found[table] < before[table] / 2 for table in OF_RUNS)

    until(are_gone, "the old runs gone", 120)
