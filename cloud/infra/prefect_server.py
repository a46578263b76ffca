"""Prefect's server of our own: a service on ECS, its Postgres on RDS. Not made with Prefect Cloud.

It is reached within the VPC alone, by a private name. Its password for Postgres is made and changed
by RDS; a server that holds an old one fails its health check, and ECS starts it anew with the new.
"""

import dataclasses

import pulumi
import pulumi_aws as aws

from cloud.infra import services
from cloud.infra.cluster import Program, build_service
from cloud.infra.environment import DATABASE_PASSWORD
from cloud.infra.firewall import DATABASE_PORT, ServerGroups
from cloud.infra.foundation import Foundation, Roles
from cloud.infra.network import Network
from cloud.infra.roles import build_execution_role, build_idle_role
from cloud.infra.server_home import build_home
from cloud.infra.services import POSTGRES
from cloud.infra.settings import ServerSettings
from cloud.infra.stack import Stack


def build_prefect_server(stack: Stack, foundation: Foundation) -> None:
    """Make the database, the name and the service, where the server is our own."""
    api, groups, log = (
        stack.settings.prefect.api,
        foundation.firewall.server,
        foundation.logs.server,
    )
    if not isinstance(api, ServerSettings) or groups is None or log is None:
        return
    network = foundation.network
    database = _build_database(stack, network, groups, api)
    managed = database.master_user_secrets[0].secret_arn
    aws.secretsmanager.SecretRotation(
        "database-password",
        secret_id=managed,
        rotate_immediately=False,
        # less often than RDS's seven days: each change costs the server a minute
        rotation_rules={"automatically_after_days": api.password_days},
    )
    readable = [foundation.secret_arns["prefect-auth"], managed]
    roles = Roles(
        build_execution_role(stack, "server", foundation, log, readable),
        build_idle_role(stack, "server"),
    )
    volume, doors = build_home(stack, network, groups.files, roles.task)
    password = pulumi.Output.concat(managed, ":password::")  # one key of its JSON
    secret_arns = {**foundation.secret_arns, DATABASE_PASSWORD: password}
    made = dataclasses.replace(foundation.made(stack, log), secret_arns=secret_arns)
    container = services.server(stack.settings, made, database.address)
    program = Program(container, api.size, roles, [volume], doors)
    build_service(stack, foundation, groups.server, program, _build_name(stack, network))


def _build_database(
    stack: Stack, network: Network, groups: ServerGroups, api: ServerSettings
) -> aws.rds.Instance:
    subnets = aws.rds.SubnetGroup(
        "database",
        **stack.named("database"),
        subnet_ids=network.private_subnet_ids,
    )
    parameters = aws.rds.ParameterGroup(
        "database",
        **stack.named("database"),
        family=f"postgres{POSTGRES}",
        parameters=[{"name": "rds.force_ssl", "value": "1"}],
    )
    return aws.rds.Instance(
        "database",
        identifier=stack.of("database"),
        engine="postgres",
        engine_version=POSTGRES,
        instance_class=api.database_class,
        allocated_storage=api.database_gib,
        max_allocated_storage=2 * api.database_gib,  # RDS makes it larger by itself before it fills
        apply_immediately=True,  # at once, not in next week's maintenance window
        storage_type="gp3",
        storage_encrypted=True,
        db_name="prefect",
        username="prefect",
        manage_master_user_password=True,
        port=DATABASE_PORT,
        multi_az=api.is_multi_zone,
        publicly_accessible=False,
        db_subnet_group_name=subnets.name,
        parameter_group_name=parameters.name,
        vpc_security_group_ids=[groups.database],
        backup_retention_period=api.backup_days,
        copy_tags_to_snapshot=True,
        auto_minor_version_upgrade=True,
        deletion_protection=stack.settings.stack.is_protected,
        skip_final_snapshot=not stack.settings.stack.is_protected,
        final_snapshot_identifier=stack.of("database-last"),
        tags=stack.tags("database"),
        opts=stack.keeps_data,
    )


def _build_name(stack: Stack, network: Network) -> aws.servicediscovery.Service:
    """The private name that follows the server's task wherever it is started."""
    namespace = aws.servicediscovery.PrivateDnsNamespace(
        "internal",
        name=stack.dns_namespace,
        vpc=network.vpc_id,
        description="Names within the pipeline's VPC",
        tags=stack.tags("internal"),
    )
    return aws.servicediscovery.Service(
        "prefect-server",
        name="prefect-server",
        dns_config={
            "namespace_id": namespace.id,
            "dns_records": [{"type": "A", "ttl": 10}],
            "routing_policy": "MULTIVALUE",
        },
        tags=stack.tags("prefect-server"),
    )
