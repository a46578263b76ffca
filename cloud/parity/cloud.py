"""A stack in the cloud, as its settings describe it, without Pulumi, an account or outputs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cloud.infra import services
from cloud.infra.containers import Container, define
from cloud.infra.environment import DATABASE_PASSWORD
from cloud.infra.names import SCHEMAS, STAGE, Names
from cloud.infra.services import Made
from cloud.infra.settings import ServerSettings, Settings, Size
from cloud.outputs import NOT_MADE, Outputs, placeholder_outputs
from cloud.parity.facts import (
    NONE,
    Facts,
    command_facts,
    handed_over,
    hardening_facts,
    health_facts,
    option_facts,
    prefixed,
    size_facts,
    variable_facts,
    writable_facts,
)
from cloud.parity.local import (
    CONTROL_WORKER,
    FLOW_RUN,
    SERVER,
    WORKER,
    control_pool_facts,
    deployments_facts,
)
from cloud.pools.job import (
    CONCURRENCY_LIMIT,
    POOL_OF_FILE,
    TYPE,
    container_definition,
    defaults,
    network,
    task_definition,
)
from deployments.deployments import read_deployments

_CONTAINER_WORDS = {
    "name", "image", "command", "essential", "environment", "secrets", "user", "stopTimeout",
    "readonlyRootFilesystem", "linuxParameters", "portMappings", "mountPoints", "logConfiguration",
    "healthCheck",
}  # fmt: skip
_DEFAULT_WORDS = {"image", "cpu", "memory", "container_name"}
_TASK_WORDS = {"containerDefinitions", "taskRoleArn"}
_LINUX_WORDS = {"initProcessEnabled", "capabilities", "tmpfs"}


def ecs_facts(settings: Settings, root: Path) -> Facts:
    """All of it; what AWS makes up is said to be not made yet.

    Args:
        settings: The stack's.
        root: Of the clone, for its prefect.yaml and the pool that every place has.
    """
    outputs = placeholder_outputs(settings)
    image = f"{outputs.image_repository}@{settings.tasks.image_digest or NOT_MADE}"
    wanted = read_deployments(
        {POOL_OF_FILE: settings.prefect.pool, "control": "control"}, root / "prefect.yaml"
    )
    return {
        **_services_facts(settings, outputs, image),
        **prefixed(FLOW_RUN, flow_run_facts(settings, outputs, image)),
        "pool of flow runs: name": settings.prefect.pool,
        "pool of flow runs: type": TYPE,
        "pool of flow runs: concurrency": str(CONCURRENCY_LIMIT or NONE),
        **control_pool_facts(root),
        **prefixed("snowflake", warehouse_facts(settings)),
        **deployments_facts(wanted),
    }


def _services_facts(settings: Settings, outputs: Outputs, image: str) -> Facts:
    """Describe the services: both workers and, unless Prefect Cloud is used, Prefect's server."""
    api, sizes = settings.prefect.api, settings.tasks
    arns = {**outputs.secret_arns, DATABASE_PASSWORD: NOT_MADE}
    made = Made(image, arns, Names(settings).log_group("workers"))
    there: dict[str, tuple[Container, Size]] = {
        WORKER: (services.worker(settings, made), sizes.worker),
        CONTROL_WORKER: (services.control_worker(settings, made), sizes.control),
    }
    if isinstance(api, ServerSettings):
        there[SERVER] = (services.server(settings, made, f"database-{NOT_MADE}"), api.size)
    facts: Facts = {}
    for role, (container, size) in there.items():
        described = container_facts(define(settings, container), size)
        facts |= prefixed(role, {**described, "restart": "by its ECS service"})
    if SERVER in there:
        facts[f"{SERVER}: database"] = f"Postgres {services.POSTGRES}"
    return facts


def flow_run_facts(settings: Settings, outputs: Outputs, image: str) -> Facts:
    """A flow run as the ECS worker starts it, with what the worker hands over."""
    worker = services.worker(settings, Made(image, outputs.secret_arns, NONE)).environment
    definition = container_definition(settings, outputs, image)
    return {
        **container_facts(definition, settings.tasks.flow),
        **handed_over(variable_facts(worker.values, worker.secrets)),
        **option_facts(task_definition(settings, outputs), _TASK_WORDS),
        **option_facts(defaults(settings, outputs, image), _DEFAULT_WORDS),
        **option_facts(network(outputs)["networkConfiguration"]["awsvpcConfiguration"]),
    }


def container_facts(definition: Mapping[str, Any], size: Size) -> Facts:
    """The only container of a task."""
    linux = definition["linuxParameters"]
    memory = {one["containerPath"]: f"{one['size']} MiB" for one in linux["tmpfs"]}
    volumes = {one["containerPath"]: "volume" for one in definition["mountPoints"]}
    return {
        "image": definition["image"],
        "user": definition["user"],
        **command_facts(definition["command"]),
        **variable_facts(
            {one["name"]: one["value"] for one in definition["environment"]},
            [one["name"] for one in definition["secrets"]],
        ),
        **hardening_facts(
            is_read_only=definition["readonlyRootFilesystem"],
            dropped=linux["capabilities"]["drop"],
            has_init=linux["initProcessEnabled"],
        ),
        "new privileges": "possible",  # ECS's option for it isn't one of Fargate's
        **size_facts(size.cpu / 1024, size.memory),
        **writable_facts({**memory, **volumes}),
        **{f"port {one['containerPort']}": "listens" for one in definition["portMappings"]},
        **_health(definition.get("healthCheck")),
        "stop seconds": str(definition["stopTimeout"]),
        "log": definition["logConfiguration"]["logDriver"],
        **option_facts(definition, _CONTAINER_WORDS),
        **option_facts(linux, _LINUX_WORDS),
    }


def _health(probe: Mapping[str, Any] | None) -> Facts:
    if probe is None:
        return {}
    return health_facts({**probe, "start_period": probe["startPeriod"]}, probe["command"][1:])


def warehouse_facts(settings: Settings) -> Facts:
    """Describe what the infrastructure program makes in Snowflake before any table exists."""
    names, snowflake = Names(settings), settings.snowflake
    return {
        "database": snowflake.database,
        "schemas": ", ".join(sorted(SCHEMAS)),
        "stage": f"BRONZE.{STAGE}",
        "stage reads": names.landing_url,
        "role": names.pipeline_role,
        "warehouse": snowflake.warehouse,
        "warehouse size": snowflake.warehouse_size,
        "integration": names.integration,
    }
