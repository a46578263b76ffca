"""Checks that missing settings are named and that a filled-in environment has no problem."""

import pytest

from cloud.infra.settings import read_settings
from cloud.plan.beside_local import compared
from cloud.plan.command import make, record_graph
from cloud.plan.problems import explain_outputs, explain_services, explain_settings, note_network
from tests.clouds import ACCOUNT, PREFECT_CLOUD, here, made_outputs, own_settings
from tests.infra.violations import read_graph, violations


def test_an_environment_that_is_filled_in_has_no_problem():
    settings = own_settings()
    assert explain_settings(settings) == []
    assert explain_services(settings) == []
    assert explain_outputs(settings, made_outputs(settings)) == []


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_every_example_of_the_files_is_named(stack):
    paths = {problem.split()[0] for problem in explain_settings(read_settings(stack))}
    assert paths >= {
        "stack.account_id",
        "landing.bucket",
        "canton.base_url",
        "snowflake.organization",
        "snowflake.pipeline_public_key",
        "snowflake.migration_public_key",
        "alarms.emails.0",
    }


def test_networks_of_examples_are_named():
    """One that is left as it is would let nobody in, or a network that nobody looked at."""
    (problem,) = (one for one in explain_settings(read_settings("prod")) if "admin_cidrs" in one)
    assert problem == "prefect.api.admin_cidrs.0 is still an example: 192.0.2.0/24"


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"canton": {"start_at": "soon"}}, "CANTON_START_AT"),
        ({"canton": {"base_url": "https://127.0.0.1/api/scan"}}, "CANTON_BASE_URL names 127.0.0.1"),
        ({"snowflake": {"pipeline_public_key": None}}, "pipeline_public_key is unset"),
        ({"snowflake": {"organization": "EXAMPLE"}}, "snowflake.organization is still an example"),
    ],
)
def test_a_setting_that_can_not_work_is_named(section, told):
    (problem,) = explain_settings(own_settings(**section))
    assert told in problem


WORKSPACE = "accounts/acme/workspaces/ledger"
OWN_WORKSPACE = {
    **PREFECT_CLOUD,
    "api_url": f"https://api.prefect.cloud/api/{WORKSPACE}",
    "page_url": "https://app.prefect.cloud/account/acme/workspace/ledger",
}
LEGAL = [
    {"stack": {"name": "acme-ledger"}},
    {"stack": {"region": "eu-central-1"}, "network": {"zones": ["eu-central-1a", "eu-central-1b"]}},
    {"stack": {"account_id": "310987654321"}},
    {"stack": {"owner": "ledger team", "cost_center": "4711"}},
    {"stack": {"is_protected": False}},
    {"network": {"cidr": "172.20.0.0/20"}},
    {"network": {"zones": ["us-east-1a", "us-east-1c", "us-east-1d"]}},
    {"landing": {"bucket": "acme-landing", "cold_after_days": 30}},
    {"canton": {"base_url": "https://one.acme.com/api/scan,https://two.acme.com/api/scan"}},
    {"canton": {"start_at": "genesis"}},
    {"canton": {"network": None}},
    {"tasks": {"flow": {"cpu": 4096, "memory": 8192}}},
    {"tasks": {"flow": {"cpu": 2048, "memory": 16384}}},
    {"tasks": {"worker": {"cpu": 512, "memory": 1024}, "control": {"cpu": 1024, "memory": 2048}}},
    {"tasks": {"scratch_mib": 128}},
    {"tasks": {"kept_images": 100}},
    {"tasks": {"image_digest": None}},
    {"prefect": {"pool": "ledger"}},
    {"prefect": {"api": OWN_WORKSPACE}},
    {"snowflake": {"account": "LEDGER"}},
    {"snowflake": {"database": "LEDGER"}},
    {"snowflake": {"warehouse": "LEDGER_LOAD", "warehouse_size": "LARGE"}},
    {"snowflake": {"statement_timeout_seconds": 3600}},
    {"snowflake": {"retention_days": 7, "suspend_after_seconds": 600}},
    {"logs": {"retention_days": 365}},
    {"alarms": {"late_after_minutes": 1440, "stale_after_minutes": 1440}},
]


@pytest.mark.parametrize("section", LEGAL, ids=str)
def test_a_legal_setting_plans_clean(section, tmp_path):
    """Settings of a stack are values: none of them is a difference that needs a reason."""
    settings = own_settings(**section)
    planned = make(here(tmp_path, settings, compare=compared, record_graph=record_graph))
    assert planned.plan.broken == []
    assert violations(read_graph(planned.graph_text)) == []


def test_a_network_that_no_run_has_told_yet_is_a_note_and_stops_no_deploy():
    """A second deploy must be able to fix what kept the first run from reporting the network."""
    settings = own_settings(canton={"network": None})
    assert explain_settings(settings) == []
    (note,) = note_network(settings)
    assert "canton.network is unset" in note
    assert note_network(own_settings()) == []


def test_where_nothing_is_protected_nobody_is_reminded_of_the_network():
    settings = own_settings(canton={"network": None}, stack={"is_protected": False})
    assert explain_settings(settings) == note_network(settings) == []


def test_without_an_image_no_service_runs():
    (problem,) = explain_services(own_settings(tasks={"image_digest": None}))
    assert "./pipeline deploy --env prod pushes an image" in problem


OTHER = "arn:aws:ecs:us-east-1:000000000000:cluster/canton-prod"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"cluster_arn": OTHER}, f"cluster_arn is of another account or region: {OTHER}"),
        ({"flow_task_role_arn": OTHER.replace("us-east-1", "eu-west-1")}, "flow_task_role_arn"),
        ({"image_repository": "127.0.0.1:5000/pipeline"}, "no registry of this account"),
        ({"landing_bucket": "another"}, "landing_bucket is another"),
        ({"prefect_api_url": "http://127.0.0.1:4200/api"}, "prefect_api_url"),
        ({"secret_arns": {}}, "secret slack-webhook-url is not in the outputs"),
    ],
)
def test_outputs_of_elsewhere_are_named(change, told):
    settings = own_settings()
    problems = explain_outputs(settings, made_outputs(settings).model_copy(update=change))
    assert [problem for problem in problems if told in problem]


def test_roles_have_no_region():
    settings = own_settings()
    outputs = made_outputs(settings)
    assert outputs.flow_task_role_arn == f"arn:aws:iam::{ACCOUNT}:role/canton-prod-flow"
