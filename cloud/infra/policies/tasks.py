"""Policies that harden ECS task definitions: no root, no plain secrets, a valid size."""

import json
import re
from collections.abc import Iterator
from typing import Any

from cloud.infra.fargate import explain_size
from cloud.infra.graph import Resource

TASK = "aws:ecs/taskDefinition:TaskDefinition"
_SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|PRIVATE_KEY|API_KEY|AUTH_STRING|WEBHOOK")


def is_hardened(resource: Resource) -> Iterator[str]:
    """No root, no writable root, no privileges, output kept."""
    for container in _containers(resource):
        name = container["name"]
        if container.get("readonlyRootFilesystem") is not True:
            yield f"container {name} can write to its own files"
        if container.get("user", "0").partition(":")[0] in {"", "0", "root"}:
            yield f"container {name} runs as root"
        if container.get("privileged"):
            yield f"container {name} is privileged"
        if not container.get("logConfiguration"):
            yield f"container {name} logs nowhere"


def hides_secrets(resource: Resource) -> Iterator[str]:
    """Secrets, by their names, come from Secrets Manager: many can read a definition."""
    for container in _containers(resource):
        for variable in container.get("environment", []):
            if _SECRET.search(variable["name"]):
                yield f"container {container['name']} holds {variable['name']} in plain text"


def has_a_size_of_fargate(resource: Resource) -> Iterator[str]:
    """Its size is one that Fargate has; emulators take any."""
    if resource.type == TASK and (
        problem := explain_size(int(resource.inputs["cpu"]), int(resource.inputs["memory"]))
    ):
        yield problem


def _containers(resource: Resource) -> list[dict[str, Any]]:
    if resource.type != TASK:
        return []
    return json.loads(resource.inputs["containerDefinitions"])
