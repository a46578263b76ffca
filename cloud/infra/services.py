"""The containers that are always there, as plain data: the two workers, and Prefect's server.

What only Pulumi knows later (ARNs, hosts) is handed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cloud.infra.containers import PLACE, Container
from cloud.infra.environment import (
    SERVER_HOME,
    client_environment,
    server_environment,
    worker_environment,
)
from cloud.infra.settings import Settings
from deployments.containers import CONTROL, SERVER, SERVER_PORT, WORKER, Environment, command
from deployments.containers import Container as Described

HOME = "home"  # the server's volume
POSTGRES = "17"  # its database


@dataclass(frozen=True)
class Made:
    """The resources that the containers of the services are built from.

    Args:
        image: With its digest.
        secret_arns: Where each secret's value is kept, by its key.
        log_group: Where their output goes.
    """

    image: Any
    secret_arns: Mapping[str, Any]
    log_group: Any


def worker(settings: Settings, made: Made) -> Container:
    """The worker that starts flow runs as tasks."""
    words = command(WORKER, PLACE, settings.prefect.pool)
    return _container("worker", words, worker_environment(settings), made, WORKER)


def control_worker(settings: Settings, made: Made) -> Container:
    """The worker that looks after other runs, in its own processes."""
    words = command(CONTROL, PLACE)
    return _container("control", words, client_environment(settings), made, CONTROL)


def server(settings: Settings, made: Made, database_host: Any) -> Container:
    """Prefect's server, where it is our own; its folder is a volume."""
    words = command(SERVER, PLACE)
    return replace(
        _container("server", words, server_environment(settings), made, SERVER),
        port=SERVER_PORT,
        extra_values={"PREFECT_SERVER_DATABASE_HOST": database_host},
        mounts={SERVER_HOME: HOME},
    )


def _container(
    name: str, command: list[str], environment: Environment, made: Made, described: Described
) -> Container:
    return Container(
        name=name,
        command=command,
        environment=environment,
        secret_arns=made.secret_arns,
        image=made.image,
        log_group=made.log_group,
        health=described.health,
    )
