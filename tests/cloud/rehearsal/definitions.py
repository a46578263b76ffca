"""The production pool on made-up infrastructure, and a container as Docker would describe it."""

import json
from functools import cache

from cloud.infra.settings import read_settings
from cloud.outputs import Outputs
from cloud.pools.ecs import ecs_pool

DIGEST = f"sha256:{'ab' * 32}"
IMAGE = f"444455556666.dkr.ecr.us-east-1.amazonaws.com/canton@{DIGEST}"
STACK = {
    "CANTON_BASE_URL": "http://canton-scan:5012/api/scan",
    "PREFECT_AUTH": "admin:made",
    "PREFECT_PORT": "20000",
}
OUTPUTS = Outputs(
    cluster_arn="arn:aws:ecs:us-east-1:444455556666:cluster/canton-prod",
    ecs_events_queue="canton-prod-ecs-events",
    egress_ip="203.0.113.7",
    flow_execution_role_arn="arn:aws:iam::444455556666:role/canton-prod-flow-execution",
    flow_family="canton-prod-flow",
    flow_log_group="/canton-prod/flows",
    flow_security_group_ids=("sg-1",),
    flow_task_role_arn="arn:aws:iam::444455556666:role/canton-prod-flow",
    image_repository=IMAGE.partition("@")[0],
    landing_bucket="canton-prod-landing",
    prefect_api_url="http://prefect-server.canton-prod.internal:4200/api",
    private_subnet_ids=("subnet-1", "subnet-2"),
    secret_arns={
        key: f"arn:{key}" for key in ("prefect-auth", "slack-webhook-url", "snowflake-private-key")
    },
    vpc_id="vpc-1",
)


@cache
def prod():
    return read_settings("prod")


def pool():
    return ecs_pool(prod(), OUTPUTS, IMAGE)


def inspected(definition, **added):
    """A container that is all that its definition says."""
    (container,) = definition["containerDefinitions"]
    values = {one["name"]: one["value"] for one in container["environment"]} | added
    values |= {one["name"]: "hush" for one in container["secrets"]}
    return {
        "Config": {
            "Cmd": ["prefect", "flow-run", "execute"],
            "Env": [f"{name}={value}" for name, value in values.items()],
            "User": "10001:10001",
        },
        "HostConfig": {
            "CapAdd": None,
            "CapDrop": ["ALL"],
            "Init": True,
            "Memory": int(definition["memory"]) * 2**20,
            "NanoCpus": int(definition["cpu"]) * 10**9 // 1024,
            "ReadonlyRootfs": True,
            "Tmpfs": {"/tmp": "size=256m"},  # noqa: S108 -- in the container
        },
        "Mounts": [],
    }


def copied(value):
    return json.loads(json.dumps(value))
