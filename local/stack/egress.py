"""The networks of flow runs: one without a way out, and one to a real Scan where there is one.

Compose makes only the networks that a service is on. Nothing but flow runs is on the second one,
so `make up` makes it, and takes it away again where the Scan is the mock.
"""

import json
from collections.abc import Mapping

from local.stack.engine import PROJECT, docker

_NETWORK, _EGRESS = "com.docker.compose.network", "egress"


def flow_networks(values: Mapping[str, str]) -> str:
    """The names of the networks, as a list in JSON: each flow run is created on the first one."""
    inside = f"{values['COMPOSE_PROJECT']}_default"
    egress = [_egress(values["COMPOSE_PROJECT"])] if values["REAL_SCAN"] else []
    return json.dumps([inside, *egress], separators=(",", ":"))


def debug_network(project: str) -> str:
    """The network on which ports of this machine's loopback are published."""
    return f"{project}_ports"


def _egress(project: str) -> str:
    return f"{project}_{_EGRESS}"


def open_egress(values: Mapping[str, str]) -> None:
    """Make the network to a real Scan, where one is configured."""
    project = values["COMPOSE_PROJECT"]
    name = _egress(project)
    if values["REAL_SCAN"] and not docker("network", "ls", "--quiet", "--filter", f"name=^{name}$"):
        labels = (f"{PROJECT}={project}", f"{_NETWORK}={_EGRESS}")
        docker("network", "create", *(f"--label={label}" for label in labels), name)


def remove_unused_networks(project: str, *, is_scan_real: bool) -> None:
    """Remove networks of earlier versions, and the one to a real Scan that is no longer read.

    Between two flow runs nothing is on that one: while the Scan is read, it stays.
    """
    filters = [f"label={PROJECT}={project}"]
    filters += [f"label!={_NETWORK}={_EGRESS}"] if is_scan_real else []
    docker("network", "prune", "--force", *(f"--filter={one}" for one in filters))
