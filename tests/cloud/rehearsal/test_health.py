"""A service is judged as ECS judges it: by checks that fail one after another."""

import pytest

from cloud.rehearsal.health import Check, longest_streak
from cloud.rehearsal.rehearse import steady_minutes
from local.console.errors import CommandFailed

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


def test_steady_minutes_are_a_number():
    assert (steady_minutes(""), steady_minutes("10")) == (0, 10)
    for wrong in ("soon", "-1", "1441"):
        with pytest.raises(CommandFailed, match=f"STEADY={wrong}: expected a number of minutes"):
            steady_minutes(wrong)
