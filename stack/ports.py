"""Whether the stack's ports are free, and who has those that aren't."""

import psutil

from console.errors import CommandFailed
from console.ports import is_port_free
from stack.engine import Publisher, flickering, publisher
from stack.settings import PORTS, Stack


def check_ports(stack: Stack) -> None:
    """Raise `CommandFailed` for a port that another program has, or two services of ours."""
    seen: dict[int, str] = {}
    for name in PORTS:
        setting = f"{name}_PORT"
        port = int(stack.values[setting])
        if port in seen:
            raise CommandFailed(f"{seen[port]} and {setting} are both {port}: choose another")
        seen[port] = setting
        if owner := _owner(port, stack.project):
            raise CommandFailed(
                f"port {port} is taken by {owner}: make up {setting}=… chooses another"
            )


def _owner(port: int, project: str) -> str:
    """Who listens there, if it isn't this stack."""
    if is_port_free(port):
        return ""
    if found := publisher(port):
        return "" if found.project == project else _container(found)
    if port in flickering(project):
        return ""
    return _process(port) or "another program"


def _container(found: Publisher) -> str:
    if not found.project:
        return f"the container {found.name}"
    return f"the stack {found.project} of {found.folder} (make down there frees it)"


def _process(port: int) -> str:
    """The process that listens there, as far as this user may know."""
    try:
        for one in psutil.net_connections("tcp"):
            if one.status == psutil.CONN_LISTEN and one.laddr[1:] == (port,) and one.pid:
                return f"{psutil.Process(one.pid).name()} (process {one.pid})"
    except psutil.Error:  # macOS: for root alone; or it has just ended
        return ""
    return ""
