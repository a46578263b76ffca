"""The same pipeline on Kubernetes: a work pool whose runs are jobs, for who has no ECS.

Only the pool is ours to give: cluster, Secret and worker are whoever's cluster it is.
"""

import json
from pathlib import Path
from typing import Any

from control.pools import Pool, read_pool
from infra.environment import SCRATCH, flow_environment
from infra.settings import Settings

FILE = Path(__file__).with_suffix(".yaml")
SECRET = "canton-pipeline"  # noqa: S105 -- the name of the Secret
NAMESPACE = "canton-pipeline"


def kubernetes_pool(settings: Settings, image: str) -> Pool:
    """The pool of a stack; needs prefect-kubernetes.

    Args:
        settings: The stack's: environment and size of a run are those of a task on ECS.
        image: With its digest.
    """
    size = settings.tasks.flow
    return read_pool(
        FILE,
        {
            "IMAGE": image,
            "NAMESPACE": NAMESPACE,
            "STACK": settings.stack.name,
            "CPU": f"{size.cpu * 1000 // 1024}m",
            "MEMORY": f"{size.memory}Mi",
            "ENVIRONMENT": json.dumps(_environment(settings)),
            "SCRATCH": SCRATCH,
            "SCRATCH_SIZE": f"{settings.tasks.scratch_mib}Mi",
        },
    )


def _environment(settings: Settings) -> list[dict[str, Any]]:
    """Values, and where secrets are kept, as a container of Kubernetes takes them."""
    environment = flow_environment(settings)
    values: list[dict[str, Any]] = [
        {"name": name, "value": value} for name, value in environment.values.items()
    ]
    secrets = [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": SECRET, "key": key}}}
        for name, key in environment.secrets.items()
    ]
    return [*values, *secrets]
