"""The containers that are always there, as plain data: the two workers, and Prefect's server.

What only Pulumi knows later (ARNs, hosts) is handed in, so that the same containers can be compared
with those of the stack on a laptop, before there is anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloud.infra.containers import Container
from cloud.infra.environment import (
    SERVER_COMMAND,
    SERVER_HOME,
    client_environment,
    control_command,
    server_environment,
    worker_command,
    worker_environment,
)
from cloud.infra.names import SERVER_PORT
from cloud.infra.settings import Settings

HOME = "home"  # the server's volume
POSTGRES = "17"  # its database
WORKER_HEALTH = ("answers", "8080", "/health", "OK")
SERVER_HEALTH = ("answers", str(SERVER_PORT), "/api/ready", '"OK"')


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
    return Container(
        name="worker",
        command=worker_command(settings.prefect.pool),
        environment=worker_environment(settings),
        secret_arns=made.secret_arns,
        image=made.image,
        log_group=made.log_group,
        health=WORKER_HEALTH,
    )


def control_worker(settings: Settings, made: Made) -> Container:
    """The worker that looks after other runs, in its own processes."""
    return Container(
        name="control",
        command=control_command(),
        environment=client_environment(settings),
        secret_arns=made.secret_arns,
        image=made.image,
        log_group=made.log_group,
        health=WORKER_HEALTH,
    )


def server(settings: Settings, made: Made, database_host: Any) -> Container:
    """Prefect's server, where it is our own; its folder is a volume."""
    return Container(
        name="server",
        command=SERVER_COMMAND,
        environment=server_environment(settings),
        secret_arns=made.secret_arns,
        image=made.image,
        log_group=made.log_group,
        health=SERVER_HEALTH,
        port=SERVER_PORT,
        extra_values={"PREFECT_SERVER_DATABASE_HOST": database_host},
        mounts={SERVER_HOME: HOME},
    )
