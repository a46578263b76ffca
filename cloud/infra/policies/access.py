"""Nothing is public, and nobody may do more than is named."""

from collections.abc import Iterator

from cloud.infra.graph import Graph, Resource
from cloud.infra.policies.reasons import EVERYBODY, WILDCARDS
from cloud.infra.policies.statements import Statement, statements_of

OPEN = {"0.0.0.0/0", "::/0"}
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
# Properties that must be set, and be false: AWS's default differs from resource to resource.
MUST_BE_FALSE = {
    "aws:rds/instance:Instance": "publiclyAccessible",
    "aws:ec2/subnet:Subnet": "mapPublicIpOnLaunch",
}


def no_public_addresses(resource: Resource) -> Iterator[str]:
    """Nothing that runs has an address outside."""
    name = MUST_BE_FALSE.get(resource.type)
    if name and resource.inputs.get(name) is not False:
        yield f"{name} is not false"
    if resource.type == "aws:ecs/service:Service":
        network = resource.inputs.get("networkConfiguration", {})
        if network.get("assignPublicIp") is not False:
            yield "assignPublicIp is not false"


def no_open_doors(resource: Resource) -> Iterator[str]:
    """No security group lets the whole internet in."""
    if resource.type == "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
        for name in ("cidrIpv4", "cidrIpv6"):
            if resource.inputs.get(name) in OPEN:
                yield f"lets {resource.inputs[name]} in"
    if resource.type.startswith("aws:ec2/") and resource.inputs.get("ingress"):
        yield "has rules inside the group: make them resources, which are checked"


def no_public_buckets(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Every bucket has a block on public access, with all of its four parts."""
    blocks = graph.of_type("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    for bucket in graph.of_type("aws:s3/bucket:Bucket"):
        its = [one for one in blocks if one.inputs.get("bucket") in bucket.called]
        missing = [name for name in BLOCKS if not any(one.inputs.get(name) is True for one in its)]
        if missing:
            yield bucket, f"public access isn't blocked: {', '.join(missing)}"


def no_public_grants(resource: Resource) -> Iterator[str]:
    """No document allows everybody; a condition doesn't make it better."""
    for statement in statements_of(resource):
        if statement.effect != "Allow" or "*" not in statement.principals:
            continue
        if (resource.key, statement.sid) not in EVERYBODY:
            yield f"statement {statement.sid!r} allows everybody"


def no_wildcards(resource: Resource) -> Iterator[str]:
    """Every allowed action and resource is named, or has its reason."""
    for statement in statements_of(resource):
        if statement.effect == "Allow" and (resource.key, statement.sid) not in WILDCARDS:
            for wide in wildcards_of(statement):
                yield f"statement {statement.sid!r} allows {wide}"


def wildcards_of(statement: Statement) -> list[str]:
    """List a statement's wildcards: actions with ``*``, resources with one before their own name.

    ``<bucket>/canton/*`` is named: the star stands within something of ours.
    """
    actions = [action for action in statement.actions if "*" in action]
    return actions + [one for one in statement.resources if not is_named(one)]


def is_named(resource: str) -> bool:
    """Tell whether a resource's own name comes before any wildcard in its ARN."""
    before, star, _ = resource.partition("*")
    if not star:
        return True
    _, colon, name = before.rpartition(":::")  # arn:aws:s3:::<bucket>/…
    if not colon and before.startswith("arn:"):  # arn:aws:<service>:<region>:<account>:<kind>/…
        name = before.split(":", 5)[5] if before.count(":") >= 5 else ""
        return "/" in name and name.partition("/")[2] != ""
    return "/" in name if colon else "}" in before  # ${…}: made by this program


def no_idle_reasons(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Every reason is of something that exists; else it would excuse what comes later."""
    for resource in graph.resources:
        for statement in statements_of(resource):
            if (resource.key, statement.sid) in WILDCARDS and not wildcards_of(statement):
                yield resource, f"statement {statement.sid!r} needs no reason any more"
