"""Container definitions, as ECS takes them: those of deployments/containers.py.

Plain data too: an `Input` in them may be a string or something that Pulumi knows later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cloud.infra.settings import Settings
from deployments import containers
from deployments.containers import Environment, at

PLACE: Final = "ecs"


@dataclass(frozen=True)
class Made:
    """The resources that containers are built from.

    Args:
        image: With its digest.
    """

    image: Any
    secret_arns: Mapping[str, Any]
    log_group: Any


@dataclass(frozen=True)
class Container:
    """The properties that differ between our containers.

    Args:
        name: Of the container, and the prefix of its log streams.
        health: The image's probe; empty: it is well while it runs.
        port: What it listens on, for others.
        extra_values: Variables that are known only once something was made.
        mounts: By path the task's volume that is mounted there.
    """

    name: str
    command: Sequence[str]
    environment: Environment
    made: Made
    health: Sequence[str] = ()
    port: int | None = None
    extra_values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    mounts: Mapping[str, str] = field(default_factory=dict[str, str])


def define(settings: Settings, container: Container) -> dict[str, Any]:
    values = {**container.environment.values, **container.extra_values}
    secrets = container.environment.secrets
    port = container.port
    definition: dict[str, Any] = {
        "name": container.name,
        "image": container.made.image,
        "command": list(container.command),
        "essential": True,
        "environment": [{"name": name, "value": values[name]} for name in sorted(values)],
        "secrets": [
            {"name": name, "valueFrom": container.made.secret_arns[secrets[name]]}
            for name in sorted(secrets)
        ],
        **hardening(settings),
        "stopTimeout": at(PLACE, containers.STOP_SECONDS),
        "portMappings": [{"containerPort": port, "protocol": "tcp"}] if port else [],
        "mountPoints": [
            {"containerPath": path, "sourceVolume": volume}
            for path, volume in container.mounts.items()
        ],
        # Non-blocking, so that slow logging stalls no container.
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": container.made.log_group,
                "awslogs-region": settings.stack.region,
                "awslogs-stream-prefix": container.name,
                "mode": "non-blocking",
                "max-buffer-size": "25m",  # AWS's default is 1m, and the alarms read what is kept
            },
        },
    }
    if container.health:
        definition["healthCheck"] = {
            "command": ["CMD", "healthy", *container.health],
            "interval": at(PLACE, containers.HEALTH.interval),
            "timeout": at(PLACE, containers.HEALTH.timeout),
            "retries": containers.HEALTH.retries,
            "startPeriod": containers.HEALTH.start_period,
        }
    return definition


def hardening(settings: Settings) -> dict[str, Any]:
    """Return the restrictions of every container. Fargate knows tmpfs since January 2026."""
    scratch = {"containerPath": containers.SCRATCH, "size": settings.tasks.scratch_mib}
    return {
        "user": containers.USER,
        "readonlyRootFilesystem": containers.READ_ONLY_ROOT,
        "linuxParameters": {
            "initProcessEnabled": containers.INIT,
            "capabilities": {"drop": list(containers.DROPPED_CAPABILITIES)},
            "tmpfs": [scratch],
        },
    }
