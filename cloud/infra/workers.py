"""Prefect's workers, as services: one starts flow runs as tasks, one looks after other runs."""

from cloud.infra import services
from cloud.infra.cluster import Program, build_service
from cloud.infra.foundation import Foundation, Roles
from cloud.infra.roles import build_execution_role, build_idle_role, build_worker_role
from cloud.infra.stack import Stack


def build_workers(stack: Stack, foundation: Foundation, flow: Roles) -> None:
    settings, log = stack.settings, foundation.logs.workers
    made = foundation.made(stack, log)
    worker = services.worker(settings, made)
    control = services.control_worker(settings, made)
    secrets = [made.secret_arns[key] for key in sorted({*worker.environment.secrets.values()})]
    execution = build_execution_role(stack, "worker", foundation, log, secrets)
    for container, size, role in (
        (worker, settings.tasks.worker, build_worker_role(stack, foundation, flow)),
        (control, settings.tasks.control, build_idle_role(stack, "control")),
    ):
        program = Program(container, size, Roles(execution, role))
        build_service(stack, foundation, foundation.firewall.tasks, program)
