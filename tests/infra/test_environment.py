import json

import pytest

from cloud.infra.environment import (
    DATABASE_PASSWORD,
    SECRETS,
    client_environment,
    flow_environment,
    secret_keys,
    server_environment,
    worker_environment,
)
from cloud.infra.names import LANDING_PREFIX, QUARANTINE_PREFIX, RESULTS_PREFIX, STAGE
from cloud.infra.settings import ServerSettings
from services.audit import GOOD_FOR
from services.landing import ROOT, quarantine_key, result_key
from services.settings import read_settings, setting_names
from services.wiring import STAGE as PIPELINE_STAGE
from tests.clouds import changed


def names_of(environment):
    return {*environment.values, *environment.secrets}


def test_the_pipeline_takes_what_a_flow_run_gets(prod):
    environment = flow_environment(prod)
    pem = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
    secrets = dict.fromkeys(environment.secrets, pem)
    settings = read_settings(environment.values | secrets)

    assert settings.landing.bucket == prod.landing.bucket
    assert settings.snowflake.account == "EXAMPLE-CANTON"
    assert settings.snowflake.private_key.get_secret_value() == pem
    assert (settings.snowflake.user, settings.snowflake.role) == ("CANTON_PIPELINE",) * 2
    assert settings.canton.base_url == prod.canton.base_url


def test_messages_link_to_the_server_by_its_own_name_unless_a_page_is_named(prod):
    """A stack of another name would else have links to nowhere."""
    ours = changed(prod, stack={"name": "ledger"})
    page = client_environment(ours).values["PREFECT_UI_URL"]
    assert f"{page}/api" == client_environment(ours).values["PREFECT_API_URL"]
    assert page == "http://prefect-server.ledger.internal:4200"

    api = prod.prefect.api.model_copy(update={"page_url": "https://prefect.acme.com"})
    named = changed(ours, prefect={"api": api.model_dump(mode="json")})
    assert client_environment(named).values["PREFECT_UI_URL"] == "https://prefect.acme.com"
    server = server_environment(named).values
    assert server["PREFECT_SERVER_UI_API_URL"] == "https://prefect.acme.com/api"


def test_every_setting_that_a_flow_run_gets_is_one(prod):
    ours = {
        name
        for name in names_of(flow_environment(prod))
        if name.startswith(("CANTON_", "LANDING_", "SNOWFLAKE_", "SLACK_"))
    }
    assert ours <= {*setting_names()}


def test_secrets_are_named_and_nothing_secret_is_a_value(prod, on_cloud):
    assert isinstance(prod.prefect.api, ServerSettings)
    for environment in (
        flow_environment(prod),
        flow_environment(on_cloud),
        worker_environment(prod),
        server_environment(prod),
    ):
        assert {*environment.secrets.values()} <= {*SECRETS, DATABASE_PASSWORD}
        assert not {*environment.values} & {*environment.secrets}


def test_prefect_is_asked_where_it_is(prod, on_cloud):
    own, cloud = client_environment(prod), client_environment(on_cloud)
    assert own.values["PREFECT_API_URL"] == "http://prefect-server.canton-prod.internal:4200/api"
    assert own.secrets == {"PREFECT_API_AUTH_STRING": "prefect-auth"}
    assert cloud.values["PREFECT_API_URL"].startswith("https://api.prefect.cloud/")
    assert cloud.secrets == {"PREFECT_API_KEY": "prefect-api-key"}


def test_only_the_secrets_that_are_needed_are_made(prod, on_cloud):
    shared = ["slack-webhook-url", "snowflake-private-key"]
    assert secret_keys(prod) == ["prefect-auth", *shared]
    assert secret_keys(on_cloud) == ["prefect-api-key", *shared]


def test_the_layout_of_the_bucket_is_the_pipelines_own():
    assert LANDING_PREFIX == ROOT
    assert quarantine_key(b"").startswith(QUARANTINE_PREFIX)
    assert result_key("a") == f"{RESULTS_PREFIX}a"
    assert f"BRONZE.{STAGE}".lower() == PIPELINE_STAGE.lower()


def test_only_results_are_deleted_and_not_before_they_are_too_old(graph):
    kind = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    rules = graph.one(kind, "landing").inputs["rules"]
    deleted = {
        one["filter"]["prefix"]: one["expiration"]["days"] for one in rules if "expiration" in one
    }
    assert deleted == {RESULTS_PREFIX: GOOD_FOR.days}


@pytest.mark.parametrize("name", ["worker", "control", "server"])
def test_containers_get_their_environment_and_no_other(graph, prod, name):
    task = graph.one("aws:ecs/taskDefinition:TaskDefinition", name)
    (container,) = json.loads(task.inputs["containerDefinitions"])
    wanted = {
        "worker": worker_environment(prod),
        "control": client_environment(prod),
        "server": server_environment(prod),
    }[name]
    values = {one["name"]: one["value"] for one in container["environment"]}
    host = {"PREFECT_SERVER_DATABASE_HOST": "${Instance.database.address}"}

    assert values == wanted.values | (host if name == "server" else {})
    assert {one["name"] for one in container["secrets"]} == {*wanted.secrets}
