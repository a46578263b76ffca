"""Each place deploys what is its own; schedules stay as somebody turned them."""

from deployments.deployments import names_by_module, read_deployments, with_states
from local.stack.deploy import POOLS

HOURLY = {"slug": "hourly", "cron": "5 * * * *", "active": False}


def test_only_new_schedules_say_whether_they_are_active():
    wanted = {
        "deployments": [
            {"name": "bronze", "schedules": [HOURLY.copy(), HOURLY | {"slug": "daily"}]},
            {"name": "gold", "schedules": [HOURLY.copy()]},
            {"name": "pipeline"},
        ]
    }
    bronze, gold, _ = with_states(wanted, {("bronze", "hourly"): True})["deployments"]
    assert bronze["schedules"] == [
        {"slug": "hourly", "cron": "5 * * * *"},
        {"slug": "daily", "cron": "5 * * * *", "active": False},
    ]
    assert gold["schedules"] == [HOURLY]


def test_a_schedule_without_a_slug_is_made_anew_in_the_state_that_it_had():
    wanted = {"deployments": [{"name": "bronze", "schedules": [{"cron": "0 * * * *"}]}]}
    for is_active in (True, False):
        (bronze,) = with_states(wanted, {("bronze", None): is_active})["deployments"]
        assert bronze["schedules"] == [{"cron": "0 * * * *", "active": is_active}]
    assert with_states(wanted, {("gold", None): False}) == wanted


def test_bronze_runs_each_hour_on_ecs():
    """Its schedule isn't where `prefect deploy --cron` would add another to it."""
    (bronze, *others) = read_deployments({"aws-ecs-prod": "x"})["deployments"]
    assert bronze["schedules"] == [{"cron": "0 * * * *", "active": False}]
    assert all("slug" in each for one in others for each in one.get("schedules", []))


def without_place(wanted):
    """Return the deployments' values that are the same in every place, by entrypoint."""
    own = {"name", "work_pool", "schedules"}
    return {
        one["entrypoint"]: {name: value for name, value in one.items() if name not in own}
        for one in wanted["deployments"]
    }


def test_a_place_deploys_what_goes_to_its_pools():
    ecs = read_deployments({"aws-ecs-prod": "aws-ecs-dev", "control": "control"})
    assert {one["work_pool"]["name"] for one in ecs["deployments"]} == {"aws-ecs-dev", "control"}
    assert names_by_module(ecs)["bronze_transactions"] == "canton-bronze-hourly"
    assert names_by_module(read_deployments(POOLS))["bronze_transactions"] == "bronze"


def test_a_place_that_knows_the_version_of_its_code_says_so():
    with_version = read_deployments(POOLS, version="sha256:ab")["deployments"]
    assert {one.pop("version") for one in with_version} == {"sha256:ab"}
    assert with_version == read_deployments(POOLS)["deployments"]


def test_the_same_flows_are_deployed_everywhere_with_the_same_care():
    ecs = read_deployments({"aws-ecs-prod": "aws-ecs-prod", "control": "control"})
    assert without_place(ecs) == without_place(read_deployments(POOLS))
