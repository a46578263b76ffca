"""``/_mock``: what only a mock has, to look into it and to steer it; unknown to a real Scan."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.canton_scan.clock import instant_text
from mocks.canton_scan.faults import PROFILES, Board, Fault


class Profile(Struct, forbid_unknown_fields=True):
    """A named set of faults, and for how long."""

    profile: str
    ttl_seconds: Annotated[float, Meta(gt=0)] | None = None


async def get_ledger(request: Request) -> Response:
    """How far the ledger has come: for progress displays and tests."""
    history = request.app.state.history
    count, head = history.count(), history.head()
    place = {"migration_id": head.migration_id, "record_time": instant_text(head.record_time)}
    return JSONResponse({"dso_party_id": history.dso_party_id, "count": count, "head": place})


async def get_faults(request: Request) -> Response:
    """All rules since the start, and how often each was played."""
    return JSONResponse({"faults": _board(request).describe()})


async def post_faults(request: Request) -> Response:
    """Let one fault stand; or a profile's, in place of all others."""
    body = await request.body()
    try:
        if b'"profile"' in body:
            wanted = msgspec.json.decode(body, type=Profile)
            if wanted.profile not in PROFILES:
                return _refused(f"no profile {wanted.profile}; there are {', '.join(PROFILES)}")
            _board(request).play(wanted.profile, wanted.ttl_seconds)
        else:
            _board(request).add(msgspec.json.decode(body, type=Fault))
    except msgspec.MsgspecError as error:
        return _refused(str(error))
    return await get_faults(request)


async def delete_faults(request: Request) -> Response:
    """Lift all faults; their counts stay."""
    _board(request).clear()
    return await get_faults(request)


ROUTES = [
    Route("/_mock/ledger", get_ledger),
    Route("/_mock/faults", get_faults),
    Route("/_mock/faults", post_faults, methods=["POST"]),
    Route("/_mock/faults", delete_faults, methods=["DELETE"]),
]


def _board(request: Request) -> Board:
    return request.app.state.board


def _refused(text: str) -> Response:
    return JSONResponse({"error": text}, status_code=400)
