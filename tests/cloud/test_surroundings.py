"""A shell that is set up for this machine isn't one to deploy from; one for the cloud is."""

import pytest

from cloud.surroundings import local_traces
from local.console.local_settings import s3_settings, warehouse_settings

CLOUD = {
    "AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPASDFGH",
    "AWS_PROFILE": "prod",
    "CANTON_BASE_URL": "https://scan.sv.canton.network/api/scan",
    "PREFECT_API_URL": "http://prefect-server.canton-prod.internal:4200/api",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/x",
    "SNOWFLAKE_ACCOUNT": "ACME-CANTON",
    "SNOWFLAKE_HOST": "acme-canton.snowflakecomputing.com",
    "SNOWFLAKE_PROTOCOL": "https",
}


def test_an_environment_of_the_cloud_has_no_trace_of_this_machine():
    assert local_traces(CLOUD) == []


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("AWS_ENDPOINT_URL", "http://user:hush@localhost:4566", "(http://localhost)"),
        ("AWS_ENDPOINT_URL_STS", "https://aws.internal.acme.com", "an emulator's"),
        ("AWS_ACCESS_KEY_ID", "test", "no key of AWS's"),
        ("CANTON_BASE_URL", "https://ok.acme.com/api,http://canton-scan:5012/api", "canton-scan"),
        ("LANDING_BUCKET", "canton-landing", "local bucket"),
        ("PREFECT_API_URL", "http://127.0.0.1:4200/api", "127.0.0.1"),
        ("PREFECT_API_URL", "http://[::1]:4200/api", "::1"),
        ("PREFECT_API_URL", "http://prefect-server:4200/api", "prefect-server"),
        ("SLACK_WEBHOOK_URL", "http://slack:8090/services/hush", "slack"),
        ("SNOWFLAKE_ACCOUNT", "local", "the local Snowflake's"),
        ("SNOWFLAKE_HOST", "snowflake", "no host of Snowflake's"),
        ("SNOWFLAKE_PROTOCOL", "http", "not https"),
    ],
)
def test_what_is_of_this_machine_is_named_and_no_secret_shown(name, value, told):
    (trace,) = local_traces({**CLOUD, name: value})
    assert trace.startswith(name)
    assert told in trace
    assert "hush" not in trace


def test_the_settings_of_make_run_are_noticed_by_each_system():
    local = {**s3_settings("http://127.0.0.1:1"), **warehouse_settings(1, "x")}
    assert [trace.split()[0] for trace in local_traces(local)] == [
        "AWS_ACCESS_KEY_ID",
        "AWS_ENDPOINT_URL_S3",
        "LANDING_BUCKET",
        "SNOWFLAKE_ACCOUNT",
        "SNOWFLAKE_HOST",
        "SNOWFLAKE_PROTOCOL",
    ]
