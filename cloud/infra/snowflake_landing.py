"""Snowflake reads the landing bucket: integration, role and stage.

The integration names the role and the role trusts the integration's user: a circle. It opens by
name: the role's ARN is known before there is a role, so the integration is made first, and the role
then trusts what Snowflake made for it. The external id makes sure that Snowflake assumes the role
for this account's integration and for nobody else's.
"""

import pulumi
import pulumi_aws as aws
import pulumi_snowflake as snowflake

from cloud.infra.iam import allow, document
from cloud.infra.names import LANDING_PREFIX, STAGE
from cloud.infra.snowflake_database import Database
from cloud.infra.stack import Stack

ROLE = "snowflake"


def build_landing(
    stack: Stack, database: Database, bucket_arn: pulumi.Output[str]
) -> snowflake.StageExternalS3:
    integration = snowflake.StorageIntegrationAws(
        "landing",
        name=stack.integration,
        enabled=True,
        storage_provider="S3",
        storage_aws_role_arn=stack.role_arn(ROLE),
        storage_allowed_locations=[stack.landing_url],
    )
    role = _build_role(stack, integration, bucket_arn)
    return snowflake.StageExternalS3(
        "landing",
        name=STAGE,
        database=database.name,
        schema=database.schemas["BRONZE"].name,
        url=stack.landing_url,
        storage_integration=integration.name,
        opts=pulumi.ResourceOptions(depends_on=[role]),
    )


def _build_role(
    stack: Stack, integration: snowflake.StorageIntegrationAws, bucket_arn: pulumi.Output[str]
) -> aws.iam.Role:
    """The role that Snowflake reads with: pages, and nothing beside them."""
    made = integration.describe_outputs[0]
    role = aws.iam.Role(
        ROLE,
        name=stack.of(ROLE),
        assume_role_policy=document(
            {
                "Sid": "Integration",
                "Effect": "Allow",
                "Principal": {"AWS": made.iam_user_arn},
                "Action": ["sts:AssumeRole"],
                "Condition": {"StringEquals": {"sts:ExternalId": made.external_id}},
            }
        ),
        tags=stack.tags(ROLE),
    )
    pages = pulumi.Output.concat(bucket_arn, "/", LANDING_PREFIX, "*")
    aws.iam.RolePolicy(
        ROLE,
        name=ROLE,
        role=role.name,
        policy=document(
            allow("Pages", ["s3:GetObject", "s3:GetObjectVersion"], [pages]),
            allow(
                "List",
                ["s3:ListBucket"],
                [bucket_arn],
                {"StringLike": {"s3:prefix": [f"{LANDING_PREFIX}*"]}},
            ),
            allow("Where", ["s3:GetBucketLocation"], [bucket_arn]),
        ),
    )
    return role
