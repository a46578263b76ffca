"""The shared resources that services and flow runs are built on."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from cloud.infra.containers import Made
from cloud.infra.firewall import Firewall
from cloud.infra.logs import Logs
from cloud.infra.network import Network
from cloud.infra.stack import Stack


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
