"""Checks of what each role may and may not do, by the policies that the program makes."""

import pytest

from tests.infra.decisions import decide

BUCKET = "${Bucket.landing.arn}"
PAGE = f"{BUCKET}/canton/1220b1431ef2/updates/after=genesis.ndjson.gz"
REFUSED = f"{BUCKET}/quarantine/ab"
RESULT = f"{BUCKET}/results/ab"
NEW = {"s3:if-none-match": "*"}
ECS = "arn:aws:ecs:us-east-1:444455556666"
OURS = {"ecs:cluster": "${Cluster.cluster.arn}"}
READ_SECRET = "secretsmanager:GetSecretValue"
HAS_VALUE = "secretsmanager:DescribeSecret"
TO_EC2 = {"iam:PassedToService": "ec2.amazonaws.com"}
ELSEWHERE = {"ecs:cluster": "arn:aws:ecs:us-east-1:444455556666:cluster/another"}
HOME = {"elasticfilesystem:AccessPointArn": "${AccessPoint.server.arn}"}
TO_TASKS = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}


@pytest.mark.parametrize(
    ("role", "action", "resource", "keys"),
    [
        ("flow", "s3:PutObject", PAGE, NEW),
        ("flow", "s3:PutObject", REFUSED, NEW),
        ("flow", "s3:PutObject", RESULT, NEW),
        ("flow", "s3:GetObject", RESULT, {}),
        ("flow", "s3:GetObject", PAGE, {}),
        ("flow", "s3:ListBucket", BUCKET, {}),  # HeadBucket too, and a 404 where nothing is
        ("snowflake", "s3:GetObject", PAGE, {}),
        ("snowflake", "s3:ListBucket", BUCKET, {"s3:prefix": "canton/1220b1431ef2"}),
        ("snowflake", "s3:GetBucketLocation", BUCKET, {}),
        (
            "flow-execution",
            READ_SECRET,
            "${Secret.snowflake-private-key.arn}",
            {},
        ),
        ("flow-execution", "ecr:BatchGetImage", "${Repository.pipeline.arn}", {}),
        ("flow-execution", "ecr:GetAuthorizationToken", "*", {}),
        ("flow-execution", "logs:PutLogEvents", "${LogGroup.flows-log.arn}:log-stream:flow/1", {}),
        ("server-execution", READ_SECRET, "${Secret.prefect-auth.arn}", {}),
        ("worker", "ecs:RunTask", f"{ECS}:task-definition/canton-prod-flow:7", OURS),
        ("worker", "ecs:StopTask", f"{ECS}:task/canton-prod/1f", OURS),
        ("worker", "ecs:RegisterTaskDefinition", f"{ECS}:task-definition/canton-prod-flow:7", {}),
        ("worker", "iam:PassRole", "${Role.flow.arn}", TO_TASKS),
        ("worker", "iam:PassRole", "${Role.flow-execution.arn}", TO_TASKS),
        ("worker", "sqs:DeleteMessage", "${Queue.ecs-events.arn}", {}),
        ("worker", "logs:GetLogEvents", "${LogGroup.flows-log.arn}:log-stream:flow/1", {}),
        ("server", "elasticfilesystem:ClientWrite", "${FileSystem.server.arn}", HOME),
        ("deployer", "ecr:GetAuthorizationToken", "*", {}),
        ("deployer", "ecr:BatchGetImage", "${Repository.pipeline.arn}", {}),
        ("deployer", "ecr:PutImage", "${Repository.pipeline.arn}", {}),
        ("deployer", HAS_VALUE, "${Secret.snowflake-private-key.arn}", {}),
        ("deployer", HAS_VALUE, "${Secret.prefect-auth.arn}", {}),
        ("deployer", HAS_VALUE, "${Secret.slack-webhook-url.arn}", {}),
        ("deployer", READ_SECRET, "${Secret.prefect-auth.arn}", {}),
        ("deployer", READ_SECRET, "${Secret.slack-webhook-url.arn}", {}),
    ],
)
def test_a_role_may_do_what_it_is_for(graph, role, action, resource, keys):
    assert decide(graph, role, action, resource, keys) == "Allow"


@pytest.mark.parametrize(
    ("role", "action", "resource", "keys"),
    [
        ("flow", "s3:PutObject", f"{BUCKET}/elsewhere/a", NEW),
        ("flow", "s3:PutObject", "arn:aws:s3:::another-bucket/canton/a", NEW),
        ("flow", "s3:PutBucketPolicy", BUCKET, {}),
        ("flow", "s3:GetObject", f"{BUCKET}/elsewhere/a", {}),
        ("flow", READ_SECRET, "${Secret.prefect-auth.arn}", {}),
        ("flow", "ecs:RunTask", f"{ECS}:task-definition/canton-prod-flow:7", OURS),
        ("flow", "iam:PassRole", "${Role.flow.arn}", TO_TASKS),
        ("snowflake", "s3:PutObject", PAGE, NEW),
        ("snowflake", "s3:GetObject", REFUSED, {}),
        ("snowflake", "s3:GetObject", RESULT, {}),
        ("snowflake", "s3:ListBucket", BUCKET, {"s3:prefix": "quarantine/"}),
        ("worker-execution", READ_SECRET, "${Secret.snowflake-private-key.arn}", {}),
        ("server-execution", READ_SECRET, "${Secret.slack-webhook-url.arn}", {}),
        ("flow-execution", READ_SECRET, "${Secret.another.arn}", {}),
        ("flow-execution", "logs:PutLogEvents", "${LogGroup.server-log.arn}:log-stream:x", {}),
        ("worker", "ecs:RunTask", f"{ECS}:task-definition/canton-prod-server:7", OURS),
        ("worker", "ecs:RunTask", f"{ECS}:task-definition/canton-prod-flow:7", ELSEWHERE),
        ("worker", "ecs:RegisterTaskDefinition", f"{ECS}:task-definition/canton-prod-server:7", {}),
        ("worker", "ecs:RegisterTaskDefinition", f"{ECS}:task-definition/canton-prod-worker:7", {}),
        ("worker", "ecs:StopTask", f"{ECS}:task/another/1f", OURS),
        ("worker", "ecs:UpdateService", f"{ECS}:service/canton-prod/canton-prod-server", {}),
        ("worker", "iam:PassRole", "${Role.snowflake.arn}", TO_TASKS),
        ("worker", "iam:PassRole", "${Role.flow.arn}", TO_EC2),
        ("worker", "s3:GetObject", PAGE, {}),
        ("server", "s3:GetObject", PAGE, {}),
        ("server", "elasticfilesystem:ClientWrite", "${FileSystem.server.arn}", {}),
        ("server", "elasticfilesystem:ClientRootAccess", "${FileSystem.server.arn}", HOME),
        ("control", "ecs:StopTask", f"{ECS}:task/canton-prod/1f", OURS),
        ("deployer", READ_SECRET, "${Secret.snowflake-private-key.arn}", {}),
        ("deployer", "secretsmanager:PutSecretValue", "${Secret.prefect-auth.arn}", {}),
        ("deployer", "ecr:BatchDeleteImage", "${Repository.pipeline.arn}", {}),
        ("deployer", "ecr:PutImage", "${Repository.another.arn}", {}),
        ("deployer", "ecs:RunTask", f"{ECS}:task-definition/canton-prod-flow:7", OURS),
    ],
)  # fmt: skip
def test_a_role_may_do_nothing_else(graph, role, action, resource, keys):
    assert decide(graph, role, action, resource, keys) == "ImplicitDeny"


@pytest.mark.parametrize("role", ["flow", "administrator"])
@pytest.mark.parametrize(
    ("action", "keys"),
    [
        pytest.param("s3:DeleteObject", {}, id="delete"),
        pytest.param("s3:DeleteObjectVersion", {}, id="delete a version"),
        pytest.param("s3:PutObject", {}, id="put over what is there"),
        pytest.param("s3:PutObject", {"s3:if-match": "etag"}, id="replace a known page"),
        pytest.param("s3:GetObject", {"aws:SecureTransport": "false"}, id="read without TLS"),
    ],
)
def test_the_bucket_itself_refuses_administrators_too(graph, role, action, keys):
    assert decide(graph, role, action, PAGE, keys) == "Deny"


def test_an_administrator_may_put_a_new_page(graph):
    assert decide(graph, "administrator", "s3:PutObject", PAGE, NEW) == "Allow"
