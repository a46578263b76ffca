"""The overrides that a flow run sends when it starts on ECS, which limits their length.

Prefect's worker hands all of its own settings to each run, and what the deployment adds. So it is
the worker itself that makes the request here, up to the call; nothing is sent anywhere.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import boto3
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import Flow, FlowRun
from prefect.client.schemas.responses import DeploymentResponse
from prefect.flows import load_flow_arguments_from_entrypoint
from prefect.logging.loggers import disable_logger
from prefect_aws.workers.ecs_worker import ECSJobConfiguration, ECSWorker

from deployments.containers import Environment
from deployments.pools import Pool

# "A total of 8192 characters are allowed for overrides. This limit includes the JSON formatting
# characters": https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
MOST_CHARACTERS = 8192
_RUN_NAME = "x" * 40  # Prefect's own names of runs, as `brave-axolotl`, are shorter
_NOWHERE = "http://127.0.0.1:9/api"
_NO_KEY = "none"
_WORKER_NAME = "ecs"

Deployment = Mapping[str, Any]  # as in prefect.yaml


def measure_overrides(region: str, pool: Pool, deployment: Deployment, worker: Environment) -> int:
    """Return the length in characters of a run's overrides, as boto3 sends them."""
    ecs = RecordingEcs(region)
    request_run(ecs, pool, deployment, worker)
    return len(json.dumps(ecs.runs[0]["overrides"]))


@dataclass
class RecordingEcs:
    """A stand-in for ECS that validates a worker's requests as boto3 does, and records them."""

    region: str
    definitions: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    runs: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def get_client(self, service: str) -> Any:
        """Boto3's client of the service, that answers by itself in the network's place."""
        keys = {"aws_access_key_id": _NO_KEY, "aws_secret_access_key": _NO_KEY}
        client = boto3.client(service, region_name=self.region, **keys)  # pyright: ignore[reportCallIssue, reportArgumentType] -- any service
        client.meta.events.register(f"provide-client-params.{service}", self._take)
        client.meta.events.register(f"before-call.{service}", self._answer)
        return client

    def _take(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name == "RegisterTaskDefinition":
            self.definitions.append(params)
        if model.name == "RunTask":
            self.runs.append(params)

    def _answer(self, model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        return SimpleNamespace(status_code=200), self.answers()[model.name]

    def answers(self) -> dict[str, Any]:
        """Return the response to each operation; the last recorded definition is the family's."""
        number = len(self.definitions)
        name = {"taskDefinitionArn": f"arn:aws:ecs:{self.region}:none:task-definition/x:{number}"}
        last = {**self.definitions[-1], **name, "status": "ACTIVE"} if number else {}
        return {
            "DescribeTaskDefinition": {"taskDefinition": last},
            "RegisterTaskDefinition": {"taskDefinition": name},
            "RunTask": {"failures": [], "tasks": [{"taskArn": "none", "clusterArn": "none"}]},
        }


def request_run(ecs: RecordingEcs, pool: Pool, deployment: Deployment, worker: Environment) -> None:
    """Have Prefect's worker request a run of a deployment from ECS.

    Args:
        worker: The worker's environment; it has a value for each of the secrets too.
    """
    handed_over = {**worker.values, **dict.fromkeys(worker.secrets, "?" * 64)}

    class Configuration(ECSJobConfiguration):
        """The job configuration of a worker whose environment is not this process's."""

        @classmethod
        def _base_environment(cls) -> dict[str, str]:
            return {name: v for name, v in handed_over.items() if name.startswith("PREFECT_")}

    async def request() -> None:
        # For the blocks that a template names: ours names none, so it is never called. It trusts
        # nobody either: to read whom takes half a second.
        trusts_none = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        configuration = await Configuration.from_template_and_values(
            pool.template,
            deployment["work_pool"].get("job_variables", {}),
            client=PrefectClient(_NOWHERE, httpx_settings={"verify": trusts_none}),
        )
        flow_run, details = _new_run(deployment)
        configuration.prepare_for_flow_run(
            flow_run, **details, worker_name=_WORKER_NAME, worker_id=uuid4()
        )
        configuration.aws_credentials = cast("Any", ecs)
        await ECSWorker(pool.name, name=_WORKER_NAME).run(flow_run, configuration)

    with disable_logger("prefect.flow_runs.worker"):
        asyncio.run(request())


def _new_run(deployment: Deployment) -> tuple[FlowRun, dict[str, Any]]:
    named = load_flow_arguments_from_entrypoint(deployment["entrypoint"])["name"]
    flow = Flow(id=uuid4(), name=named, labels={})
    deployed = DeploymentResponse(id=uuid4(), name=deployment["name"], flow_id=flow.id, labels={})
    run = FlowRun(id=uuid4(), name=_RUN_NAME, flow_id=flow.id, deployment_id=deployed.id, labels={})
    return run, {"flow": flow, "deployment": deployed}
