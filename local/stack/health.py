"""The health of a service, in one word."""

from collections.abc import Mapping
from typing import Any

from local.stack.compose import declared

_WELL = {"healthy", "running", "done"}  # running: has no health check


def health_of(container: Mapping[str, Any] | None, service: Mapping[str, Any]) -> str:
    """`healthy`, `unhealthy`, `starting`, `exited (1)`, `missing`; `done` of a job that went well.

    Args:
        container: As ``docker compose ps`` prints it; None where there is none.
        service: As docker-compose.yml declares it.
    """
    if container is None:
        return "missing"
    state, code = container["State"], container["ExitCode"]
    if state == "exited":
        return "done" if code == 0 and service["restart"] == "no" else f"exited ({code})"
    return container["Health"] or state if state == "running" else state


def is_well(health: str) -> bool:
    return health in _WELL


def health_by_service(containers: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The health of every service of docker-compose.yml, also of those without a container."""
    return {name: health_of(containers.get(name), one) for name, one in sorted(declared().items())}
