"""The containers that the gate lets the worker create: flow runs, each within its limits.

Every key of a create call must be known and have a harmless value, and what is sent on is only
what was found so, encoded anew: Docker takes keys in any case, and the last one of two.

API: https://docs.docker.com/reference/api/engine/version/v1.41/
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from deployments.containers import USER
from local.stack.engine import FLOW_RUN, PROJECT, SERVICE

DEBUGGER = "5678/tcp"  # where a flow run of `./pipeline debug` waits for one, in its container
MOST_PIDS = 1024  # threads count; a flow run has about 30


class Refused(Exception):
    """The call is not one that starting a flow run takes."""

    status = 403


@dataclass(frozen=True)
class Rules:
    """The properties that every flow run of this stack has.

    Attributes:
        project: The Compose project.
        images: The images that they may run: the stack's, and the second one of a rehearsal.
        network: The one network that they are created on.
        further_networks: Networks that one may be connected to before it starts.
        folders: Host folders that they may mount, each as a whole and read-only.
        most_memory: The most bytes of memory that one may have, swap included.
        debug_folder: One more, that holds the debugger of `./pipeline debug`.
        debug_port: The port of this machine's loopback where one may wait for a debugger.
    """

    project: str
    images: tuple[str, ...]
    network: str
    folders: tuple[str, ...]
    most_memory: int
    further_networks: tuple[str, ...] = ()
    debug_folder: str = ""
    debug_port: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Rules":
        network, *further = json.loads(environment["FLOW_NETWORKS"])
        return cls(
            environment["COMPOSE_PROJECT"],
            (environment["FLOW_IMAGE"], environment["NEXT_IMAGE"]),
            network,
            tuple(filter(None, environment["FLOW_FOLDERS"].split(":"))),
            int(environment["FLOW_MOST_MEMORY_MIB"]) * 2**20,
            (*further, environment["DEBUG_NETWORK"]),
            environment["DEBUG_FOLDER"],
            environment["DEBUG_PORT"],
        )


Check = Callable[[Rules, Any], bool]
_LIMITS: dict[str, Callable[[Rules], int]] = {
    "Memory": lambda rules: rules.most_memory,
    "MemorySwap": lambda rules: rules.most_memory,
    "PidsLimit": lambda _: MOST_PIDS,
}


def _nothing(_: Rules, value: Any) -> bool:
    """Not set. An empty list is: ``MaskedPaths=[]`` unmasks /proc."""
    return value is None or value is False


def _anything(_: Rules, __: Any) -> bool:
    return True


def _are_binds_allowed(rules: Rules, binds: Any) -> bool:
    """``/host/folder:/in/container:ro`` each.

    No folder in a folder: Docker would follow a symlink there, and make what doesn't exist.
    """
    if not isinstance(binds, list):
        return binds is None
    parts = [str(bind).split(":") for bind in binds]
    folders = {*rules.folders, rules.debug_folder} - {""}
    return all(len(one) == 3 and one[0] in folders and one[2] == "ro" for one in parts)


def _is_published_for_debuggers(rules: Rules, bindings: Any) -> bool:
    """Not set, or the one port of this machine's loopback that is there for it."""
    own = [{"HostIp": "127.0.0.1", "HostPort": rules.debug_port}]
    return bindings is None or (bool(rules.debug_port) and bindings == {DEBUGGER: own})


def is_flow_run(rules: Rules, labels: Any) -> bool:
    """Tell whether these labels belong to a flow run of this stack."""
    if not isinstance(labels, dict):
        return False
    return labels.get(PROJECT) == rules.project and labels.get(SERVICE) == FLOW_RUN


def _is_limit(name: str) -> Check:
    """A number up to what this limit may be; 0 and -1 would be no limit."""
    most = _LIMITS[name]
    return lambda rules, value: type(value) is int and 0 < value <= most(rules)


_HOST_CONFIG: dict[str, Check] = {
    "Binds": _are_binds_allowed,
    "PortBindings": _is_published_for_debuggers,
    "NetworkMode": lambda rules, value: value == rules.network,
    "SecurityOpt": lambda _, value: value == ["no-new-privileges:true"],
    "CapDrop": lambda _, value: value == ["ALL"],  # NET_RAW would read what others send
    **{name: _is_limit(name) for name in _LIMITS},
    **dict.fromkeys(
        ("AutoRemove", "ExtraHosts", "Init", "ReadonlyRootfs", "Tmpfs", "NanoCpus"), _anything
    ),
}  # every other key, `Privileged`, `Devices`, `PidMode` and so on, must not be set

_TOP: dict[str, Check] = {
    "Image": lambda rules, value: value in rules.images,
    "Labels": is_flow_run,
    "User": lambda _, value: value in (None, USER),  # the image's own, as tasks on ECS name it
    "ExposedPorts": lambda _, value: value in (None, {DEBUGGER: {}}),
    # docker-py's; Docker reads `EndpointsConfig`, where an alias could be a service's name.
    "NetworkingConfig": lambda rules, value: value in (None, {rules.network: None}),
    **dict.fromkeys(
        ("HostConfig", "Env", "Cmd", "Entrypoint", "AttachStdout", "AttachStderr", "Volumes"),
        _anything,
    ),
}  # nor `Hostname`, a name on the network, or `WorkingDir`, a way out by /proc/self/fd


def _fitting(rules: Rules, values: Any, checks: Mapping[str, Check]) -> dict[str, Any]:
    """Return the values that are set, if all pass their checks; an unset one is checked as None."""
    if not isinstance(values, dict):
        raise Refused(f"{json.dumps(values)[:200]} is no object")
    for name in {**values, **checks}:
        value = values.get(name)
        if not checks.get(name, _nothing)(rules, value):
            problem = f"{name}={json.dumps(value)[:200]} is not for flow runs"
            most = _LIMITS.get(name)
            raise Refused(f"{problem}: expected a number up to {most(rules)}" if most else problem)
    return {name: values[name] for name in checks if values.get(name) is not None}


def _refuse_anonymous_volumes(body: Mapping[str, Any]) -> None:
    """docker-py names the target of each mount as a volume; another name would make a new one."""
    mounted = {bind.split(":")[1] for bind in body["HostConfig"].get("Binds", ())}
    volumes = body.get("Volumes", {})
    if not isinstance(volumes, dict) or any(
        path not in mounted or options != {} for path, options in volumes.items()
    ):
        raise Refused(f"Volumes={json.dumps(volumes)[:200]} is not for flow runs")


def checked_create(rules: Rules, body: bytes) -> bytes:
    """The body of a create call, once it is found harmless.

    Raises:
        Refused: It isn't; the message names the key.
    """
    values = _fitting(rules, _parsed(body), _TOP)
    values["HostConfig"] = _fitting(rules, values.get("HostConfig"), _HOST_CONFIG)
    _refuse_anonymous_volumes(values)
    return json.dumps(values).encode()


def connected_container(body: bytes) -> str:
    """The container that a connect call names, without an alias or an address of its own.

    Raises:
        Refused: The call requests more.
    """
    read = _parsed(body)
    if not isinstance(read, dict) or not isinstance(container := read.get("Container"), str):
        raise Refused("names no container")
    if any(value not in (None, {}) for name, value in read.items() if name != "Container"):
        raise Refused(f"{json.dumps(read)[:200]} is more than a connection")
    return container


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(f"no JSON: {error}") from error
