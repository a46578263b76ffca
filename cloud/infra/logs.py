"""Log groups of flow runs, workers and Prefect's server. CloudWatch encrypts them itself."""

from dataclasses import dataclass

import pulumi_aws as aws

from cloud.infra.settings import ServerSettings
from cloud.infra.stack import Stack


@dataclass(frozen=True)
class Logs:
    """The groups; that of the server only where it is our own."""

    flows: aws.cloudwatch.LogGroup
    workers: aws.cloudwatch.LogGroup
    server: aws.cloudwatch.LogGroup | None


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
