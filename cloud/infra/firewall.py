"""Security groups: who may open a connection to whom."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi_aws.vpc import SecurityGroupEgressRule as Egress
from pulumi_aws.vpc import SecurityGroupIngressRule as Ingress

from cloud.infra.network import Network
from cloud.infra.settings import ServerSettings
from cloud.infra.stack import Stack
from deployments.containers import SERVER_PORT

HTTPS_PORT = 443
DATABASE_PORT = 5432
FILES_PORT = 2049
ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True)
class Firewall:
    """The groups' ids. Those of the server are there only where it is our own."""

    tasks: pulumi.Output[str]
    server: "ServerGroups | None"


@dataclass(frozen=True)
class ServerGroups:
    """The groups of Prefect's server and of what it keeps."""

    server: pulumi.Output[str]
    database: pulumi.Output[str]
    files: pulumi.Output[str]


def build_firewall(stack: Stack, network: Network) -> Firewall:
    """Make the groups; nobody outside gets in, and from tasks only HTTPS gets out."""
    tasks = _group(stack, network, "tasks", "Flow runs and workers")
    # Port 80 too would be for OCSP, which the Snowflake connector leaves off by default.
    whom = "The Scan, Snowflake, AWS, Slack"
    _rule(Egress, "tasks-https", tasks, HTTPS_PORT, whom, cidr_ipv4=ANYWHERE)
    api = stack.settings.prefect.api
    if not isinstance(api, ServerSettings):
        return Firewall(tasks, None)
    server = _group(stack, network, "server", "Prefect's server")
    database = _group(stack, network, "database", "Postgres of Prefect's server")
    files = _group(stack, network, "files", "Files of Prefect's server")
    peer = "referenced_security_group_id"
    _rule(Egress, "tasks-server", tasks, SERVER_PORT, "Prefect's API", **{peer: server})
    whom = "Flow runs and workers"
    _rule(Ingress, "server-tasks", server, SERVER_PORT, whom, **{peer: tasks})
    for number, cidr in enumerate(api.admin_cidrs, 1):
        name = f"server-admin-{number}"
        _rule(Ingress, name, server, SERVER_PORT, "Administrators", cidr_ipv4=str(cidr))
    for part, kept, port in (("database", database, DATABASE_PORT), ("files", files, FILES_PORT)):
        _rule(Egress, f"server-{part}", server, port, f"Its {part}", **{peer: kept})
        _rule(Ingress, f"{part}-server", kept, port, "Prefect's server", **{peer: server})
    _rule(Egress, "server-https", server, HTTPS_PORT, "AWS, Slack", cidr_ipv4=ANYWHERE)
    return Firewall(tasks, ServerGroups(server, database, files))


def _group(stack: Stack, network: Network, part: str, description: str) -> pulumi.Output[str]:
    return aws.ec2.SecurityGroup(
        part,
        **stack.named(part),
        description=description,
        vpc_id=network.vpc_id,
    ).id


def _rule(
    kind: type[Egress | Ingress],
    name: str,
    group: pulumi.Output[str],
    port: int,
    description: str,
    **peer: Any,
) -> None:
    kind(
        name,
        security_group_id=group,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description=description,
        **peer,
    )
