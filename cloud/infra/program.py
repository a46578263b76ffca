"""All of it, in the order in which it is needed; what others need of it is returned by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from cloud.infra.alarms import build_alarms
from cloud.infra.alerts import build_alerts
from cloud.infra.cluster import TaskPlacement, build_cluster, image_of
from cloud.infra.deployer import build_deployer
from cloud.infra.ecs_events import build_ecs_events
from cloud.infra.environment import flow_environment
from cloud.infra.firewall import Firewall, build_firewall
from cloud.infra.logs import Logs, build_logs
from cloud.infra.network import Network, build_network
from cloud.infra.prefect_server import Parts as ServerParts
from cloud.infra.prefect_server import build_prefect_server
from cloud.infra.registry import build_registry
from cloud.infra.roles import Image, Started, build_execution_role, build_flow_role
from cloud.infra.secrets import build_secrets
from cloud.infra.services import Made
from cloud.infra.settings import ServerSettings, Settings
from cloud.infra.snowflake_access import Things, build_access
from cloud.infra.snowflake_database import build_database
from cloud.infra.snowflake_landing import build_landing
from cloud.infra.snowflake_warehouse import build_warehouse
from cloud.infra.stack import Stack
from cloud.infra.storage import build_storage
from cloud.infra.workers import Parts as WorkerParts
from cloud.infra.workers import build_workers

Outputs = dict[str, Any]


@dataclass(frozen=True)
class _Ground:
    """The shared resources that all services and flow runs are built on."""

    network: Network
    firewall: Firewall
    logs: Logs
    repository: aws.ecr.Repository
    secret_arns: Mapping[str, pulumi.Output[str]]
    cluster: aws.ecs.Cluster
    queue: aws.sqs.Queue

    @property
    def placement(self) -> TaskPlacement:
        """The place for tasks that accept no inbound connections."""
        return TaskPlacement(self.cluster, self.network.private_subnet_ids, self.firewall.tasks)


def build(settings: Settings) -> Outputs:
    """Make a stack.

    Returns:
        What deploys, the work pool and people need: names, ARNs, and the address to be let in.
    """
    stack = Stack(settings)
    ground = _build_ground(stack)
    bucket = build_storage(stack)
    flows = _build_flows(stack, ground, bucket)
    _build_workers(stack, ground, flows)
    _build_server(stack, ground)
    build_deployer(stack, ground.repository.arn, ground.secret_arns)
    build_alarms(stack, build_alerts(stack), ground.logs, ground.queue)
    _build_snowflake(stack, ground.network, bucket)
    return {
        "cluster_arn": ground.cluster.arn,
        "ecs_events_queue": ground.queue.name,
        "egress_ip": ground.network.egress_ip,
        "flow_execution_role_arn": flows.execution.arn,
        "flow_family": stack.names.flow_family,
        "flow_log_group": ground.logs.flows.name,
        "flow_security_group_ids": pulumi.Output.all(ground.firewall.tasks),
        "flow_task_role_arn": flows.task.arn,
        "image_repository": ground.repository.repository_url,
        "landing_bucket": bucket.bucket,
        "prefect_api_url": flow_environment(settings).values["PREFECT_API_URL"],
        "private_subnet_ids": pulumi.Output.all(*ground.network.private_subnet_ids),
        "secret_arns": pulumi.Output.all(**ground.secret_arns),
        "vpc_id": ground.network.vpc_id,
    }


def _build_ground(stack: Stack) -> _Ground:
    network = build_network(stack)
    cluster = build_cluster(stack)
    return _Ground(
        network=network,
        firewall=build_firewall(stack, network),
        logs=build_logs(stack),
        repository=build_registry(stack),
        secret_arns=build_secrets(stack),
        cluster=cluster,
        queue=build_ecs_events(stack, cluster),
    )


@dataclass(frozen=True)
class _FlowRoles:
    """The roles of flow runs, whose tasks Prefect's worker starts."""

    execution: aws.iam.Role
    task: aws.iam.Role


def _build_flows(stack: Stack, ground: _Ground, bucket: aws.s3.Bucket) -> _FlowRoles:
    keys = sorted(set(flow_environment(stack.settings).secrets.values()))
    execution = build_execution_role(
        stack,
        "flow",
        Image(ground.repository.arn, ground.logs.flows.arn),
        [ground.secret_arns[key] for key in keys],
    )
    return _FlowRoles(execution, build_flow_role(stack, bucket.arn))


def _build_workers(stack: Stack, ground: _Ground, flows: _FlowRoles) -> None:
    log = ground.logs.workers
    made = Made(image_of(stack, ground.repository), ground.secret_arns, log.name)
    parts = WorkerParts(made, Image(ground.repository.arn, log.arn))
    started = Started(
        cluster_arn=ground.cluster.arn,
        queue_arn=ground.queue.arn,
        log_group_arn=ground.logs.flows.arn,
        role_arns=[flows.execution.arn, flows.task.arn],
    )
    build_workers(stack, ground.placement, parts, started)


def _build_server(stack: Stack, ground: _Ground) -> None:
    """Prefect's server, where it is our own."""
    api, groups, log = stack.settings.prefect.api, ground.firewall.server, ground.logs.server
    if not isinstance(api, ServerSettings) or groups is None or log is None:
        return
    parts = ServerParts(
        network=ground.network,
        groups=groups,
        made=Made(image_of(stack, ground.repository), ground.secret_arns, log.name),
        pull=Image(ground.repository.arn, log.arn),
    )
    placement = TaskPlacement(ground.cluster, ground.network.private_subnet_ids, groups.server)
    build_prefect_server(stack, placement, parts, api)


def _build_snowflake(stack: Stack, network: Network, bucket: aws.s3.Bucket) -> None:
    database = build_database(stack)
    things = Things(database, build_warehouse(stack), build_landing(stack, database, bucket.arn))
    build_access(stack, things, network.egress_ip)
