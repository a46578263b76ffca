"""The rights of whoever deploys flows: push an image, read the credentials for Prefect.

A policy of its own, so that nobody keeps the rights of an administrator that `pulumi up` takes.
"""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from cloud.infra.environment import SLACK_SECRET, client_environment, secret_keys
from cloud.infra.iam import allow, document
from cloud.infra.stack import Stack


def build_deployer(
    stack: Stack, repository_arn: pulumi.Output[str], secret_arns: Mapping[str, pulumi.Output[str]]
) -> None:
    """Make the policy ``<stack>-deployer``; people attach it to a user or a role of theirs."""
    settings = stack.settings
    read = sorted({*client_environment(settings).secrets.values(), SLACK_SECRET})
    aws.iam.Policy(
        "deployer",
        name=stack.of("deployer"),
        description="./pipeline deploy, ./pipeline rollback and ./pipeline schedule",
        policy=document(
            allow("Login", ["ecr:GetAuthorizationToken"], ["*"]),
            allow(
                "Image",
                [
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:CompleteLayerUpload",
                    "ecr:GetDownloadUrlForLayer",
                    "ecr:InitiateLayerUpload",
                    "ecr:PutImage",
                    "ecr:UploadLayerPart",
                ],
                [repository_arn],
            ),
            allow(
                "HaveValues",
                ["secretsmanager:DescribeSecret"],
                [secret_arns[key] for key in secret_keys(settings)],
            ),
            allow("Values", ["secretsmanager:GetSecretValue"], [secret_arns[key] for key in read]),
        ),
        tags=stack.tags("deployer"),
    )
