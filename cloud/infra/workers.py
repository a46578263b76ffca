"""Prefect's workers, as services: one starts flow runs as tasks, one looks after other runs."""

from dataclasses import dataclass

from cloud.infra import services
from cloud.infra.cluster import Program, Roles, TaskPlacement, build_service
from cloud.infra.roles import (
    Image,
    Started,
    build_execution_role,
    build_idle_role,
    build_worker_role,
)
from cloud.infra.services import Made
from cloud.infra.stack import Stack


@dataclass(frozen=True)
class Parts:
    """The resources that the workers are built from."""

    made: Made
    pull: Image


def build_workers(stack: Stack, placement: TaskPlacement, parts: Parts, started: Started) -> None:
    """Make both services."""
    sizes, made = stack.settings.tasks, parts.made
    worker = services.worker(stack.settings, made)
    control = services.control_worker(stack.settings, made)
    keys = sorted(set(worker.environment.secrets.values()))
    secrets = [made.secret_arns[key] for key in keys]
    execution = build_execution_role(stack, "worker", parts.pull, secrets)
    roles = Roles(execution, build_worker_role(stack, started))
    build_service(stack, placement, Program(worker, sizes.worker, roles))
    idle = Roles(execution, build_idle_role(stack, "control"))
    build_service(stack, placement, Program(control, sizes.control, idle))
