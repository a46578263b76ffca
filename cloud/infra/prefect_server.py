"""Prefect's server of our own: a service on ECS, its Postgres on RDS. Not made with Prefect Cloud.

It is reached within the VPC alone, by a private name. Its password for Postgres is made and changed
by RDS; a server that holds an old one fails its health check, and ECS starts it anew with the new.
"""

import dataclasses
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from cloud.infra import services
from cloud.infra.cluster import Program, Roles, TaskPlacement, build_service
from cloud.infra.environment import DATABASE_PASSWORD
from cloud.infra.firewall import DATABASE_PORT, ServerGroups
from cloud.infra.network import Network
from cloud.infra.roles import Image, build_execution_role, build_idle_role
from cloud.infra.server_home import allow_home, build_home
from cloud.infra.services import POSTGRES, Made
from cloud.infra.settings import ServerSettings
from cloud.infra.stack import Stack


@dataclass(frozen=True)
class Parts:
    """The resources that Prefect's server is built from."""

    network: Network
    groups: ServerGroups
    made: Made
    pull: Image


def build_prefect_server(
    stack: Stack, placement: TaskPlacement, parts: Parts, api: ServerSettings
) -> None:
    """Make the database, the name and the service."""
    database = _build_database(stack, parts, api)
    managed = database.master_user_secrets[0].secret_arn
    _rotate(managed, api.password_days)
    readable = [parts.made.secret_arns["prefect-auth"], managed]
    roles = Roles(
        build_execution_role(stack, "server", parts.pull, readable),
        build_idle_role(stack, "server"),
    )
    home = build_home(stack, parts.network, parts.groups.files)
    allow_home(roles.task, home)
    password = pulumi.Output.concat(managed, ":password::")  # one key of its JSON
    secret_arns = {**parts.made.secret_arns, DATABASE_PASSWORD: password}
    made = dataclasses.replace(parts.made, secret_arns=secret_arns)
    container = services.server(stack.settings, made, database.address)
    program = Program(container, api.size, roles, [home.volume])
    build_service(stack, placement, program, _build_name(stack, parts), home.doors)


def _build_database(stack: Stack, parts: Parts, api: ServerSettings) -> aws.rds.Instance:
    subnets = aws.rds.SubnetGroup(
        "database",
        name=stack.names.of("database"),
        subnet_ids=parts.network.private_subnet_ids,
        tags=stack.tags("database"),
    )
    parameters = aws.rds.ParameterGroup(
        "database",
        name=stack.names.of("database"),
        family=f"postgres{POSTGRES}",
        parameters=[{"name": "rds.force_ssl", "value": "1"}],
        tags=stack.tags("database"),
    )
    return aws.rds.Instance(
        "database",
        identifier=stack.names.of("database"),
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
        vpc_security_group_ids=[parts.groups.database],
        backup_retention_period=api.backup_days,
        copy_tags_to_snapshot=True,
        auto_minor_version_upgrade=True,
        deletion_protection=stack.settings.stack.is_protected,
        skip_final_snapshot=not stack.settings.stack.is_protected,
        final_snapshot_identifier=stack.names.of("database-last"),
        tags=stack.tags("database"),
        opts=stack.keeps_data,
    )


def _rotate(secret_arn: pulumi.Output[str], days: int) -> None:
    """Less often than RDS's seven days: each change costs the server a minute."""
    aws.secretsmanager.SecretRotation(
        "database-password",
        secret_id=secret_arn,
        rotate_immediately=False,
        rotation_rules={"automatically_after_days": days},
    )


def _build_name(stack: Stack, parts: Parts) -> aws.servicediscovery.Service:
    """The private name that follows the server's task wherever it is started."""
    namespace = aws.servicediscovery.PrivateDnsNamespace(
        "internal",
        name=stack.names.dns_namespace,
        vpc=parts.network.vpc_id,
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
