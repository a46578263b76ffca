"""Checks of what `make trigger` says of a run that makes no progress, and when a crash ends it."""

import pytest

from local.stack.runs import PATIENCE_SECONDS, RECOVERY_SECONDS, Progress


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def progress(clock):
    return Progress(clock)


def run(state, message=""):
    return {"state_type": state, "state_name": state.title(), "state": {"message": message}}


def test_a_run_that_gets_on_needs_no_words(progress):
    states = ["SCHEDULED", "PENDING", "RUNNING", "COMPLETED"]
    assert [progress.note(run(state)) for state in states] == [None] * 4
    assert not progress.is_recovery_near


def test_a_late_start_is_said_once(progress, clock):
    clock.now += PATIENCE_SECONDS + 1
    assert "not started yet (Pending)" in progress.note(run("PENDING"))
    assert progress.note(run("PENDING")) is None


def test_a_run_that_starts_late_and_waits_again_is_not_said_to_be_late(progress, clock):
    assert progress.note(run("RUNNING")) is None
    clock.now += PATIENCE_SECONDS + 1
    assert progress.note(run("SCHEDULED")) is None


def test_a_crash_is_no_end_until_recovery_had_its_time(progress, clock):
    assert "crashed (exit 137)" in progress.note(run("CRASHED", "exit 137"))
    assert progress.note(run("CRASHED", "exit 137")) is None
    clock.now += RECOVERY_SECONDS - 1
    assert progress.is_recovery_near
    clock.now += 2
    assert not progress.is_recovery_near


def test_each_crash_is_told_and_waited_for(progress, clock):
    progress.note(run("CRASHED"))
    clock.now += RECOVERY_SECONDS - 1
    assert progress.note(run("SCHEDULED")) is None
    assert not progress.is_recovery_near
    assert "crashed" in progress.note(run("CRASHED"))
    assert progress.is_recovery_near


def test_a_run_that_was_given_up_is_not_waited_for(progress):
    progress.note(run("CRASHED"))
    assert progress.note(run("FAILED", "gave up")) is None
    assert not progress.is_recovery_near
