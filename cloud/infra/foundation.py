"""The shared resources that services and flow runs are built on."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from cloud.infra.containers import Made
from cloud.infra.environment import SECRETS, secret_keys
from cloud.infra.firewall import Firewall
from cloud.infra.network import Network
from cloud.infra.settings import ServerSettings
from cloud.infra.stack import Stack

RECOVERY_DAYS = 7  # of a secret that somebody deleted


@dataclass(frozen=True)
class Logs:
    """Log groups, which CloudWatch encrypts itself; the server's only where it is our own."""

    flows: aws.cloudwatch.LogGroup
    workers: aws.cloudwatch.LogGroup
    server: aws.cloudwatch.LogGroup | None


@dataclass(frozen=True)
class Foundation:
    """The network, registry, secrets (their ARNs by key), cluster and its events' queue."""

    network: Network
    firewall: Firewall
    logs: Logs
    repository: aws.ecr.Repository
    secret_arns: Mapping[str, pulumi.Output[str]]
    cluster: aws.ecs.Cluster
    queue: aws.sqs.Queue

    def made(self, stack: Stack, log: aws.cloudwatch.LogGroup) -> Made:
        """The resources that services' containers are built from; no image was pushed at first."""
        digest = stack.settings.tasks.image_digest
        tag = f"@{digest}" if digest else ":none-was-pushed-yet"
        image = pulumi.Output.concat(self.repository.repository_url, tag)
        return Made(image, self.secret_arns, log.name)


@dataclass(frozen=True)
class Roles:
    """The roles of a task: `execution` lets ECS start it, `task` is what it acts with."""

    execution: aws.iam.Role
    task: aws.iam.Role


def build_logs(stack: Stack) -> Logs:
    has_server = isinstance(stack.settings.prefect.api, ServerSettings)
    return Logs(
        _group(stack, "flows"),
        _group(stack, "workers"),
        _group(stack, "server") if has_server else None,
    )


def _group(stack: Stack, part: str) -> aws.cloudwatch.LogGroup:
    return aws.cloudwatch.LogGroup(
        f"{part}-log",
        name=stack.log_group(part),
        retention_in_days=stack.settings.logs.retention_days,
        tags=stack.tags(f"{part}-log"),
    )


def build_secrets(stack: Stack) -> Mapping[str, pulumi.Output[str]]:
    """Make the places; people put the values in, so that no state ever holds one."""
    return {
        key: aws.secretsmanager.Secret(
            key,
            name=stack.secret(key),
            description=SECRETS[key],
            recovery_window_in_days=RECOVERY_DAYS,
            tags=stack.tags(key),
        ).arn
        for key in secret_keys(stack.settings)
    }
