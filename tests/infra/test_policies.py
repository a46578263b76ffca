"""Every policy holds of every stack, and fails on something bad made from something good."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from cloud.infra.graph import Graph, Resource
from cloud.infra.policies.access import wildcards_of
from cloud.infra.policies.reasons import EVERYBODY, WILDCARDS
from cloud.infra.policies.rules import GRAPH_RULES, RESOURCE_RULES, rule_name
from cloud.infra.policies.statements import Statement, statements_of
from tests.infra.violations import violations

Change = Callable[[dict[str, Any]], None]


@pytest.mark.parametrize("which", ["graph", "dev_graph", "cloud_graph"])
def test_no_stack_breaks_a_policy(which, request):
    assert violations(request.getfixturevalue(which)) == []


def setting(**changes: Any) -> Change:
    """Inputs with other values."""
    return lambda inputs: inputs.update(changes)


def without(name: str) -> Change:
    return lambda inputs: inputs.pop(name)


def statement(number: int, name: str = "policy", **changes: Any) -> Change:
    """A document whose statement with a number says something else."""

    def change(inputs: dict[str, Any]) -> None:
        document = json.loads(inputs[name])
        document["Statement"][number] |= changes
        inputs[name] = json.dumps(document)

    return change


def container(**changes: Any) -> Change:
    def change(inputs: dict[str, Any]) -> None:
        (one,) = json.loads(inputs["containerDefinitions"])
        inputs["containerDefinitions"] = json.dumps([one | changes])

    return change


def broken(graph: Graph, key: str, change: Change) -> Graph:
    """The graph with one resource changed."""
    resources = list(graph.resources)
    (number,) = (number for number, one in enumerate(resources) if one.key == key)
    good = resources[number]
    inputs = json.loads(json.dumps(good.inputs))
    change(inputs)
    assert inputs != good.inputs, "nothing was changed"
    resources[number] = Resource(good.type, good.name, inputs)
    return Graph(tuple(resources), graph.outputs)


SSE = "BucketServerSideEncryptionConfiguration.landing"
BAD = [
    ("no-public-addresses", "Instance.database", setting(publiclyAccessible=True)),
    ("no-public-addresses", "Instance.database", without("publiclyAccessible")),
    ("no-public-addresses", "Subnet.private-1", setting(mapPublicIpOnLaunch=True)),
    ("no-public-addresses", "Service.worker", setting(networkConfiguration={})),
    ("no-open-doors", "SecurityGroupIngressRule.server-tasks", setting(cidrIpv4="0.0.0.0/0")),
    ("no-open-doors", "SecurityGroupIngressRule.server-tasks", setting(cidrIpv6="::/0")),
    ("no-open-doors", "SecurityGroup.tasks", setting(ingress=[{"fromPort": 22}])),
    ("no-public-buckets", "BucketPublicAccessBlock.landing", setting(blockPublicAcls=False)),
    ("no-public-buckets", "BucketPublicAccessBlock.landing", without("restrictPublicBuckets")),
    ("no-public-buckets", "BucketPublicAccessBlock.landing", setting(bucket="another")),
    ("no-public-grants", "QueuePolicy.ecs-events", statement(0, Principal="*")),
    ("no-public-grants", "TopicPolicy.alerts", statement(0, Principal={"AWS": ["*"]})),
    ("no-public-grants", "Role.flow", statement(0, "assumeRolePolicy", Principal={"AWS": "*"})),
    ("no-wildcards", "RolePolicy.flow", statement(0, Action=["s3:*"])),
    ("no-wildcards", "RolePolicy.flow", statement(0, Action="s3:Get*")),
    ("no-wildcards", "RolePolicy.flow", statement(0, Resource="*")),
    ("no-wildcards", "RolePolicy.flow", statement(0, Resource=["arn:aws:s3:::*/canton/*"])),
    ("no-wildcards", "RolePolicy.worker", statement(0, Resource=["arn:aws:ecs:us-east-1:1:*"])),
    ("no-idle-reasons", "RolePolicy.worker", statement(4, Resource=["arn:aws:ecs:::x/y"])),
    ("is-encrypted", "Instance.database", setting(storageEncrypted=False)),
    ("is-encrypted", "FileSystem.server", setting(encrypted=False)),
    ("is-encrypted", "Queue.ecs-events", without("sqsManagedSseEnabled")),
    ("is-encrypted", "Topic.alerts", without("kmsMasterKeyId")),
    ("is-encrypted", "Repository.pipeline", without("encryptionConfigurations")),
    ("buckets-are-encrypted", SSE, setting(bucket="another")),
    ("buckets-are-encrypted", "BucketPolicy.landing", statement(2, Effect="Allow")),
    ("pages-are-kept", "BucketVersioning.landing", setting(bucket="another")),
    (
        "pages-are-kept",
        "BucketVersioning.landing",
        setting(versioningConfiguration={"status": "Suspended"}),
    ),
    ("pages-are-kept", "BucketPolicy.landing", statement(0, Action=["s3:DeleteObject"])),
    ("pages-are-kept", "BucketPolicy.landing", statement(0, Principal={"AWS": "someone"})),
    ("pages-are-kept", "BucketPolicy.landing", statement(0, Condition={"Bool": {"a": "b"}})),
    ("pages-are-kept", "BucketPolicy.landing", statement(1, Action=["s3:GetObject"])),
    ("pages-are-kept", "BucketPolicy.landing", statement(1, Condition={})),
    ("is-tagged", "Vpc.vpc", without("tags")),
    ("is-tagged", "Cluster.cluster", lambda inputs: inputs["tags"].pop("owner")),
    ("says-how-long", "LogGroup.flows-log", without("retentionInDays")),
    ("says-how-long", "LogGroup.flows-log", setting(retentionInDays=0)),
    ("says-how-long", "Instance.database", setting(backupRetentionPeriod=0)),
    ("has-a-lifecycle", "BucketLifecycleConfiguration.landing", setting(bucket="another")),
    ("has-a-lifecycle", "LifecyclePolicy.pipeline", setting(repository="another")),
    ("speaks-tls", "ParameterGroup.database", setting(parameters=[])),
    ("speaks-tls", "Instance.database", without("parameterGroupName")),
    ("is-hardened", "TaskDefinition.worker", container(readonlyRootFilesystem=False)),
    ("is-hardened", "TaskDefinition.worker", container(user="root")),
    ("is-hardened", "TaskDefinition.worker", container(user="0:0")),
    ("is-hardened", "TaskDefinition.worker", container(privileged=True)),
    ("is-hardened", "TaskDefinition.worker", container(logConfiguration=None)),
    (
        "hides-secrets",
        "TaskDefinition.worker",
        container(environment=[{"name": "PREFECT_API_AUTH_STRING", "value": "x"}]),
    ),
    ("has-a-size-of-fargate", "TaskDefinition.worker", setting(memory="513")),
    ("has-a-size-of-fargate", "TaskDefinition.worker", setting(cpu="300")),
    ("costs-end", "Warehouse.warehouse", without("autoSuspend")),
    ("costs-end", "Warehouse.warehouse", without("resourceMonitor")),
    ("costs-end", "ResourceMonitor.monitor", without("suspendTrigger")),
    ("grants-are-named", "GrantPrivilegesToAccountRole.pipeline-gold", setting(privileges=["ALL"])),
    ("grants-are-named", "GrantPrivilegesToAccountRole.pipeline-gold", without("privileges")),
    (
        "grants-are-named",
        "GrantPrivilegesToAccountRole.pipeline-gold",
        setting(allPrivileges=True),
    ),
    (
        "reads-one-place",
        "StorageIntegrationAws.landing",
        setting(storageAllowedLocations=["s3://bucket/"]),
    ),
    ("reads-one-place", "StorageIntegrationAws.landing", without("storageAllowedLocations")),
]


@pytest.mark.parametrize(
    ("rule", "key", "change"), [pytest.param(*one, id=f"{one[0]}-{n}") for n, one in enumerate(BAD)]
)
def test_a_bad_resource_breaks_the_policy_that_is_meant(graph, rule, key, change):
    found = violations(broken(graph, key, change))
    assert rule in {one.rule for one in found}, found


def test_a_user_that_could_have_a_password_is_refused(graph):
    user = Resource("snowflake:index/user:User", "person", {"name": "PERSON"})
    owner = Resource("snowflake:index/grantOwnership:GrantOwnership", "away", {})
    rules = {one.rule for one in violations(Graph((user, owner), {}))}
    assert rules == {"logs-in-with-a-key", "grants-are-named"}


def test_every_policy_is_seen_to_fail():
    rules = {rule_name(rule) for rule in (*RESOURCE_RULES, *GRAPH_RULES)}
    assert {rule for rule, _, _ in BAD} | {"logs-in-with-a-key"} == rules


def test_every_reason_is_of_a_statement_that_there_is(graph):
    there = {(one.key, held.sid) for one in graph.resources for held in statements_of(one)}
    assert {*WILDCARDS, *EVERYBODY} <= there


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:s3:::bucket",
        "arn:aws:s3:::bucket/canton/*",
        "${Bucket.landing.arn}/canton/*",
        "${LogGroup.flows-log.arn}:log-stream:*",
        "arn:aws:ecs:us-east-1:444455556666:task/canton-prod/*",
        "arn:aws:logs:us-east-1:444455556666:log-group:/canton-prod/flows:*",
    ],
)
def test_a_star_within_something_named_is_named(resource):
    assert wildcards_of(held(resource)) == []


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::canton*",
        "arn:aws:s3:::*/canton/*",
        "arn:aws:ecs:*:444455556666:task/canton-prod/*",
        "arn:aws:ecs:us-east-1:444455556666:*",
        "arn:aws:ecs:us-east-1:444455556666:task/*",
        "arn:aws:iam::*:role/canton-prod-flow",
    ],
)
def test_a_star_before_the_name_is_a_wildcard(resource):
    assert wildcards_of(held(resource)) == [resource]


def held(resource: str) -> Statement:
    return Statement("", "Allow", ["s3:GetObject"], [resource], [], {})
