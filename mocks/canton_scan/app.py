"""The routes: a Scan under `/api/scan`, and what only a mock has under `/_mock`.

Statuses, content types and bodies: API facts, sections 2 and 6. Texts of refused requests are
those of Pekko HTTP's default rejection handler, which Scan leaves in place.
"""

import time
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mocks.browser_guard import BrowserGuard
from mocks.canton_scan import (
    acs_routes,
    history_routes,
    network_routes,
    node_routes,
    page,
    registry_routes,
    state_routes,
    steering,
)
from mocks.canton_scan.faults import Board
from mocks.canton_scan.faulty import Faulty
from mocks.canton_scan.history import History
from mocks.canton_scan.journal import Journal, Journaled
from mocks.canton_scan.limit import Limited, Limits
from mocks.canton_scan.refusals import JsonRefusal, TextRefusal

BASE = "/api/scan"
STEERING = "/_mock/"
STARTED_NS = time.monotonic_ns()  # of the process: a node that lags has been up as long
_MODULES = (
    history_routes,
    state_routes,
    acs_routes,
    node_routes,
    network_routes,
    registry_routes,
)
_API = [route for module in _MODULES for route in module.ROUTES]


def create_node(history: History, limits: Limits) -> ASGIApp:
    """The API as a node serves it: with limits for each client, and faults on demand.

    Web pages of other origins are refused.
    """
    board, journal = Board(), Journal()
    app: ASGIApp = Faulty(partial(create_app, board=board, journal=journal), history, board)
    return Journaled(BrowserGuard(Limited(app, limits), steered=(STEERING,)), journal)


def create_app(
    history: History, board: Board | None = None, journal: Journal | None = None
) -> Starlette:
    """The API over a history, generated or recorded; a board's faults can be read and set."""
    app = Starlette(
        routes=[
            *(Route(f"{BASE}{one.path}", one.endpoint, methods=one.methods) for one in _API),
            *steering.ROUTES,
            *page.ROUTES,
        ],
        exception_handlers={
            404: not_found,
            405: method_not_allowed,
            TextRefusal: refused_in_text,
            JsonRefusal: refused_in_json,
            Exception: unexpected,  # as Scan does at its edge; uvicorn logs the traceback
        },
    )
    app.router.redirect_slashes = False
    app.state.history = history
    app.state.started_ns = STARTED_NS
    app.state.board = board or Board()
    app.state.journal = journal or Journal()
    return app


async def not_found(_: Request, __: Exception) -> Response:
    """Any other path, removed endpoints such as ``/v0/transactions`` among them."""
    return _text(404, "The requested resource could not be found.")


async def method_not_allowed(_: Request, error: Exception) -> Response:
    """A known path with another method."""
    headers = error.headers if isinstance(error, HTTPException) else None
    allowed = (headers or {}).get("Allow", "").replace("HEAD, ", "").replace(", HEAD", "")
    refusal = _text(405, f"HTTP method not allowed, supported methods: {allowed}")
    refusal.headers["allow"] = allowed
    return refusal


async def refused_in_text(_: Request, error: TextRefusal) -> Response:
    """Return the plain-text response to what Pekko can't read or the mock doesn't serve."""
    return _text(error.status, str(error))


async def refused_in_json(_: Request, error: JsonRefusal) -> Response:
    """Return the JSON error response to a request that Scan can't answer."""
    return JSONResponse({"error": str(error)}, error.status)


async def unexpected(_: Request, __: Exception) -> Response:
    """A failure of the mock itself, a full disk for one."""
    return JSONResponse({"error": "An unexpected error occurred."}, status_code=500)


def _text(status: int, body: str) -> Response:
    return Response(body, status, {"content-type": "text/plain; charset=UTF-8"})
