"""Checks that manual changes on the server are kept and all else is what a deploy registered."""

from copy import deepcopy
from dataclasses import replace

import pytest

from deployments.registered import Registered, schedule_name, turned_as, unequal, without_turned

HOURLY = {"slug": None, "schedule": {"cron": "0 * * * *", "timezone": "UTC"}, "active": True}
DAILY = {"slug": "daily", "schedule": {"cron": "5 4 * * *", "timezone": "UTC"}, "active": True}
RECORDED = Registered(
    pools={"ecs": {"type": "ecs", "is_paused": False, "concurrency_limit": None}},
    deployments={"flow/bronze": {"paused": False, "tags": [], "schedules": [HOURLY, DAILY]}},
    automations={"tell": {"enabled": True, "trigger": {"within": 60}}},
    variables={"usd_rate": "0.15"},
    limits={"tag:scan": 2},
)


@pytest.fixture
def turned():
    """The same after somebody turned everything that can be turned."""
    there = deepcopy(RECORDED)
    there.pools["ecs"].update(is_paused=True, concurrency_limit=3)
    there.deployments["flow/bronze"]["paused"] = True
    for schedule in there.deployments["flow/bronze"]["schedules"]:
        schedule["active"] = False
    there.automations["tell"]["enabled"] = False
    there.variables["usd_rate"] = "0.20"
    there.limits["tag:scan"] = 1
    return there


def test_what_was_turned_is_no_difference(turned):
    assert without_turned(turned) == without_turned(RECORDED)
    assert len(unequal(turned, RECORDED)) == 5


def test_what_was_turned_stays_when_something_is_restored(turned):
    assert turned_as(RECORDED, turned) == turned


def test_what_is_not_there_is_restored_as_it_was():
    assert turned_as(RECORDED, Registered()) == RECORDED


def test_what_nobody_turns_is_a_difference(turned):
    turned.deployments["flow/bronze"]["tags"] = ["mine"]
    assert unequal(without_turned(turned), without_turned(RECORDED)) == ["deployment flow/bronze"]
    assert unequal(RECORDED, replace(RECORDED, limits={})) == ["limit tag:scan"]


def test_the_order_of_a_triggers_sets_is_no_difference_in_records_of_before_either():
    """Prefect keeps `after`, `expect` and `for_each` as sets; a match is a list."""

    def recorded(expect, match):
        trigger = {"type": "compound", "triggers": [{"expect": expect, "match": {"id": match}}]}
        of_two = {"after": expect, "for_each": expect, "match": {"id": match}}
        automations = {
            "tell": {"enabled": True, "trigger": of_two},
            "both": {"enabled": True, "trigger": trigger},
        }
        return without_turned(replace(RECORDED, automations=automations))

    assert unequal(recorded(["b", "a"], ["x", "y"]), recorded(["a", "b"], ["x", "y"])) == []
    another = unequal(recorded(["a", "b"], ["x", "y"]), recorded(["a", "b"], ["y", "x"]))
    assert another == ["automation both", "automation tell"]


def test_a_schedule_is_the_same_one_at_another_time():
    assert [schedule_name(one) for one in (HOURLY, DAILY)] == ["unnamed", "daily"]
    assert schedule_name({"cron": "0 * * * *"}) == "unnamed"
    later = {**HOURLY, "schedule": {"cron": "7 * * * *"}, "active": False}
    there = Registered(deployments={"flow/bronze": {"paused": False, "schedules": [later]}})
    (hourly, daily) = turned_as(RECORDED, there).deployments["flow/bronze"]["schedules"]
    assert hourly == {**HOURLY, "active": False}
    assert daily == DAILY
