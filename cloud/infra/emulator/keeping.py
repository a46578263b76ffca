"""Handlers for resources that store data: bucket, registry, secrets, logs, files, database."""

from typing import Any

from cloud.infra.emulator.aws import Aws, Handler, Inputs, Made, pascal, tags


def _bucket(aws: Aws, inputs: Inputs) -> Made:
    s3, name = aws.client("s3"), inputs["bucket"]
    s3.create_bucket(Bucket=name)
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags(inputs)})
    return name, {"arn": f"arn:aws:s3:::{name}"}


def _versioning(aws: Aws, inputs: Inputs) -> Made:
    aws.client("s3").put_bucket_versioning(**pascal(inputs, "bucket", "versioningConfiguration"))
    return inputs["bucket"], {}


def _encryption(aws: Aws, inputs: Inputs) -> Made:
    algorithm = inputs["rules"][0]["applyServerSideEncryptionByDefault"]["sseAlgorithm"]
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
    aws.client("s3").put_bucket_encryption(
        Bucket=inputs["bucket"], ServerSideEncryptionConfiguration={"Rules": [rule]}
    )
    return inputs["bucket"], {}


def _ownership(aws: Aws, inputs: Inputs) -> Made:
    aws.client("s3").put_bucket_ownership_controls(
        Bucket=inputs["bucket"],
        OwnershipControls={"Rules": [pascal(inputs["rule"], "objectOwnership")]},
    )
    return inputs["bucket"], {}


def _public_access(aws: Aws, inputs: Inputs) -> Made:
    names = (
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    )
    aws.client("s3").put_public_access_block(
        Bucket=inputs["bucket"], PublicAccessBlockConfiguration=pascal(inputs, *names)
    )
    return inputs["bucket"], {}


def _bucket_policy(aws: Aws, inputs: Inputs) -> Made:
    aws.client("s3").put_bucket_policy(**pascal(inputs, "bucket", "policy"))
    return inputs["bucket"], {}


def _lifecycle(aws: Aws, inputs: Inputs) -> Made:
    aws.client("s3").put_bucket_lifecycle_configuration(
        Bucket=inputs["bucket"],
        LifecycleConfiguration={"Rules": [_lifecycle_rule(one) for one in inputs["rules"]]},
    )
    return inputs["bucket"], {}


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    names = ("status", "filter", "transitions", "expiration", "abortIncompleteMultipartUpload")
    noncurrent = pascal(rule, "noncurrentVersionExpiration")
    return {"ID": rule["id"], **pascal(rule, *names), **noncurrent}


def _repository(aws: Aws, inputs: Inputs) -> Made:
    encryption = inputs["encryptionConfigurations"][0]["encryptionType"]
    made = aws.client("ecr").create_repository(
        repositoryName=inputs["name"],
        imageTagMutability=inputs["imageTagMutability"],
        imageScanningConfiguration=inputs["imageScanningConfiguration"],
        encryptionConfiguration={"encryptionType": encryption},
        tags=tags(inputs),
    )["repository"]
    return inputs["name"], {"arn": made["repositoryArn"], "repositoryUrl": made["repositoryUri"]}


def _kept_images(aws: Aws, inputs: Inputs) -> Made:
    aws.client("ecr").put_lifecycle_policy(
        repositoryName=inputs["repository"], lifecyclePolicyText=inputs["policy"]
    )
    return inputs["repository"], {}


def _secret(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("secretsmanager").create_secret(
        Name=inputs["name"], Description=inputs["description"], Tags=tags(inputs)
    )
    return made["ARN"], {"arn": made["ARN"]}


def _log_group(aws: Aws, inputs: Inputs) -> Made:
    logs, name = aws.client("logs"), inputs["name"]
    logs.create_log_group(logGroupName=name, tags=inputs["tags"])
    days = int(inputs["retentionInDays"])
    logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    (group,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return name, {"arn": group["arn"].removesuffix(":*")}


def _subnet_group(aws: Aws, inputs: Inputs) -> Made:
    aws.client("rds").create_db_subnet_group(
        DBSubnetGroupName=inputs["name"],
        DBSubnetGroupDescription="Managed by Pulumi",
        SubnetIds=inputs["subnetIds"],
    )
    return inputs["name"], {}


def _parameter_group(aws: Aws, inputs: Inputs) -> Made:
    rds, name = aws.client("rds"), inputs["name"]
    rds.create_db_parameter_group(
        DBParameterGroupName=name,
        DBParameterGroupFamily=inputs["family"],
        Description="Managed by Pulumi",
    )
    parameters = [
        {"ParameterName": one["name"], "ParameterValue": one["value"], "ApplyMethod": "immediate"}
        for one in inputs["parameters"]
    ]
    rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=parameters)
    return name, {}


def _file_system(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("efs").create_file_system(Encrypted=inputs["encrypted"], Tags=tags(inputs))
    return made["FileSystemId"], {"arn": made["FileSystemArn"]}


def _mount_target(aws: Aws, inputs: Inputs) -> Made:
    names = ("fileSystemId", "subnetId", "securityGroups")
    made = aws.client("efs").create_mount_target(**pascal(inputs, *names))
    return made["MountTargetId"], {}


def _access_point(aws: Aws, inputs: Inputs) -> Made:
    made = aws.client("efs").create_access_point(
        **pascal(inputs, "fileSystemId", "posixUser", "rootDirectory"), Tags=tags(inputs)
    )
    return made["AccessPointId"], {"arn": made["AccessPointArn"]}


_SSE = "BucketServerSideEncryptionConfiguration"  # its token is wider than a line
HANDLERS: dict[str, Handler] = {
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _kept_images,
    "aws:ecr/repository:Repository": _repository,
    "aws:efs/accessPoint:AccessPoint": _access_point,
    "aws:efs/fileSystem:FileSystem": _file_system,
    "aws:efs/mountTarget:MountTarget": _mount_target,
    "aws:rds/parameterGroup:ParameterGroup": _parameter_group,
    "aws:rds/subnetGroup:SubnetGroup": _subnet_group,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _lifecycle,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _ownership,
    "aws:s3/bucketPolicy:BucketPolicy": _bucket_policy,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _public_access,
    f"aws:s3/{_SSE[:1].lower()}{_SSE[1:]}:{_SSE}": _encryption,
    "aws:s3/bucketVersioning:BucketVersioning": _versioning,
    "aws:secretsmanager/secret:Secret": _secret,
}
