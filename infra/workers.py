"""Prefect's workers, as services: one starts flow runs as tasks, one looks after other runs."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from infra.cluster import Place, Program, Roles, build_service
from infra.containers import Container
from infra.environment import (
    client_environment,
    control_command,
    worker_command,
    worker_environment,
)
from infra.roles import (
    Image,
    Started,
    build_execution_role,
    build_idle_role,
    build_worker_role,
)
from infra.stack import Stack

HEALTH = ("answers", "8080", "/health", "OK")


@dataclass(frozen=True)
class Parts:
    """What the workers are made of."""

    image: pulumi.Output[str]
    pull: Image
    secret_arns: Mapping[str, pulumi.Output[str]]
    log_group: pulumi.Output[str]


def build_workers(stack: Stack, place: Place, parts: Parts, started: Started) -> None:
    """Make both services."""
    settings = stack.settings
    environment = worker_environment(settings)
    secrets = [parts.secret_arns[key] for key in sorted(set(environment.secrets.values()))]
    execution = build_execution_role(stack, "worker", parts.pull, secrets)
    worker = Container(
        name="worker",
        command=worker_command(settings.prefect.pool),
        environment=environment,
        secret_arns=parts.secret_arns,
        image=parts.image,
        log_group=parts.log_group,
        health=HEALTH,
    )
    control = Container(
        name="control",
        command=control_command(),
        environment=client_environment(settings),
        secret_arns=parts.secret_arns,
        image=parts.image,
        log_group=parts.log_group,
        health=HEALTH,
    )
    sizes = settings.tasks
    roles = Roles(execution, build_worker_role(stack, started))
    build_service(stack, place, Program(worker, sizes.worker, roles))
    idle = Roles(execution, build_idle_role(stack, "control"))
    build_service(stack, place, Program(control, sizes.control, idle))
