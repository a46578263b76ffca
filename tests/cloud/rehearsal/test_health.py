"""A service is judged as ECS judges it: by checks that fail one after another."""

import pytest

from cloud.rehearsal.health import Check, Watch, longest_streak
from cloud.rehearsal.rehearse import steady_minutes
from cloud.rehearsal.table import Verdict
from local.console.errors import CommandFailed
from tests.programs import put_first

HEALTH = {"command": ["CMD", "true"], "timeout": 30, "retries": 3}


@pytest.mark.parametrize(
    ("passed", "longest"),
    [
        ([], 0),
        ([True, True], 0),
        ([False, True, False, False, True], 2),
        ([True, False, False, False], 3),
    ],
)
def test_checks_that_fail_one_after_another_are_counted(passed, longest):
    assert longest_streak(passed) == longest


@pytest.mark.parametrize(("count", "is_enough"), [(0, False), (3, False), (4, True)])
def test_a_service_is_asked_more_often_than_ecs_waits(count, is_enough):
    """One that answered once and never again would else pass."""
    assert Check("worker", "none", HEALTH, [True] * count).is_enough is is_enough


@pytest.mark.parametrize(
    ("before", "after", "here", "verdict"),
    [
        pytest.param("2 true", "2 true", "0", Verdict.EQUAL, id="restarted-days-ago"),
        pytest.param("2 true", "3 true", "1", Verdict.DIFFERS, id="restarted-meanwhile"),
        pytest.param("0 true", "0 false", "it doesn't run", Verdict.DIFFERS, id="ended"),
    ],
)
def test_restarts_are_counted_from_the_beginning(
    monkeypatch, tmp_path, before, after, here, verdict
):
    inspected = tmp_path / "inspected"
    inspected.write_text(before)
    script = f'#!/bin/sh\n[ "$1" = exec ] || cat {inspected}\n'
    put_first(monkeypatch, tmp_path / "bin", "docker", script)
    with Watch([Check("worker", "c1", HEALTH, [True] * 4)]) as watch:
        inspected.write_text(after)
        stays, restarts = watch.rows()
    assert stays.verdict is Verdict.EQUAL
    assert (restarts.here, restarts.verdict) == (here, verdict)


def test_steady_minutes_are_a_number():
    assert (steady_minutes(""), steady_minutes("10")) == (0, 10)
    for wrong in ("soon", "-1", "1441"):
        with pytest.raises(CommandFailed, match=f"STEADY={wrong}: expected a number of minutes"):
            steady_minutes(wrong)
