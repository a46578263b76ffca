"""The ECS cluster, and services that run in it: Fargate tasks that are always there.

Of Prefect's workers, one starts flow runs as tasks, and one looks after other runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from cloud.infra import services
from cloud.infra.containers import Container, define
from cloud.infra.foundation import Foundation, Roles
from cloud.infra.roles import build_execution_role, build_idle_role, build_worker_role
from cloud.infra.settings import Size
from cloud.infra.stack import Stack


def build_cluster(stack: Stack) -> aws.ecs.Cluster:
    """Make the cluster. Container Insights stays off: for few tasks it isn't worth its cost."""
    return aws.ecs.Cluster(
        "cluster",
        name=stack.cluster,
        settings=[{"name": "containerInsights", "value": "disabled"}],
        tags=stack.tags("cluster"),
    )


@dataclass(frozen=True)
class Program:
    """The container that a service runs, with its size, roles and volumes.

    `after` is what a task needs to start, where nothing of the service names it.
    """

    container: Container
    size: Size
    roles: Roles
    volumes: Sequence[aws.ecs.TaskDefinitionVolumeArgsDict] = ()
    after: Sequence[pulumi.Resource] = ()


def build_service(
    stack: Stack,
    foundation: Foundation,
    security_group_id: pulumi.Output[str],
    program: Program,
    registry: aws.servicediscovery.Service | None = None,
) -> aws.ecs.Service:
    """A task definition and the service that keeps one task of it; none before the first image."""
    part = program.container.name
    definition = aws.ecs.TaskDefinition(
        part,
        family=stack.of(part),
        requires_compatibilities=["FARGATE"],
        network_mode="awsvpc",
        cpu=str(program.size.cpu),
        memory=str(program.size.memory),
        runtime_platform={"cpu_architecture": "X86_64", "operating_system_family": "LINUX"},
        execution_role_arn=program.roles.execution.arn,
        task_role_arn=program.roles.task.arn,
        container_definitions=pulumi.Output.json_dumps([define(stack.settings, program.container)]),
        volumes=list(program.volumes),
        tags=stack.tags(part),
    )
    return aws.ecs.Service(
        part,
        **stack.named(part),
        cluster=foundation.cluster.arn,
        task_definition=definition.arn,
        desired_count=1 if stack.settings.tasks.image_digest else 0,
        launch_type="FARGATE",
        platform_version="LATEST",
        deployment_circuit_breaker={"enable": True, "rollback": True},
        network_configuration={
            "subnets": foundation.network.private_subnet_ids,
            "security_groups": [security_group_id],
            "assign_public_ip": False,
        },
        service_registries={"registry_arn": registry.arn} if registry else None,
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        opts=pulumi.ResourceOptions(depends_on=list(program.after)),
    )


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
