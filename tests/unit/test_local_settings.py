import os
import re
from pathlib import Path

import boto3
import pytest
import yaml
from dotenv import dotenv_values

from cloud.surroundings import local_traces
from deployments.containers import FLOW_RUN
from deployments.silence import SILENT
from local.console.local_settings import foreign_free, forget_accounts
from local.console.ports import Ports
from local.embedded.state import StateFolder
from local.embedded.world import pipeline_environment
from local.stack.pool import variables as flow_variables
from local.stack.settings import plan_stack

PORTS = Ports(prefect=1, scan=2, s3=3, snowflake=4, slack=5, home=6, snowflake_tls=7, dashboard=8)
ANYTHING = dict.fromkeys(FLOW_RUN.variables, "x")


@pytest.fixture
def silent():
    found = dotenv_values(SILENT)
    assert found["DO_NOT_TRACK"] == "1"
    return found


def test_make_run_is_told_to_be_silent_whatever_a_person_has_set(silent):
    told = foreign_free({"DO_NOT_TRACK": "0", "PREFECT_SERVER_ANALYTICS_ENABLED": "true"})
    assert told.items() >= silent.items()


def test_flow_runs_are_told_to_be_silent(silent):
    assert flow_variables(ANYTHING).items() >= silent.items()


def test_what_an_adapter_warns_of_stands_in_the_runs_log(tmp_path):
    state = StateFolder("mine", tmp_path)
    state.prepare()
    own = pipeline_environment(state, PORTS)
    of_stack = flow_variables(ANYTHING)
    assert [env["PREFECT_LOGGING_EXTRA_LOGGERS"] for env in (own, of_stack)] == ["services"] * 2


# What leads to a person's accounts: none of it may have an effect on what runs here.
PRODUCTION = {
    "AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPASDFGH",
    "AWS_PROFILE": "production",
    "AWS_SECRET_ACCESS_KEY": "hush",
    "AWS_SESSION_TOKEN": "hush",
    "LANDING_BUCKET": "canton-prod-landing",
    "PREFECT_API_KEY": "hush",
    "PREFECT_API_URL": "https://api.prefect.cloud/api/accounts/a/workspaces/w",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/hush",
    "SNOWFLAKE_ACCOUNT": "ACME-CANTON",
    "SNOWFLAKE_PRIVATE_KEY": "hush",
}


def test_nothing_of_a_production_account_reaches_what_make_run_starts(tmp_path):
    state = StateFolder("mine", tmp_path)
    state.prepare()
    own = pipeline_environment(state, PORTS)
    told = {**foreign_free(PRODUCTION), **own}  # as local/embedded/run.py has it
    assert [name for name, value in PRODUCTION.items() if told.get(name) == value] == []
    assert len(local_traces(told)) > 5


def test_make_run_itself_asks_no_account_either(monkeypatch):
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    forget_accounts(os.environ)
    assert not PRODUCTION.keys() & os.environ.keys()
    boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")


def test_nothing_of_a_production_account_reaches_the_stack(tmp_path, monkeypatch):
    text = Path("docker-compose.yml").read_text()
    services = yaml.safe_load(text)["services"]
    passed_on = [
        name
        for name, one in services.items()
        if not isinstance(one.get("environment", {}), dict)
        or None in one.get("environment", {}).values()
    ]
    assert passed_on == []
    monkeypatch.chdir(tmp_path)
    values = plan_stack(PRODUCTION).values
    assert {*re.findall(r"\$\{(\w+)", text)} <= values.keys()
    assert not {*PRODUCTION.values()} & {*values.values()}
