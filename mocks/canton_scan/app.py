"""The routes: a Scan under `/api/scan`, and what only a mock has under `/_mock`.

Statuses, content types and bodies: API facts, sections 2 and 6. Texts of refused requests are
those of Pekko HTTP's default rejection handler, which Scan leaves in place.
"""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mocks.canton_scan import steering, wire
from mocks.canton_scan.faults import Board
from mocks.canton_scan.faulty import Faulty
from mocks.canton_scan.history import History
from mocks.canton_scan.limit import PER_SECOND, Limited
from mocks.canton_scan.page_request import Malformed, Refused, Unserved, check_encoding, parse

BASE = "/api/scan"
VERSION = {"version": "0.8.4", "commit_ts": "2026-09-01T12:00:00Z"}


def create_node(history: History, per_second: float = PER_SECOND) -> ASGIApp:
    """The API as a node serves it: with a limit for each client (0: none), and faults on demand."""
    board = Board()
    app: ASGIApp = Faulty(create_app(history, board), board)
    return Limited(app, per_second) if per_second else app


def create_app(history: History, board: Board | None = None) -> Starlette:
    """The API over a history, generated or recorded; a board's faults can be read and set."""
    app = Starlette(
        routes=[
            Route(f"{BASE}/v2/updates", post_updates, methods=["POST"]),
            Route(f"{BASE}/v2/updates/{{update_id}}", get_update),
            Route(f"{BASE}/v0/dso-party-id", get_dso_party_id),
            Route(f"{BASE}/version", get_version),
            Route(f"{BASE}/readyz", get_health),
            Route(f"{BASE}/livez", get_health),
            *steering.ROUTES,
        ],
        exception_handlers={
            404: not_found,
            405: method_not_allowed,
            Malformed: malformed,
            Refused: refused,
            Unserved: unserved,
            Exception: unexpected,  # as Scan does at its edge; uvicorn logs the traceback
        },
    )
    app.router.redirect_slashes = False
    app.state.history = history
    app.state.board = board or Board()
    return app


async def post_updates(request: Request) -> Response:
    """A page of updates."""
    body = await request.body()
    if not body:
        return _text(400, "Request entity expected but not supplied")
    content_type = request.headers.get("content-type", "application/octet-stream")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        expected = "is not supported. Expected:\napplication/json"
        return _text(415, f"The request's Content-Type [{content_type}] {expected}")
    wanted = parse(body)
    updates = _history(request).page(wanted.after, wanted.page_size)
    return Response(wire.page(updates), media_type="application/json")


async def get_update(request: Request) -> Response:
    """One update by its id."""
    check_encoding(request.query_params.get("daml_value_encoding"))
    update_id = request.path_params["update_id"]
    update = _history(request).find(update_id)
    if update is None:
        error = f"Transaction with id {update_id} not found"
        return JSONResponse({"error": error}, status_code=404)
    return Response(update, media_type="application/json")


async def get_dso_party_id(request: Request) -> Response:
    """The DSO party: which network this is."""
    return JSONResponse({"dso_party_id": _history(request).dso_party_id})


async def get_version(_: Request) -> Response:
    """The release of Splice that is mocked."""
    return JSONResponse(VERSION)


async def get_health(_: Request) -> Response:
    """Empty."""
    return Response()


async def not_found(_: Request, __: Exception) -> Response:
    """Any other path, removed endpoints such as ``/v0/transactions`` among them."""
    return _text(404, "The requested resource could not be found.")


async def method_not_allowed(_: Request, error: Exception) -> Response:
    """A known path with another method."""
    headers = error.headers if isinstance(error, HTTPException) else None
    allowed = (headers or {}).get("Allow", "").replace("HEAD, ", "").replace(", HEAD", "")
    return _text(405, f"HTTP method not allowed, supported methods: {allowed}")


async def malformed(_: Request, error: Exception) -> Response:
    """A body of the wrong shape."""
    return _text(400, f"The request content was malformed:\n{error}")


async def refused(_: Request, error: Exception) -> Response:
    """An impossible value."""
    return JSONResponse({"error": str(error)}, status_code=400)


async def unserved(_: Request, error: Exception) -> Response:
    """What a real Scan serves and this mock does not: said loudly."""
    return _text(501, str(error))


async def unexpected(_: Request, __: Exception) -> Response:
    """A failure of the mock itself, a full disk for one."""
    return JSONResponse({"error": "An unexpected error occurred."}, status_code=500)


def _history(request: Request) -> History:
    return request.app.state.history


def _text(status: int, body: str) -> Response:
    return Response(body, status, {"content-type": "text/plain; charset=UTF-8"})
