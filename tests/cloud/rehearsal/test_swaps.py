"""Checks that a rehearsal changes only addresses of production, and that all are listed."""

from cloud.infra.environment import flow_environment, secret_keys, worker_environment
from cloud.rehearsal import swaps
from cloud.rehearsal.register import at_rest
from deployments.deployments import read_deployments
from tests.cloud.rehearsal.definitions import STACK, copied, pool, prod

# Addresses, who logs in there, and how often is asked: nothing of what a run does.
ADDRESSES = {
    *("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    *("CANTON_BASE_URL", "CANTON_CLOCK", "LANDING_BUCKET", "PREFECT_API_URL", "PREFECT_UI_URL"),
    *("PREFECT_WORKER_QUERY_SECONDS",),
    *("SNOWFLAKE_HOST", "SNOWFLAKE_PORT", "SNOWFLAKE_PROTOCOL", "SNOWFLAKE_USER"),
}


def test_only_addresses_are_swapped():
    of_all = [*swaps.of_flow_runs(STACK), *swaps.of_the_worker(STACK, prod())]
    assert {one.name for one in of_all} == ADDRESSES


def test_no_swap_says_what_production_says_already():
    for changed, values in (
        (swaps.of_flow_runs(STACK), flow_environment(prod()).values),
        (swaps.of_the_worker(STACK, prod()), worker_environment(prod()).values),
    ):
        assert [one.name for one in changed if values.get(one.name) == one.here] == []


def test_every_secret_of_production_has_a_value():
    values = swaps.secret_values(STACK, "the key")
    assert {*secret_keys(prod())} <= values.keys()
    assert (values["prefect-auth"], values["snowflake-private-key"]) == ("admin:made", "the key")


def test_of_the_pool_nothing_is_changed_but_variables_of_its_tasks():
    production = pool()
    changed = swaps.swapped_pool(production, swaps.of_flow_runs(STACK))
    template = copied(changed.template)
    (container,) = template["job_configuration"]["task_definition"]["containerDefinitions"]
    values = {one["name"]: one["value"] for one in container["environment"]}
    before = flow_environment(prod()).values
    assert values == {**before, **{one.name: one.here for one in swaps.of_flow_runs(STACK)}}

    own = copied(pool().template)
    assert copied(production.template) == own
    (made,) = own["job_configuration"]["task_definition"]["containerDefinitions"]
    container["environment"] = made["environment"]
    assert template == own


def test_schedules_of_a_rehearsal_rest():
    wanted = read_deployments({"aws-ecs-prod": "aws-ecs-prod"})
    resting = at_rest(wanted)
    schedules = [one for each in resting["deployments"] for one in each.get("schedules", ())]
    assert len(schedules) == 4
    assert [one["active"] for one in schedules] == [False] * 4
    names = [one["name"] for one in resting["deployments"]]
    assert names == [one["name"] for one in wanted["deployments"]]
    assert {one["work_pool"]["name"] for one in resting["deployments"]} == {"aws-ecs-prod"}
