"""Security groups: who may open a connection to whom."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from cloud.infra.network import Network
from cloud.infra.settings import ServerSettings
from cloud.infra.stack import Stack
from deployments.containers import SERVER_PORT

HTTPS_PORT = 443
DATABASE_PORT = 5432
FILES_PORT = 2049


@dataclass(frozen=True)
class Peer:
    """The other end: a group or a range of addresses."""

    group: pulumi.Output[str] | None = None
    cidr: str | None = None


ANYWHERE = Peer(cidr="0.0.0.0/0")


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
    _egress("tasks-https", tasks, HTTPS_PORT, "The Scan, Snowflake, AWS, Slack", ANYWHERE)
    api = stack.settings.prefect.api
    if not isinstance(api, ServerSettings):
        return Firewall(tasks, None)
    return Firewall(tasks, _build_server_groups(stack, network, tasks, api))


def _build_server_groups(
    stack: Stack, network: Network, tasks: pulumi.Output[str], api: ServerSettings
) -> ServerGroups:
    server = _group(stack, network, "server", "Prefect's server")
    database = _group(stack, network, "database", "Postgres of Prefect's server")
    files = _group(stack, network, "files", "Files of Prefect's server")
    _egress("tasks-server", tasks, SERVER_PORT, "Prefect's API", Peer(group=server))
    _ingress("server-tasks", server, SERVER_PORT, "Flow runs and workers", Peer(group=tasks))
    for number, cidr in enumerate(api.admin_cidrs, 1):
        peer = Peer(cidr=str(cidr))
        _ingress(f"server-admin-{number}", server, SERVER_PORT, "Administrators", peer)
    _egress("server-https", server, HTTPS_PORT, "AWS, Slack", ANYWHERE)
    for part, group, port in (("database", database, DATABASE_PORT), ("files", files, FILES_PORT)):
        _egress(f"server-{part}", server, port, f"Its {part}", Peer(group=group))
        _ingress(f"{part}-server", group, port, "Prefect's server", Peer(group=server))
    return ServerGroups(server, database, files)


def _group(stack: Stack, network: Network, part: str, description: str) -> pulumi.Output[str]:
    return aws.ec2.SecurityGroup(
        part,
        name=stack.names.of(part),
        description=description,
        vpc_id=network.vpc_id,
        tags=stack.tags(part),
    ).id


def _ingress(name: str, to: pulumi.Output[str], port: int, description: str, peer: Peer) -> None:
    aws.vpc.SecurityGroupIngressRule(
        name,
        security_group_id=to,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description=description,
        referenced_security_group_id=peer.group,
        cidr_ipv4=peer.cidr,
    )


def _egress(name: str, of: pulumi.Output[str], port: int, description: str, peer: Peer) -> None:
    aws.vpc.SecurityGroupEgressRule(
        name,
        security_group_id=of,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description=description,
        referenced_security_group_id=peer.group,
        cidr_ipv4=peer.cidr,
    )
