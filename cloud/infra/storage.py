"""The landing bucket: every page as it was received, written once and kept.

The bucket itself refuses what would change history: a delete, and a put that doesn't ask for a new
key. Administrators are refused too; who really must, changes this policy first, which is seen.
"""

import pulumi
import pulumi_aws as aws

from cloud.infra.iam import deny_all, document
from cloud.infra.names import RESULTS_PREFIX
from cloud.infra.stack import Stack

NO_VERSION_DAYS = 30
RESULT_DAYS = 30  # as long as an answer of the audit is good, services/audit.py


def build_storage(stack: Stack) -> aws.s3.Bucket:
    name = stack.settings.landing.bucket
    bucket = aws.s3.Bucket(
        "landing", bucket=name, tags=stack.tags("landing"), opts=stack.keeps_data
    )
    aws.s3.BucketVersioning(
        "landing", bucket=bucket.id, versioning_configuration={"status": "Enabled"}
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        "landing",
        bucket=bucket.id,
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
    )
    aws.s3.BucketOwnershipControls(
        "landing", bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}
    )
    block = aws.s3.BucketPublicAccessBlock(
        "landing",
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )
    aws.s3.BucketPolicy(
        "landing",
        bucket=bucket.id,
        policy=landing_policy(bucket.arn),
        opts=pulumi.ResourceOptions(depends_on=[block]),  # S3 refuses both at once
    )
    # Pages grow cheaper, none goes; results of steps go. The bucket's policy doesn't bind S3.
    aws.s3.BucketLifecycleConfiguration(
        "landing",
        bucket=bucket.id,
        rules=[
            {
                "id": "cold",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "transitions": [
                    {
                        "days": stack.settings.landing.cold_after_days,
                        "storage_class": "GLACIER_IR",  # read at once when something is replayed
                    }
                ],
                "noncurrent_version_expiration": {"noncurrent_days": NO_VERSION_DAYS},
                "abort_incomplete_multipart_upload": {"days_after_initiation": 1},
            },
            {
                "id": "results",
                "status": "Enabled",
                "filter": {"prefix": RESULTS_PREFIX},
                "expiration": {"days": RESULT_DAYS},
            },
        ],
    )
    return bucket


def landing_policy(bucket_arn: pulumi.Output[str]) -> pulumi.Output[str]:
    """Build the bucket policy: no deletes, no puts without an if-none-match header, TLS only.

    A copy within the bucket and an upload in parts carry no such header, so they are refused too.
    """
    objects = pulumi.Output.concat(bucket_arn, "/*")
    return document(
        deny_all("NoDeletes", ["s3:DeleteObject", "s3:DeleteObjectVersion"], [objects]),
        deny_all(
            "OnlyNewKeys", ["s3:PutObject"], [objects], {"Null": {"s3:if-none-match": "true"}}
        ),
        deny_all(
            "OnlyTls",
            ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
            [bucket_arn, objects],
            {"Bool": {"aws:SecureTransport": "false"}},
        ),
    )
