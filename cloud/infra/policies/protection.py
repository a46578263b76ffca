"""Policies: everything is encrypted, tagged, and has a retention period."""

from collections.abc import Iterator

from cloud.infra.graph import Graph, Resource
from cloud.infra.policies.statements import Statement, statements_of

# Any of these says that it is encrypted. CloudWatch Logs and Secrets Manager encrypt by themselves.
ENCRYPTED_BY: dict[str, tuple[str, ...]] = {
    "aws:ecr/repository:Repository": ("encryptionConfigurations",),
    "aws:efs/fileSystem:FileSystem": ("encrypted",),
    "aws:rds/instance:Instance": ("storageEncrypted",),
    "aws:sns/topic:Topic": ("kmsMasterKeyId",),
    "aws:sqs/queue:Queue": ("sqsManagedSseEnabled", "kmsMasterKeyId"),
}
# How long each keeps what it holds; nothing is kept for ever by not saying so.
KEPT_BY: dict[str, str] = {
    "aws:cloudwatch/logGroup:LogGroup": "retentionInDays",
    "aws:rds/instance:Instance": "backupRetentionPeriod",
    "aws:sqs/queue:Queue": "messageRetentionSeconds",
    "aws:secretsmanager/secret:Secret": "recoveryWindowInDays",
    "snowflake:index/database:Database": "dataRetentionTimeInDays",
}
# The type of resource that sets how long the objects of this one are kept.
LIFECYCLES: dict[str, tuple[str, str]] = {
    "aws:s3/bucket:Bucket": (
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "bucket",
    ),
    "aws:ecr/repository:Repository": ("aws:ecr/lifecyclePolicy:LifecyclePolicy", "repository"),
}
TAGS = ("stack", "Name", "owner", "cost-center", "managed-by")
UNTAGGABLE = frozenset(
    {
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        "aws:ec2/route:Route",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:efs/mountTarget:MountTarget",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:secretsmanager/secretRotation:SecretRotation",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sns/topicSubscription:TopicSubscription",
        "aws:sqs/queuePolicy:QueuePolicy",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",  # tagged by their group
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    }
)


def is_encrypted(resource: Resource) -> Iterator[str]:
    """Refuse a resource that holds data and has no encryption configured."""
    ways = ENCRYPTED_BY.get(resource.type)
    if ways and not any(resource.inputs.get(way) for way in ways):
        yield f"isn't encrypted: none of {', '.join(ways)} is set"


def buckets_are_encrypted(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Every bucket sets its encryption, and refuses requests without TLS."""
    kind = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    encrypted = {one.inputs.get("bucket") for one in graph.of_type(kind)}
    for bucket in graph.of_type("aws:s3/bucket:Bucket"):
        if not bucket.called & encrypted:
            yield bucket, "isn't encrypted"
        refused = {"Bool": {"aws:SecureTransport": "false"}}
        if not any(one.condition == refused for one in _denials(graph, bucket)):
            yield bucket, "takes requests without TLS"


def pages_are_kept(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Every bucket is versioned and refuses deletes, and puts that could replace an object."""
    versioned = {
        one.inputs.get("bucket")
        for one in graph.of_type("aws:s3/bucketVersioning:BucketVersioning")
        if one.inputs["versioningConfiguration"]["status"] == "Enabled"
    }
    for bucket in graph.of_type("aws:s3/bucket:Bucket"):
        if not bucket.called & versioned:
            yield bucket, "isn't versioned"
        found = list(_denials(graph, bucket))
        without = {action for one in found if not one.condition for action in one.actions}
        for action in ("s3:DeleteObject", "s3:DeleteObjectVersion"):
            if action not in without:
                yield bucket, f"allows {action}"
        guarded = {"Null": {"s3:if-none-match": "true"}}
        if not any("s3:PutObject" in one.actions and one.condition == guarded for one in found):
            yield bucket, "allows puts without if-none-match, which replace objects"


def is_tagged(resource: Resource) -> Iterator[str]:
    """All that AWS can tag carries our tags; the budget counts by the first."""
    if not resource.type.startswith("aws:") or resource.type in UNTAGGABLE:
        return
    tags = resource.inputs.get("tags") or {}
    if missing := [name for name in TAGS if not tags.get(name)]:
        yield f"has no tag {', '.join(missing)}"


def says_how_long(resource: Resource) -> Iterator[str]:
    """A resource that stores things sets its retention period."""
    name = KEPT_BY.get(resource.type)
    if name and not resource.inputs.get(name):
        yield f"{name} isn't set: things would be kept for ever, or not at all"


def has_a_lifecycle(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Buckets and registries say what becomes of what they hold."""
    for kind, (rules, name) in LIFECYCLES.items():
        ruled = {one.inputs.get(name) for one in graph.of_type(rules)}
        for resource in graph.of_type(kind):
            if not ruled & resource.called:
                yield resource, "has no lifecycle"


def speaks_tls(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """A database's parameters refuse who comes without TLS."""
    forced = {
        one.inputs.get("name")
        for one in graph.of_type("aws:rds/parameterGroup:ParameterGroup")
        if {"name": "rds.force_ssl", "value": "1"} in one.inputs.get("parameters", [])
    }
    for database in graph.of_type("aws:rds/instance:Instance"):
        if database.inputs.get("parameterGroupName") not in forced:
            yield database, "takes connections without TLS"


def _denials(graph: Graph, bucket: Resource) -> Iterator[Statement]:
    for policy in graph.of_type("aws:s3/bucketPolicy:BucketPolicy"):
        if policy.inputs.get("bucket") in bucket.called:
            for statement in statements_of(policy):
                if statement.effect == "Deny" and "*" in statement.principals:
                    yield statement
