"""The ECS cluster, and services that run in it: Fargate tasks that are always there."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from cloud.infra.containers import Container, define
from cloud.infra.settings import Size
from cloud.infra.stack import Stack


def build_cluster(stack: Stack) -> aws.ecs.Cluster:
    """Make the cluster. Container Insights stays off: for few tasks it isn't worth its cost."""
    return aws.ecs.Cluster(
        "cluster",
        name=stack.names.cluster,
        settings=[{"name": "containerInsights", "value": "disabled"}],
        tags=stack.tags("cluster"),
    )


@dataclass(frozen=True)
class TaskPlacement:
    """The cluster, subnets and security group that tasks run in."""

    cluster: aws.ecs.Cluster
    subnet_ids: Sequence[pulumi.Output[str]]
    security_group_id: pulumi.Output[str]


@dataclass(frozen=True)
class Roles:
    """The roles of a task: `execution` lets ECS start it, `task` is what it acts with."""

    execution: aws.iam.Role
    task: aws.iam.Role


def image_of(stack: Stack, repository: aws.ecr.Repository) -> pulumi.Output[str]:
    """The image by its digest; a tag that names none while nothing was pushed yet."""
    digest = stack.settings.tasks.image_digest
    return pulumi.Output.concat(
        repository.repository_url, f"@{digest}" if digest else ":none-was-pushed-yet"
    )


@dataclass(frozen=True)
class Program:
    """The container that a service runs, with its size, roles and volumes."""

    container: Container
    size: Size
    roles: Roles
    volumes: Sequence[aws.ecs.TaskDefinitionVolumeArgsDict] = ()


def build_service(
    stack: Stack,
    placement: TaskPlacement,
    program: Program,
    registry: aws.servicediscovery.Service | None = None,
    after: Sequence[pulumi.Resource] = (),
) -> aws.ecs.Service:
    """A task definition and the service that keeps one task of it; none before the first image.

    `after` is what a task needs to start, where nothing of the service names it.
    """
    part = program.container.name
    definition = build_task_definition(stack, program)
    return aws.ecs.Service(
        part,
        name=stack.names.of(part),
        cluster=placement.cluster.arn,
        task_definition=definition.arn,
        desired_count=1 if stack.settings.tasks.image_digest else 0,
        launch_type="FARGATE",
        platform_version="LATEST",
        deployment_circuit_breaker={"enable": True, "rollback": True},
        network_configuration={
            "subnets": list(placement.subnet_ids),
            "security_groups": [placement.security_group_id],
            "assign_public_ip": False,
        },
        service_registries={"registry_arn": registry.arn} if registry else None,
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        tags=stack.tags(part),
        opts=pulumi.ResourceOptions(depends_on=list(after)),
    )


def build_task_definition(stack: Stack, program: Program) -> aws.ecs.TaskDefinition:
    """The definition of a task with one container."""
    part = program.container.name
    return aws.ecs.TaskDefinition(
        part,
        family=stack.names.of(part),
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
