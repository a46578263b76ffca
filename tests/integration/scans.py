"""Scans for tests: histories written by hand, faults that are counted, one server for all."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import count
from types import TracebackType
from typing import Self

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mocks.canton_scan.app import BASE
from mocks.canton_scan.history import Position as MockPosition
from services.accept import position_of
from services.model import EPOCH, Position
from tests.updates import Json, line

PAGES = f"{BASE}/v2/updates"
PATIENCE_SECONDS = 30.0

Fault = Callable[[bytes], bytes | Response]


class Updates:
    """A `mocks.canton_scan.history.History` of updates built by hand, in the order given.

    It grows when `lines` does; a node that lags shows only the first `visible`.
    """

    def __init__(self, dso_party_id: str, updates: Iterable[Json] = ()) -> None:
        self.dso_party_id = dso_party_id
        self.lines: list[bytes] = []
        self.visible: int | None = None
        self.add(*updates)

    def add(self, *updates: Json) -> None:
        """Let the ledger grow."""
        self.lines += map(line, updates)

    def page(self, after: MockPosition | None, size: int) -> list[bytes]:
        shown = self.lines[: self.visible]
        if after is not None:
            place = Position(after.migration_id, EPOCH + timedelta(microseconds=after.record_time))
            shown = [one for one in shown if position_of(one) > place]
        return shown[:size]


class FaultyScan:
    """A Scan whose answers a fault changes, as long as there is one; `met` counts them.

    Args:
        scan: What answers properly.
        path: Which answers the fault is about.
    """

    def __init__(self, scan: ASGIApp, path: str = PAGES) -> None:
        transport = httpx.ASGITransport(scan)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://scan")
        self._path = path
        self.fault: Fault | None = None
        self.met = 0
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    async def _answer(self, request: Request) -> Response:
        path = f"/{request.path_params['path']}"
        proper = await self._client.request(
            request.method,
            path,
            content=await request.body(),
            headers={"content-type": request.headers.get("content-type", "")},
        )
        answer: bytes | Response = proper.content
        if self.fault and path == self._path:
            self.met += 1
            answer = self.fault(proper.content)
        if isinstance(answer, Response):
            return answer
        return Response(answer, proper.status_code, media_type=proper.headers.get("content-type"))


class MeetingPoint:
    """A Scan that gives no page before `runs` runs have asked for one; then it always does."""

    def __init__(self, scan: ASGIApp, runs: int) -> None:
        self._scan = scan
        self._runs = runs
        self._all_came = asyncio.Event()
        self.came = 0

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["path"].endswith(PAGES):
            self.came += 1
            if self.came >= self._runs:
                self._all_came.set()
            await asyncio.wait_for(self._all_came.wait(), PATIENCE_SECONDS)
        await self._scan(scope, receive, send)


class ScanHost:
    """One server on loopback for all Scans, each at a path of its own."""

    def __init__(self) -> None:
        self._app = Starlette()
        self._numbers = count(1)
        # Listening before the server runs: whoever comes early waits in the queue.
        self._socket = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(self._app, log_level="warning", access_log=False, ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def serve(self, app: ASGIApp) -> str:
        """Serve a Scan until the end; its base URL."""
        place = f"/{next(self._numbers)}"
        self._app.router.routes.append(Mount(place, app))
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}{place}{BASE}"
