"""The whole pipeline, asked from inside the stack's network."""

import os
from dataclasses import dataclass

import httpx
import pytest

from local.console.commands import hold_against_ledger
from local.console.prefect_api import PrefectApi
from local.console.slack_inbox import slack_messages
from local.stack.runs import PIPELINE, follow
from services.settings import read_snowflake
from services.wiring import open_warehouse

SERVICES = {
    "prefect": "http://prefect-server:4200",
    "scan": "http://canton-scan:5012",
    "slack": "http://slack:8090",
}


@dataclass(frozen=True)
class Inside:
    """A `Target`: the services by their names on the network."""

    name = "the stack, from inside"

    def url(self, service):
        return SERVICES[service]

    def warehouse(self):
        return open_warehouse(
            read_snowflake(
                {
                    "SNOWFLAKE_ACCOUNT": "local",
                    "SNOWFLAKE_HOST": "snowflake",
                    "SNOWFLAKE_PORT": "8085",
                    "SNOWFLAKE_PROTOCOL": "http",
                    "SNOWFLAKE_USER": "pipeline",
                    "SNOWFLAKE_PASSWORD": os.environ["WAREHOUSE_PASSWORD"],
                }
            )
        )


@pytest.fixture
def api():
    client = PrefectApi(SERVICES["prefect"], os.environ["PREFECT_AUTH"])
    yield client
    client.close()


def get(path):
    auth = tuple(os.environ["PREFECT_AUTH"].split(":", 1))
    url = f"{SERVICES['prefect']}/{path}"
    return httpx.get(url, auth=auth, follow_redirects=True, trust_env=False).raise_for_status()


def test_prefects_page_is_served_from_here():
    assert "<title>Prefect" in get("").text


def test_prefect_knows_the_kinds_of_workers_by_itself():
    """Its page and `prefect deploy` ask for this; it asks raw.githubusercontent.com first."""
    assert (
        "docker" in get("api/collections/views/aggregate-worker-metadata").json()["prefect-docker"]
    )


def test_gold_equals_the_ledgers_own_account(api):
    deployed = {one["name"]: one["id"] for one in api.deployments()}
    run = follow(api, api.create_run(deployed[PIPELINE], {})["id"])
    assert run["state_type"] == "COMPLETED", run["state"]
    assert hold_against_ledger(Inside()) == 0
    assert slack_messages(SERVICES["slack"], after=0) == []
