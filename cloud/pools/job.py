"""The settings that all flow runs on ECS share: task definition, size, roles, network.

Plain data for the template of the work pool, known without Prefect and its workers. Environment,
names of secrets and limits stand in the task definition, so that a run's own overrides, of which
ECS takes few characters (deployments/overrides.py), hold only what Prefect's worker adds.
"""

from typing import Any

from cloud.infra.containers import PLACE, Container, Made, define
from cloud.infra.environment import flow_environment
from cloud.infra.names import Names
from cloud.infra.settings import Settings
from cloud.outputs import Outputs
from deployments.containers import FLOW_RUN, command

TYPE = "ecs"
POOL_OF_FILE = "aws-ecs-prod"  # in prefect.yaml; each environment puts its own pool there
CONCURRENCY_LIMIT: int | None = None  # each deployment has its own
CONTAINER = "flow"
# By the variable of Prefect's client the worker's own name for where its secret is kept. The worker
# leaves out of a run's overrides what it is told here, and would else put its own value there.
CLIENT_SECRETS = {
    "PREFECT_API_AUTH_STRING": "prefect_api_auth_string_secret_arn",
    "PREFECT_API_KEY": "prefect_api_key_secret_arn",
}

Values = dict[str, Any]


def defaults(settings: Settings, outputs: Outputs, image: str) -> Values:
    size = settings.tasks.flow
    return {
        "image": image,
        "cpu": size.cpu,
        "memory": size.memory,
        "cluster": outputs.cluster_arn,
        "container_name": CONTAINER,
        "labels": Names(settings).tags(CONTAINER),
        "family": outputs.flow_family,
        "execution_role_arn": outputs.flow_execution_role_arn,
        "task_role_arn": outputs.flow_task_role_arn,
        "match_latest_revision_in_family": True,  # else each start of the worker registers it again
        **{
            CLIENT_SECRETS[name]: outputs.secret_arns[key]
            for name, key in flow_environment(settings).secrets.items()
            if name in CLIENT_SECRETS
        },
    }


def task_definition(settings: Settings, outputs: Outputs) -> Values:
    """The definition of a run's task, but for its size, its family and its execution role."""
    return {
        "containerDefinitions": [container_definition(settings, outputs, "{{ image }}")],
        "taskRoleArn": "{{ task_role_arn }}",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
    }


def container_definition(settings: Settings, outputs: Outputs, image: str) -> Values:
    container = Container(
        name=CONTAINER,
        command=command(FLOW_RUN, PLACE),  # none: each run brings Prefect's own
        environment=flow_environment(settings),
        made=Made(image, outputs.secret_arns, outputs.flow_log_group),
    )
    return define(settings, container)


def network(outputs: Outputs) -> Values:
    """The network of a task; complete, or the worker would look the VPC up before each run."""
    return {
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": list(outputs.private_subnet_ids),
                "securityGroups": list(outputs.flow_security_group_ids),
                "assignPublicIp": "DISABLED",
            }
        }
    }
