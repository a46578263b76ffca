"""All of it, in the order in which it is needed; what others need of it is returned by name."""

from typing import Any

import pulumi

from cloud.infra.alarms import build_alarms
from cloud.infra.alerts import build_alerts
from cloud.infra.cluster import build_cluster, build_workers
from cloud.infra.deployer import build_deployer
from cloud.infra.ecs_events import build_ecs_events
from cloud.infra.environment import flow_environment
from cloud.infra.firewall import build_firewall
from cloud.infra.foundation import Foundation, Roles, build_logs, build_secrets
from cloud.infra.network import build_network
from cloud.infra.prefect_server import build_prefect_server
from cloud.infra.registry import build_registry
from cloud.infra.roles import build_execution_role, build_flow_role
from cloud.infra.settings import Settings
from cloud.infra.snowflake_access import build_access
from cloud.infra.snowflake_database import build_database, build_warehouse
from cloud.infra.snowflake_landing import build_landing
from cloud.infra.stack import Stack
from cloud.infra.storage import build_storage


def build(settings: Settings) -> dict[str, Any]:
    """Make a stack.

    Returns:
        What deploys, the work pool and people need: names, ARNs, and the address to be let in.
    """
    stack = Stack(settings)
    network = build_network(stack)
    cluster = build_cluster(stack)
    foundation = Foundation(
        network=network,
        firewall=build_firewall(stack, network),
        logs=build_logs(stack),
        repository=build_registry(stack),
        secret_arns=build_secrets(stack),
        cluster=cluster,
        queue=build_ecs_events(stack, cluster),
    )
    bucket = build_storage(stack)
    logs, secret_arns = foundation.logs, foundation.secret_arns
    keys = sorted({*flow_environment(settings).secrets.values()})
    readable = [secret_arns[key] for key in keys]
    flow = Roles(
        build_execution_role(stack, "flow", foundation, logs.flows, readable),
        build_flow_role(stack, bucket.arn),
    )
    build_workers(stack, foundation, flow)
    build_prefect_server(stack, foundation)
    build_deployer(stack, foundation.repository.arn, secret_arns)
    build_alarms(stack, build_alerts(stack), logs, foundation.queue)
    database = build_database(stack)
    stage = build_landing(stack, database, bucket.arn)
    build_access(stack, database, build_warehouse(stack), stage, network.egress_ip)
    return {
        "cluster_arn": cluster.arn,
        "ecs_events_queue": foundation.queue.name,
        "egress_ip": network.egress_ip,
        "flow_execution_role_arn": flow.execution.arn,
        "flow_family": stack.flow_family,
        "flow_log_group": logs.flows.name,
        "flow_security_group_ids": pulumi.Output.all(foundation.firewall.tasks),
        "flow_task_role_arn": flow.task.arn,
        "image_repository": foundation.repository.repository_url,
        "landing_bucket": bucket.bucket,
        "prefect_api_url": flow_environment(settings).values["PREFECT_API_URL"],
        "private_subnet_ids": pulumi.Output.all(*network.private_subnet_ids),
        "secret_arns": pulumi.Output.all(**secret_arns),
        "vpc_id": network.vpc_id,
    }
