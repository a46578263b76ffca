"""`prefect deploy` as people type it, against a server of Prefect's, and as `deploy` does it."""

import dataclasses
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.responses import DeploymentResponse
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings

from cloud.infra.settings import read_settings
from cloud.outputs import placeholder_outputs
from cloud.pools.ecs import ecs_pool
from deployments.apply import CONTROL_POOL
from deployments.deployments import read_deployments
from deployments.pools import ensure_pool, read_pool
from local.embedded import world
from local.embedded.children import Children
from local.embedded.state import StateFolder

pytestmark = pytest.mark.timeout(600)  # Prefect's command takes seconds, and runs three times
ROOT = Path(__file__).parents[3]
PROGRAMS = Path(sys.executable).parent
TYPED = (
    "prefect deploy flows/bronze_transactions.py:bronze_transactions_flow"
    ' --name canton-bronze-hourly --pool aws-ecs-prod --cron "0 * * * *"'
)
# What `./pipeline deploy` does with the deployments, in a process of its own: Prefect leaves
# connections open in it.
DEPLOY = """
from prefect.client.orchestration import get_client
from deployments.deployments import deploy, read_deployments
with get_client(sync_client=True) as client:
    deploy(client, read_deployments({"aws-ecs-prod": "aws-ecs-prod", "control": "control"}))
"""
NOWHERE = "http://127.0.0.1:9"  # the server asks GitHub for news of its integrations


@dataclass
class Server:
    """Prefect's server with the pools of production, and nothing deployed."""

    client: SyncPrefectClient
    environment: dict[str, str]

    def run(self, program: str, *arguments: str) -> str:
        """Run a program from the repository's root; what it says."""
        done = subprocess.run(
            [PROGRAMS / program, *arguments],
            cwd=ROOT, env=self.environment, check=False,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def deployment(self) -> DeploymentResponse:
        """The one of bronze."""
        return self.client.read_deployment_by_name(
            "canton-transactions-bronze/canton-bronze-hourly"
        )


@pytest.fixture(scope="module")
def server(children: Children, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    state, ports = StateFolder("prefect", tmp_path_factory.mktemp("state")), world.choose_ports({})
    state.prepare()
    spec = world.prefect(state, ports)
    children.wait_ready(
        children.start(dataclasses.replace(spec, env={**spec.env, "HTTPS_PROXY": NOWHERE}))
    )
    own = {**world.prefect_environment(state), "PREFECT_API_URL": f"{ports.url('prefect')}/api"}
    settings = read_settings("prod")
    image = f"registry.example/pipeline@sha256:{'ab' * 32}"
    with (
        temporary_settings(
            {PREFECT_API_URL: own["PREFECT_API_URL"], PREFECT_HOME: own["PREFECT_HOME"]}
        ),
        get_client(sync_client=True) as client,
    ):
        ensure_pool(client, ecs_pool(settings, placeholder_outputs(settings), image))
        ensure_pool(client, read_pool(CONTROL_POOL))
        yield Server(client, {**os.environ, **own})


def meaning(deployment: DeploymentResponse) -> dict[str, Any]:
    """All that a deployment says, without ids and times."""
    limit = deployment.global_concurrency_limit
    schedules = [
        one.model_dump(include={"schedule", "active", "slug", "parameters", "max_scheduled_runs"})
        for one in deployment.schedules
    ]
    said = deployment.model_dump(
        exclude={"id", "created", "updated", "global_concurrency_limit", "schedules"}
    )
    return {**said, "limit": limit and limit.limit, "schedules": schedules}


@dataclass
class Told:
    """Bronze's deployment after each way to tell the server of it, one over the other."""

    typed: DeploymentResponse
    with_the_others: DeploymentResponse
    typed_again: DeploymentResponse


@pytest.fixture(scope="module")
def told(server: Server) -> Told:
    """Typed; its schedule stopped by hand, and all deployed; typed again."""
    program, *arguments = shlex.split(TYPED)
    server.run(program, *arguments)
    typed = server.deployment()
    (schedule,) = typed.schedules
    server.client.update_deployment_schedule(typed.id, schedule.id, active=False)
    server.run("python", "-c", DEPLOY)
    with_the_others = server.deployment()
    server.run(program, *arguments)
    return Told(typed, with_the_others, server.deployment())


def test_the_command_as_typed_deploys_bronze_to_ecs(told: Told) -> None:
    bronze = told.typed
    assert bronze.work_pool_name == "aws-ecs-prod"
    assert bronze.entrypoint == "flows/bronze_transactions.py:bronze_transactions_flow"
    assert bronze.tags == ["auto-recover"]
    assert bronze.pull_steps == [
        {"prefect.deployments.steps.set_working_directory": {"directory": "/app"}}
    ]
    assert meaning(bronze)["limit"] == 1
    assert [(one.active, vars(one.schedule)["cron"]) for one in bronze.schedules] == [
        (True, "0 * * * *")
    ]


def test_it_says_what_a_deploy_of_all_says(told: Told) -> None:
    """Deploy in either order: schedules neither add up nor stop each other."""
    (schedule,) = told.with_the_others.schedules
    assert not schedule.active, "somebody stopped it"
    schedule.active = True
    assert meaning(told.with_the_others) == meaning(told.typed)
    assert meaning(told.typed_again) == meaning(told.typed)


def test_all_deployments_of_the_place_are_there(server: Server, told: Told) -> None:
    there = {one.name: one.work_pool_name for one in server.client.read_deployments()}
    wanted = read_deployments({"aws-ecs-prod": "aws-ecs-prod", "control": "control"})
    assert there == {one["name"]: one["work_pool"]["name"] for one in wanted["deployments"]}
    assert len(there) == 9
