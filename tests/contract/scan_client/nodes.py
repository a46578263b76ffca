"""Nodes for the client to meet: the mock's app without sockets, lagging, or faulty by a script."""

import asyncio
import json
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import httpx
import msgspec
from starlette.applications import Starlette

from mocks.canton_scan.app import create_app
from mocks.canton_scan.history import Position
from services.accept import position_of
from services.adapters.canton_scan import CantonScan
from services.model import EPOCH
from tests.updates import page_body

MICROSECOND = timedelta(microseconds=1)
BUSY = "Too Many Requests: Server is busy, please try again later."
LOADING = '{"error":"This scan instance has not yet loaded its updates history. Wait and retry."}'
TOO_LONG = '{"error":"The server is taking too long to respond to the request at /v2/updates"}'
UNEXPECTED = '{"error":"An unexpected error occurred."}'
NOT_FOUND = "The requested resource could not be found."


class InProcess(httpx.BaseTransport):
    """Hands requests to an app, without sockets; keeps their bodies."""

    def __init__(self, app: Starlette, runner: asyncio.Runner) -> None:
        self._app = httpx.ASGITransport(app)
        self._runner = runner
        self.bodies: list[bytes] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(request.read())
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._app.handle_async_request(request)
        content = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)


class Known:
    """The history of a node that knows these updates: of one that lags, the first few."""

    def __init__(self, dso_party_id: str, lines: Sequence[bytes]) -> None:
        self.dso_party_id = dso_party_id
        self._lines = list(lines)
        self._places = [_place(line) for line in lines]

    def page(self, after: Position | None, size: int) -> list[bytes]:
        first = 0 if after is None else bisect_right(self._places, after)
        return self._lines[first : first + size]


@cache
def _place(line: bytes) -> Position:
    position = position_of(line)
    return Position(position.migration_id, (position.record_time - EPOCH) // MICROSECOND)


class ScriptedNode(httpx.BaseTransport):
    """A node that meets each request for a page with the next fault of its script.

    Args:
        name: Its host.
        history: What it serves where no fault is met.
        runner: Runs the mock.
        faults: What happens to pages; None is nothing.
    """

    def __init__(
        self,
        name: str,
        history: Known,
        runner: asyncio.Runner,
        faults: Iterable["Fault | None"] = (),
    ) -> None:
        self.url = f"https://{name}.example/api/scan"
        self.inside = InProcess(create_app(history), runner)
        self.script = deque(faults)
        self.outage: Fault | None = None  # of every request
        self.asked: list[dict[str, Any]] = []  # for pages
        self.answers = [page_body()]
        self.met = 0

    def client(self) -> CantonScan:
        return CantonScan(self.url, transport=self)

    @property
    def sizes(self) -> list[int]:
        """The page sizes that were asked for."""
        return [body["page_size"] for body in self.asked]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        fault = self.outage
        if request.url.path.endswith("/v2/updates"):
            self.asked.append(json.loads(request.read()))
            fault = fault or (self.script.popleft() if self.script else None)
        if fault is None:
            return self.proper(request)
        self.met += 1
        return fault(self, request)

    def proper(self, request: httpx.Request) -> httpx.Response:
        """Return the node's answer without a fault."""
        answer = self.inside.handle_request(request)
        if request.url.path.endswith("/v2/updates"):
            self.answers.append(answer.content)
        return answer


Fault = Callable[[ScriptedNode, httpx.Request], httpx.Response]


def answers(status: int, text: str = "", **headers: str) -> Fault:
    """Another answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _, __: httpx.Response(status, text=text, headers=named)


def fails(error: type[httpx.TransportError], said: str = "") -> Fault:
    """No answer."""

    def fault(_: ScriptedNode, request: httpx.Request) -> httpx.Response:
        raise error(said, request=request)

    return fault


def cut_off(node: ScriptedNode, request: httpx.Request) -> httpx.Response:
    """Half of the body, as if that were all."""
    body = node.proper(request).content
    return httpx.Response(200, content=body[: len(body) // 2])


def malformed(node: ScriptedNode, request: httpx.Request) -> httpx.Response:
    """The last update loses its record time."""
    body = node.proper(request).content
    return httpx.Response(200, content=b'"record_tim":'.join(body.rsplit(b'"record_time":', 1)))


def comes_twice(node: ScriptedNode, request: httpx.Request) -> httpx.Response:
    """The page before this one once more."""
    del request
    return httpx.Response(200, content=node.answers[-1])


def shortened(node: ScriptedNode, request: httpx.Request) -> httpx.Response:
    """Only half of the updates: the node lags for a moment."""
    lines = updates_in(node.proper(request).content)
    return httpx.Response(200, content=page_body(*lines[: len(lines) // 2]))


def updates_in(body: bytes) -> list[bytes]:
    """The updates of an answer, byte for byte."""
    decoded = msgspec.json.decode(body, type=dict[str, list[msgspec.Raw]])
    return [bytes(raw) for raw in decoded["transactions"]]
