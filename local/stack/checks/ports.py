"""The check that the stack's ports are free, naming the owners of those that aren't."""

from collections.abc import Iterator

import psutil

from local.console.finding import Finding, fail, well
from local.console.ports import is_port_free
from local.console.programs import output_of
from local.stack.checks.here import Here
from local.stack.engine import FOLDER, PROJECT, container_states, docker
from local.stack.settings import PORTS

_PROXIES = ("docker-proxy ", "com.docker")
_UNKNOWN_OWNER = "another program"


def check_ports(here: Here) -> Iterator[Finding]:
    """Ports that another program has, or two services of ours."""
    seen: dict[int, str] = {}
    wrong: list[Finding] = []
    for name in PORTS:
        if name == "DASHBOARD" and not here.stack.has_dashboard:
            continue
        setting = f"{name}_PORT"
        port = int(here.stack.values[setting])
        problem, type_this = "", "choose another"
        if port in seen:
            problem = f"{seen[port]} and {setting} are both {port}"
        elif owner := _owner(port, here):
            problem = f"port {port} is taken by {owner}"
            type_this = f"make up {setting}=… chooses another"
            if owner == _UNKNOWN_OWNER:
                type_this += f"; sudo ss -ltnp 'sport = :{port}' tells whose it is"
        seen.setdefault(port, setting)
        if problem:
            wrong.append(fail(f"port {port}", problem, type_this))
    yield from wrong or [well("ports", f"{', '.join(map(str, seen))} are free or this stack's")]


def _owner(port: int, here: Here) -> str:
    """Return the program or container that listens on a port; empty if none, or this stack's."""
    if is_port_free(port):
        return ""
    if here.engine:
        project = here.stack.project
        form = f'{{{{.Names}}}}\t{{{{.Label "{PROJECT}"}}}}\t{{{{.Label "{FOLDER}"}}}}'
        listed = docker("ps", "--filter", f"publish={port}", "--format", form).splitlines()
        if listed:
            name, other, folder = listed[0].split("\t")
            if other == project:
                return ""
            return (
                f"the stack {other} of {folder} (make down there frees it)"
                if other
                else f"the container {name}"
            )
        # While a container that died is started again, nobody publishes its ports.
        if any(port in one.ports for one in container_states(project) if one.restarts):
            return ""
    owner = _process(port) or _listed_process(port) or _UNKNOWN_OWNER
    # Of containers, whose port it is: only the engine knows, and it doesn't answer.
    return "" if here.engine is None and owner.startswith(_PROXIES) else owner


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
    output = output_of("lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc")
    found = {line[:1]: line[1:] for line in reversed(output.splitlines())}
    return f"{found['c']} (process {found['p']})" if {"c", "p"} <= set(found) else ""
