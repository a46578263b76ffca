"""Request bodies, and answers: what all routes of the API have in common."""

from starlette.requests import Request
from starlette.responses import Response

from mocks.canton_scan.history import History
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.refusals import NoEntity, Unserved, UnsupportedContentType


def served_history(request: Request) -> History:
    """The history that this app serves."""
    return request.app.state.history


def served_ledger(request: Request) -> Ledger:
    """The history that is served, which has to be a generated ledger.

    Raises:
        Unserved: It is a recording.
    """
    history = served_history(request)
    if not isinstance(history, Ledger):
        raise Unserved("This mock knows no more of a recording than its updates.")
    return history


async def json_body(request: Request) -> bytes:
    """The body of a request that has to be JSON.

    Raises:
        NoEntity: It is empty.
        UnsupportedContentType: It is something else.
    """
    body = await request.body()
    if not body:
        raise NoEntity
    content_type = request.headers.get("content-type", "application/octet-stream")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedContentType(content_type)
    return body


def json_bytes(body: bytes) -> Response:
    """An answer that is encoded already."""
    return Response(body, media_type="application/json")
