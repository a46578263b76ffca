"""The work pool whose runs are tasks on ECS.

What each run has in common stands in the task definition: environment, names of secrets, limits. A
run's own overrides, of which ECS takes 8,192 characters, hold only what Prefect's worker adds.
"""

from typing import Any

from cloud.outputs import Outputs
from control.pools import Pool, Template, worker_template
from infra.containers import Container, define
from infra.environment import Environment, flow_environment
from infra.names import Names
from infra.settings import Settings

TYPE = "ecs"
CONTAINER = "flow"
# By the variable of Prefect's client the worker's own name for where its secret is kept. The worker
# leaves out of a run's overrides what it is told here, and would else put its own value there.
CLIENT_SECRETS = {
    "PREFECT_API_AUTH_STRING": "prefect_api_auth_string_secret_arn",
    "PREFECT_API_KEY": "prefect_api_key_secret_arn",
}


def ecs_pool(settings: Settings, outputs: Outputs, image: str) -> Pool:
    """The pool of a stack.

    Args:
        settings: The stack's.
        outputs: What was made for it.
        image: With its digest.

    Raises:
        PoolWrong: `prefect-aws` isn't installed. It is not part of the stack: every process of
            Prefect's would import it, a second and 17 MB each.
    """
    environment = flow_environment(settings)
    template = worker_template(TYPE, _defaults(settings, outputs, image, environment))
    configuration = template["job_configuration"]
    configuration["task_definition"] |= _task_definition(settings, outputs, environment)
    configuration["task_run_request"] |= _where(outputs)
    return Pool(
        name=settings.prefect.pool,
        type=TYPE,
        description="Each flow run is a task on ECS.",
        template=template,
    )


def _defaults(
    settings: Settings, outputs: Outputs, image: str, environment: Environment
) -> dict[str, Any]:
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
            for name, key in environment.secrets.items()
            if name in CLIENT_SECRETS
        },
    }


def _task_definition(
    settings: Settings, outputs: Outputs, environment: Environment
) -> dict[str, Any]:
    container = Container(
        name="{{ container_name }}",
        command=(),  # each run brings Prefect's own, which hands a stopped task's run to another
        environment=environment,
        secret_arns=outputs.secret_arns,
        image="{{ image }}",
        log_group=outputs.flow_log_group,
    )
    return {
        "containerDefinitions": [define(settings, container)],
        "taskRoleArn": "{{ task_role_arn }}",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
    }


def _where(outputs: Outputs) -> Template:
    """The network of a task; said whole, or the worker would look the VPC up before each run."""
    return {
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": list(outputs.private_subnet_ids),
                "securityGroups": list(outputs.flow_security_group_ids),
                "assignPublicIp": "DISABLED",
            }
        }
    }
