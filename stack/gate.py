"""Docker's socket for who starts flow runs: only what that takes, and only for flow runs.

    python -m stack.gate

A container that may create containers can otherwise have the whole machine. So paths are admitted
by name, and the body of a create call is read: every key that is set must be known and have a
harmless value. What is sent on is only what was found so, encoded anew: Docker takes keys in any
case, the last one of two, and with API versions before 1.24 a host configuration at start as well.
Containers can be looked at and ended only if they carry the stack's own labels.

What prefect_docker's worker 0.7 calls is what is admitted, and mocks/fargate needs no more; a run
that asks for more gets 403.

API: https://docs.docker.com/reference/api/engine/version/v1.41/
"""

import json
import os
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

SOCKET = "/var/run/docker.sock"
PORT = 2375
PROJECT = "com.docker.compose.project"
ROLE = "com.docker.compose.service"
USER = "10001:10001"  # `app` of docker/Dockerfile
DEBUGGER = "5678/tcp"  # where a flow run of `make debug` waits for one, in its container
LONGEST_BODY = 1_000_000

# From the API version that the checks were written for; older ones understand calls otherwise.
_VERSION = re.compile(r"^/v1\.(4[1-9]|[5-9][0-9])(?=/)")
# Only by full id: what a name or the start of an id means may change between check and call.
_ID = "(?P<id>[0-9a-f]{64})"
_OF_A_CONTAINER = [
    ("GET", re.compile(rf"/containers/{_ID}/(json|logs)")),
    ("POST", re.compile(rf"/containers/{_ID}/(start|stop|wait)")),
]
_PARAMETERS = {
    *("stdout", "stderr", "follow", "tail", "timestamps", "since", "until"),  # of logs
    *("t", "condition", "timeout"),  # of stop and wait
}


class Refused(Exception):
    """The call is none that starting a flow run takes."""


@dataclass(frozen=True)
class Rules:
    """What this stack's flow runs look like.

    Attributes:
        project: The Compose project.
        image: The one image they may run.
        network: The one network they may be on.
        folders: Host folders that they may mount, each as a whole and read-only.
        debug_folder: One more, that holds the debugger of `make debug`.
        debug_port: The port of this machine's loopback where one may wait for a debugger.
    """

    project: str
    image: str
    network: str
    folders: tuple[str, ...]
    debug_folder: str = ""
    debug_port: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Rules":
        """As `docker-compose.yml` gives them."""
        return cls(
            environment["COMPOSE_PROJECT"],
            environment["FLOW_IMAGE"],
            environment["FLOW_NETWORK"],
            tuple(filter(None, environment["FLOW_FOLDERS"].split(":"))),
            environment["DEBUG_FOLDER"],
            environment["DEBUG_PORT"],
        )


Check = Callable[[Rules, Any], bool]


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
    known = {*rules.folders, rules.debug_folder} - {""}
    return all(len(one) == 3 and one[0] in known and one[2] == "ro" for one in parts)


def _is_debuggers_port(_: Rules, ports: Any) -> bool:
    return ports in (None, {DEBUGGER: {}})


def _is_published_for_debuggers(rules: Rules, bindings: Any) -> bool:
    """Not set, or the one port of this machine's loopback that is there for it."""
    own = [{"HostIp": "127.0.0.1", "HostPort": rules.debug_port}]
    return bindings is None or (bool(rules.debug_port) and bindings == {DEBUGGER: own})


def _is_flow_run(rules: Rules, labels: Any) -> bool:
    if not isinstance(labels, dict):
        return False
    return labels.get(PROJECT) == rules.project and labels.get(ROLE) == "flow-run"


def _is_own_user(_: Rules, user: Any) -> bool:
    """Not set, or the image's own user by number, as tasks on ECS name it."""
    return user in (None, USER)


def _is_limit(_: Rules, value: Any) -> bool:
    return type(value) is int and value > 0  # 0 and -1 are no limit


_HOST_CONFIG: dict[str, Check] = {
    "Binds": _are_binds_allowed,
    "PortBindings": _is_published_for_debuggers,
    "NetworkMode": lambda rules, value: value == rules.network,
    "SecurityOpt": lambda _, value: value == ["no-new-privileges:true"],
    "CapDrop": lambda _, value: value == ["ALL"],  # NET_RAW would read what others send
    **dict.fromkeys(("Memory", "MemorySwap"), _is_limit),
    **dict.fromkeys(
        (
            *("AutoRemove", "ExtraHosts", "Init", "ReadonlyRootfs", "Tmpfs"),
            "NanoCpus",
        ),
        _anything,
    ),
}  # every other key, `Privileged`, `Devices`, `PidMode` and so on, must not be set

_TOP: dict[str, Check] = {
    "Image": lambda rules, value: value == rules.image,
    "Labels": _is_flow_run,
    "User": _is_own_user,
    "ExposedPorts": _is_debuggers_port,
    # docker-py's; Docker reads `EndpointsConfig`, where an alias could be a service's name.
    "NetworkingConfig": lambda rules, value: value in (None, {rules.network: None}),
    **dict.fromkeys(
        ("HostConfig", "Env", "Cmd", "Entrypoint", "AttachStdout", "AttachStderr", "Volumes"),
        _anything,
    ),
}  # nor `Hostname`, a name on the network, or `WorkingDir`, a way out by /proc/self/fd


def _fitting(rules: Rules, values: Any, checks: Mapping[str, Check]) -> dict[str, Any]:
    """What is set, once it is found harmless; all checks are made, on None if it isn't set."""
    if not isinstance(values, dict):
        raise Refused(f"{json.dumps(values)[:200]} is no object")
    for name in {**values, **checks}:
        value = values.get(name)
        if not checks.get(name, _nothing)(rules, value):
            raise Refused(f"{name}={json.dumps(value)[:200]} is not for flow runs")
    return {name: values[name] for name in checks if values.get(name) is not None}


def checked_create(rules: Rules, body: bytes) -> bytes:
    """The body of a create call, once it is found harmless.

    Raises:
        Refused: It isn't; the message names the key.
    """
    try:
        read = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(f"no JSON: {error}") from error
    wanted = _fitting(rules, read, _TOP)
    wanted["HostConfig"] = _fitting(rules, wanted.get("HostConfig"), _HOST_CONFIG)
    return json.dumps(wanted).encode()


class Gate:
    """Hands calls on to Docker that pass."""

    def __init__(self, rules: Rules, docker: httpx.AsyncClient) -> None:
        self._rules = rules
        self._docker = docker

    async def answer(self, request: Request) -> Response:
        """Docker's answer, or 403 with the reason."""
        path = request.scope["path"]  # not of request.url, which the Host header is part of
        try:
            outgoing = await self._admitted(request, path)
        except Refused as refused:
            message = f"{request.method} {path!r}: {refused}"
            print(f"refused {message}", flush=True)
            return JSONResponse({"message": message}, status_code=403)
        return await self._pass_on(outgoing)

    async def _admitted(self, request: Request, path: str) -> httpx.Request:
        """The call as Docker gets it: made anew from what was checked."""
        call = request.method, _VERSION.sub("", path)
        if call in {("GET", "/_ping"), ("GET", "/version")}:
            return self._docker.build_request("GET", path)
        if call == ("GET", f"/images/{self._rules.image}/json"):
            return self._docker.build_request("GET", path)
        if call == ("POST", "/containers/create"):
            return await self._admitted_create(request, path)
        for verb, form in _OF_A_CONTAINER:
            found = form.fullmatch(call[1]) if verb == call[0] else None
            if found:
                await self._check_is_flow_run(found["id"])
                if unknown := request.query_params.keys() - _PARAMETERS:
                    raise Refused(f"{sorted(unknown)} is not what starting a flow run takes")
                return self._docker.build_request(verb, path, params=request.query_params)
        raise Refused("is not what starting a flow run takes")

    async def _admitted_create(self, request: Request, path: str) -> httpx.Request:
        """With a name that can be no service's, for names are also asked for on the network."""
        body = checked_create(self._rules, await _read(request))
        name = request.query_params.get("name")
        return self._docker.build_request(
            "POST",
            path,
            params={"name": f"{self._rules.project}-flow-run-{name}"} if name else None,
            content=body,
            headers={"Content-Type": "application/json"},
        )

    async def _check_is_flow_run(self, container: str) -> None:
        found = await self._docker.get(f"/containers/{container}/json")
        if found.status_code == 404:
            return  # Docker says so itself
        if not (found.is_success and _is_flow_run(self._rules, found.json()["Config"]["Labels"])):
            raise Refused("is no flow run of this stack")

    async def _pass_on(self, outgoing: httpx.Request) -> Response:
        answer = await self._docker.send(outgoing, stream=True)
        kept = ("content-type", "api-version", "docker-experimental", "ostype")
        headers = {name: answer.headers[name] for name in kept if name in answer.headers}
        return StreamingResponse(_streamed(answer), answer.status_code, headers)


async def _read(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_BODY:
            raise Refused(f"is longer than {LONGEST_BODY} bytes")
    return body


async def _streamed(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for part in answer.aiter_raw():
            yield part
    finally:
        await answer.aclose()


def create_app(rules: Rules, docker: httpx.AsyncClient) -> Starlette:
    """The gate before a Docker engine."""
    gate = Gate(rules, docker)
    methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]
    return Starlette(routes=[Route("/{path:path}", gate.answer, methods=methods)])


def main() -> None:
    """Serve until SIGTERM."""
    transport = httpx.AsyncHTTPTransport(uds=SOCKET)
    docker = httpx.AsyncClient(
        transport=transport, base_url="http://docker", timeout=httpx.Timeout(30, read=None)
    )
    app = create_app(Rules.from_environment(), docker)
    uvicorn.run(app, host="0.0.0.0", port=PORT, access_log=False, log_level="warning")  # noqa: S104 -- its own network


if __name__ == "__main__":
    main()
