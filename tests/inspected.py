"""Containers as `docker inspect` prints them, as far as the stack reads it."""

from typing import Any


def inspected(
    name: str, service: str = "", state: str = "running", *, restarts: int = 0, health: str = ""
) -> dict[str, Any]:
    """One container that has never ended."""
    return {
        "Name": f"/{name}",
        "RestartCount": restarts,
        "Config": {"Labels": {"com.docker.compose.service": service}},
        "HostConfig": {"PortBindings": {"1/tcp": [{"HostPort": "20000"}]}},
        "State": {
            "Status": state,
            "OOMKilled": False,
            "FinishedAt": "0001-01-01T00:00:00Z",
            **({"Health": {"Status": health}} if health else {}),
        },
    }
