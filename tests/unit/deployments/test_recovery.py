"""Checks of how often a crashed run is restarted, and when it is given up."""

from datetime import UTC, datetime, timedelta

import pytest
from prefect.states import AwaitingRetry, Completed, Crashed, Failed, Pending, Running

from flows.recover_runs import crashes_in_a_row, next_state


def history(*kinds):
    began = datetime(2026, 11, 20, tzinfo=UTC)
    return [kind(timestamp=began + timedelta(seconds=number)) for number, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    ("states", "crashes"),
    [
        pytest.param(history(Pending, Running, Crashed), 1, id="first"),
        pytest.param(history(Crashed, AwaitingRetry, Running, Crashed), 2, id="again"),
        pytest.param(history(Crashed, Crashed, Failed, Pending, Crashed), 1, id="started anew"),
        pytest.param(history(Crashed, Completed, Running, Crashed), 1, id="went well meanwhile"),
    ],
)
def test_crashes_are_counted_since_the_run_last_ended_otherwise(states, crashes):
    assert crashes_in_a_row(states) == crashes
    assert crashes_in_a_row(states[::-1]) == crashes


@pytest.mark.parametrize(("crashes", "seconds"), [(1, 10), (2, 30)])
def test_each_start_waits_longer(crashes, seconds):
    before = datetime.now(UTC)
    state = next_state(Crashed(message="code 137"), crashes, 3, 10)
    assert state.name == "AwaitingRetry"
    assert state.message == f"crash {crashes} of at most 3: code 137"
    waits = state.state_details.scheduled_time - before
    assert timedelta(seconds=seconds) <= waits < timedelta(seconds=seconds + 5)


@pytest.mark.parametrize(
    ("crashes", "most", "message"),
    [
        (3, 3, "gave up after 3 crashes: code 137"),
        (4, 3, "gave up after 4 crashes: code 137"),
        (1, 1, "gave up after a crash: code 137"),
    ],
)
def test_too_many_crashes_end_as_failed(crashes, most, message):
    state = next_state(Crashed(message="code 137"), crashes, most, 10)
    assert (state.name, state.message) == ("Failed", message)
