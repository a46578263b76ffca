"""The check that the stack's ports are free, naming the owners of those that aren't."""

import subprocess
from collections.abc import Iterator

import psutil

from local.console.finding import Finding, well
from local.console.ports import is_port_free
from local.stack.checks.here import Here
from local.stack.engine import Publisher, flickering, publisher
from local.stack.settings import PORTS

_PATIENCE_SECONDS = 10
_PROXIES = ("docker-proxy ", "com.docker")
_UNKNOWN_OWNER = "another program"


def check_ports(here: Here) -> Iterator[Finding]:
    """Ports that another program has, or two services of ours."""
    seen: dict[int, str] = {}
    wrong = False
    for name in PORTS:
        if name == "DASHBOARD" and not here.stack.has_dashboard:
            continue
        setting = f"{name}_PORT"
        port = int(here.stack.values[setting])
        found = _twice(setting, seen[port], port) if port in seen else _taken(setting, port, here)
        seen.setdefault(port, setting)
        if found:
            wrong = True
            yield found
    if not wrong:
        listed = ", ".join(map(str, seen))
        yield well("ports", f"{listed} are free or this stack's")


def _twice(setting: str, other: str, port: int) -> Finding:
    result = f"{other} and {setting} are both {port}"
    return Finding(f"port {port}", "fail", result, "choose another")


def _taken(setting: str, port: int, here: Here) -> Finding | None:
    owner = _owner(port, here)
    if not owner:
        return None
    who = f"; sudo ss -ltnp 'sport = :{port}' tells whose it is" if owner == _UNKNOWN_OWNER else ""
    return Finding(
        f"port {port}",
        "fail",
        f"port {port} is taken by {owner}",
        f"make up {setting}=… chooses another{who}",
    )


def _owner(port: int, here: Here) -> str:
    """Return the program or container that listens on a port; empty if none, or this stack's."""
    if is_port_free(port):
        return ""
    if here.engine:
        project = here.stack.project
        if found := publisher(port):
            return "" if found.project == project else _container(found)
        if port in flickering(project):
            return ""
    owner = _process(port) or _listed_process(port) or _UNKNOWN_OWNER
    # Of containers, whose port it is: only the engine knows, and it doesn't answer.
    return "" if here.engine is None and owner.startswith(_PROXIES) else owner


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


def _listed_process(port: int) -> str:
    """The same as `lsof` knows it, which on a Mac needs no root for one's own processes."""
    try:
        output = subprocess.run(
            ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"],
            capture_output=True, text=True, check=False, timeout=_PATIENCE_SECONDS,
        ).stdout  # fmt: skip
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return ""
    found = {line[:1]: line[1:] for line in reversed(output.splitlines())}
    return f"{found['c']} (process {found['p']})" if {"c", "p"} <= set(found) else ""
