"""The containers that are always there, as plain data: the two workers, and Prefect's server.

What only Pulumi knows later (ARNs, hosts) is handed in.
"""

from typing import Any

from cloud.infra.containers import PLACE, Container, Made
from cloud.infra.environment import (
    SERVER_HOME,
    client_environment,
    server_environment,
    worker_environment,
)
from cloud.infra.settings import Settings
from deployments.containers import CONTROL, SERVER, SERVER_PORT, WORKER, command

HOME = "home"  # the server's volume
POSTGRES = "17"  # its database


def worker(settings: Settings, made: Made) -> Container:
    words = command(WORKER, PLACE, settings.prefect.pool)
    return Container("worker", words, worker_environment(settings), made, WORKER.health)


def control_worker(settings: Settings, made: Made) -> Container:
    words = command(CONTROL, PLACE)
    return Container("control", words, client_environment(settings), made, CONTROL.health)


def server(settings: Settings, made: Made, database_host: Any) -> Container:
    """Prefect's server, where it is our own; its folder is a volume."""
    return Container(
        name="server",
        command=command(SERVER, PLACE),
        environment=server_environment(settings),
        made=made,
        health=SERVER.health,
        port=SERVER_PORT,
        extra_values={"PREFECT_SERVER_DATABASE_HOST": database_host},
        mounts={SERVER_HOME: HOME},
    )
