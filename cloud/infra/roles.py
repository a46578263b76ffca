"""IAM roles: what ECS may do to start a task, and what runs in it may do then.

Flow runs, workers and server have an execution role each, which may read their secrets and no
others. A flow run may put and read pages; the worker may start flow runs and hear of their end;
Prefect's server mounts its folder (cloud/infra/server_home.py), the control worker may do nothing.
"""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from cloud.infra.foundation import Foundation, Roles
from cloud.infra.iam import allow, assumed_by_service, document
from cloud.infra.names import LANDING_PREFIX, QUARANTINE_PREFIX, RESULTS_PREFIX
from cloud.infra.stack import Stack

TASKS = "ecs-tasks.amazonaws.com"


def build_execution_role(
    stack: Stack,
    part: str,
    foundation: Foundation,
    log: aws.cloudwatch.LogGroup,
    secret_arns: Sequence[pulumi.Output[str]],
) -> aws.iam.Role:
    """The role with which ECS starts a container: pulls its image, reads its secrets, logs."""
    name = f"{part}-execution"
    role = _task_role(stack, name)
    statements = [
        allow("Login", ["ecr:GetAuthorizationToken"], ["*"]),
        allow(
            "Pull",
            [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            [foundation.repository.arn],
        ),
        allow(
            "Log",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [pulumi.Output.concat(log.arn, ":log-stream:*")],
        ),
    ]
    if secret_arns:
        statements.append(allow("Secrets", ["secretsmanager:GetSecretValue"], secret_arns))
    _attach(name, role, *statements)
    return role


def build_flow_role(stack: Stack, bucket_arn: pulumi.Output[str]) -> aws.iam.Role:
    """The role of a flow run: new pages, what was refused and results of steps, in this bucket.

    It may list the bucket, for without that S3 answers 403 where a page isn't there yet, not 404.
    """
    role = _task_role(stack, "flow")
    objects = [
        pulumi.Output.concat(bucket_arn, "/", prefix, "*")
        for prefix in (LANDING_PREFIX, QUARANTINE_PREFIX, RESULTS_PREFIX)
    ]
    _attach(
        "flow",
        role,
        allow("Pages", ["s3:GetObject", "s3:PutObject"], objects),
        allow("IsItThere", ["s3:ListBucket"], [bucket_arn]),
    )
    return role


def build_idle_role(stack: Stack, part: str) -> aws.iam.Role:
    """A role that may do nothing until something is allowed to it."""
    return _task_role(stack, part)


def build_worker_role(stack: Stack, foundation: Foundation, flow: Roles) -> aws.iam.Role:
    """The role of the worker: flow runs of one family in one cluster, and news of them."""
    role = _task_role(stack, "worker")
    families = stack.arn("ecs", f"task-definition/{stack.flow_family}:*")
    tasks = stack.arn("ecs", f"task/{stack.cluster}/*")
    is_ours = {"ArnEquals": {"ecs:cluster": foundation.cluster.arn}}
    _attach(
        "worker",
        role,
        allow("Run", ["ecs:RunTask"], [families], is_ours),
        # Its own family alone: a stolen worker must not register another service's definition.
        allow("Define", ["ecs:RegisterTaskDefinition"], [families]),
        allow("Watch", ["ecs:DescribeTasks", "ecs:StopTask"], [tasks], is_ours),
        allow("Tag", ["ecs:TagResource"], [families, tasks]),
        allow(
            "Definitions",
            ["ecs:DeregisterTaskDefinition", "ecs:DescribeTaskDefinition"],
            ["*"],
        ),
        allow(
            "HandOver",
            ["iam:PassRole"],
            [flow.execution.arn, flow.task.arn],
            {"StringEquals": {"iam:PassedToService": TASKS}},
        ),
        allow(
            "Events",
            [
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:GetQueueUrl",
                "sqs:ReceiveMessage",
            ],
            [foundation.queue.arn],
        ),
        allow(
            "LastWords",
            ["logs:GetLogEvents"],
            [pulumi.Output.concat(foundation.logs.flows.arn, ":log-stream:*")],
        ),
    )
    return role


def _task_role(stack: Stack, part: str) -> aws.iam.Role:
    return aws.iam.Role(
        part,
        **stack.named(part),
        assume_role_policy=assumed_by_service(TASKS, stack.account_id, stack.arn("ecs", "*")),
    )


def _attach(part: str, role: aws.iam.Role, *statements: dict[str, object]) -> None:
    aws.iam.RolePolicy(part, name=part, role=role.name, policy=document(*statements))
