"""A filtering proxy for the Docker socket: the worker can start and stop flow runs, and no more.

    python -m local.stack.gate

A container that may create containers can otherwise have the whole machine. So paths are admitted
by name, and the body of a create call is read (local/stack/flow_containers.py). With API
versions before 1.24, Docker takes a host configuration at start as well, so those are refused.
Containers can be looked at and ended only if they carry the stack's own labels.

What prefect_docker's worker 0.7 calls is what is admitted, and mocks/fargate needs no more; a run
that requests more gets 403.

API: https://docs.docker.com/reference/api/engine/version/v1.41/
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from local.stack.deaths import OPEN_ENDED, write_down
from local.stack.engine import FLOW_RUN, PROJECT, SERVICE
from local.stack.flow_containers import (
    Refused,
    Rules,
    checked_create,
    connected_container,
    is_flow_run,
)

SOCKET = "/var/run/docker.sock"
PORT = 2375
LONGEST_BODY = 1_000_000
MOST_RUNS = 50  # at once; the stack has room for far fewer, and Prefect starts a crashed run again

# From the API version that the checks were written for; older ones understand calls otherwise.
_VERSION = re.compile(r"^/v1\.(4[1-9]|[5-9][0-9])(?=/)")
# Only by full id: what a name or the start of an id means may change between check and call.
_ID = "(?P<id>[0-9a-f]{64})"
_OF_A_CONTAINER = [
    ("GET", re.compile(rf"/containers/{_ID}/(json|logs)")),
    ("POST", re.compile(rf"/containers/{_ID}/(start|stop|wait)")),
]
_CONNECT = re.compile(rf"/networks/{_ID}/connect")
_LONG = ("/logs", "/wait")  # answered until the container ends
ANSWER_SECONDS = 50.0  # the worker's client gives up after 60, without a reason
_PARAMETERS = {
    *("stdout", "stderr", "follow", "tail", "timestamps", "since", "until"),  # of logs
    *("t", "condition", "timeout"),  # of stop and wait
}


class TooMany(Refused):
    """There are as many flow runs as there may be."""

    status = 429


class Gate:
    """Hands calls on to Docker that pass."""

    def __init__(self, rules: Rules, docker: httpx.AsyncClient) -> None:
        self._rules = rules
        self._docker = docker
        self._creating = asyncio.Lock()  # so that the count that admits a container is still true

    async def answer(self, request: Request) -> Response:
        """Docker's answer; 403 or 429 with the reason, 503 where the engine doesn't answer."""
        path = request.scope["path"]  # not of request.url, which the Host header is part of
        try:
            return await self._answered(request, path)
        except Refused as refused:
            message, status = f"{request.method} {path!r}: {refused}", refused.status
        except httpx.TransportError as error:
            message, status = f"Docker's engine doesn't answer: {error!r}", 503
        print(f"refused {message}", flush=True)
        return JSONResponse({"message": message}, status_code=status)

    async def _answered(self, request: Request, path: str) -> Response:
        outgoing = await self._admitted(request, path)
        if not outgoing.url.path.endswith("/containers/create"):
            return await self._pass_on(outgoing)
        async with self._creating:
            await self._refuse_too_many()
            return await self._pass_on(outgoing)

    async def _refuse_too_many(self) -> None:
        labels = [f"{PROJECT}={self._rules.project}", f"{SERVICE}={FLOW_RUN}"]
        query = {"all": "1", "filters": json.dumps({"label": labels})}
        found = await self._docker.get("/containers/json", params=query)
        if not found.is_success:
            raise Refused(f"the engine doesn't list containers: {found.text[:200]}")
        if (count := len(found.json())) >= MOST_RUNS:
            raise TooMany(
                f"{count} flow runs have a container, which is as many as there may be:"
                " wait for one to end, or cancel one"
            )

    async def _admitted(self, request: Request, path: str) -> httpx.Request:
        """The call as Docker gets it: made anew from what was checked."""
        call = request.method, _VERSION.sub("", path)
        if call in {("GET", "/_ping"), ("GET", "/version")}:
            return self._docker.build_request("GET", path)
        if call in {("GET", f"/images/{image}/json") for image in self._rules.images}:
            return self._docker.build_request("GET", path)
        if call == ("POST", "/containers/create"):
            return await self._admitted_create(request, path)
        if call in {("GET", f"/networks/{name}") for name in self._rules.further_networks}:
            return self._docker.build_request("GET", path)
        if call[0] == "POST" and (found := _CONNECT.fullmatch(call[1])):
            return await self._admitted_connect(request, found["id"], path)
        return await self._admitted_of_a_container(request, call, path)

    async def _admitted_of_a_container(
        self, request: Request, call: tuple[str, str], path: str
    ) -> httpx.Request:
        for verb, form in _OF_A_CONTAINER:
            found = form.fullmatch(call[1]) if verb == call[0] else None
            if found:
                await self._check_is_flow_run(found["id"])
                if unknown := request.query_params.keys() - _PARAMETERS:
                    raise Refused(f"{sorted(unknown)} is not what starting a flow run takes")
                forwarded = self._docker.build_request(verb, path, params=request.query_params)
                if path.endswith(_LONG):
                    forwarded.extensions["timeout"] = OPEN_ENDED.as_dict()
                return forwarded
        raise Refused("is not what starting a flow run takes")

    async def _admitted_connect(self, request: Request, network: str, path: str) -> httpx.Request:
        """A flow run gets a second network: for its debugger, or the way to a real Scan."""
        container = connected_container(await _read(request))
        if not re.fullmatch(_ID, container):
            raise Refused("is not what starting a flow run takes")
        found = await self._docker.get(f"/networks/{network}")
        if not (found.is_success and found.json()["Name"] in self._rules.further_networks):
            raise Refused("is no network that flow runs of this stack may be on")
        await self._check_is_flow_run(container)
        return self._docker.build_request("POST", path, json={"Container": container})

    async def _admitted_create(self, request: Request, path: str) -> httpx.Request:
        """Build the create request, with a container name that can't resolve as a service's."""
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
            return  # Docker's own answer
        if not (found.is_success and is_flow_run(self._rules, found.json()["Config"]["Labels"])):
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
    gate = Gate(rules, docker)
    methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]

    @asynccontextmanager
    async def writing_down_deaths(_: Starlette) -> AsyncGenerator[None]:
        writing = asyncio.create_task(write_down(rules.project, docker))
        yield
        writing.cancel()

    routes = [Route("/{path:path}", gate.answer, methods=methods)]
    return Starlette(routes=routes, lifespan=writing_down_deaths)


def engine_client(
    socket: str = SOCKET, answer_seconds: float = ANSWER_SECONDS
) -> httpx.AsyncClient:
    """A client of the engine, with a connection for each call: each run holds two to its end."""
    unbounded = httpx.Limits(max_connections=None, max_keepalive_connections=10)
    return httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(uds=socket, limits=unbounded),
        base_url="http://docker",
        timeout=httpx.Timeout(30, read=answer_seconds),
    )


def main() -> None:
    app = create_app(Rules.from_environment(), engine_client())
    uvicorn.run(app, host="0.0.0.0", port=PORT, access_log=False, log_level="warning")  # noqa: S104 -- its own network


if __name__ == "__main__":
    main()
