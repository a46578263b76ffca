"""``/_mock``: what only a mock has, to look into it and to steer it; unknown to a real Scan."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.canton_scan.clock import ClockMove, instant_text
from mocks.canton_scan.faults import PROFILES, Board, Fault
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.state import StateRefused
from mocks.canton_scan.truth import bound, truth

MOST_AT_ONCE = 100_000  # updates in one answer of the truth


class Profile(Struct, forbid_unknown_fields=True):
    """A named set of faults, and for how long."""

    profile: str
    ttl_seconds: Annotated[float, Meta(gt=0)] | None = None


async def get_ledger(request: Request) -> Response:
    """The ledger's progress, for displays and tests."""
    history = request.app.state.history
    count, head = history.count(), history.head()
    place = {"migration_id": head.migration_id, "record_time": instant_text(head.record_time)}
    return JSONResponse({"dso_party_id": history.dso_party_id, "count": count, "head": place})


async def get_clock(request: Request) -> Response:
    """The ledger's clock: its time, its speed, and whether it stands."""
    ledger = _ledger(request)
    clock = ledger.clock()
    return JSONResponse(
        {"now": instant_text(ledger.now()), "speed": clock.speed, "is_frozen": clock.is_frozen}
    )


async def post_clock(request: Request) -> Response:
    """Advance, freeze or speed up the clock; with it the ledger grows."""
    ledger = _ledger(request)
    try:
        ledger.steer(msgspec.json.decode(await request.body(), type=ClockMove))
    except (msgspec.MsgspecError, StateRefused) as error:
        return _refused(str(error))
    return await get_clock(request)


async def get_truth(request: Request) -> Response:
    """The truth between two positions; see `mocks.canton_scan.truth`."""
    ledger, query = _ledger(request), request.query_params
    try:
        after, upto = bound(query, "after"), bound(query, "upto")
        limit = int(query.get("limit", "10000"))
    except ValueError as error:
        return _refused(f"no position or number: {error}")
    if not 1 <= limit <= MOST_AT_ONCE:
        return _refused(f"limit is from 1 to {MOST_AT_ONCE}")
    return Response(
        msgspec.json.encode(truth(ledger, after, upto, limit)), media_type="application/json"
    )


async def get_faults(request: Request) -> Response:
    """All rules since the start, and how often each was played; and the profiles there are."""
    return JSONResponse({"faults": _board(request).describe(), "profiles": [*PROFILES]})


async def post_faults(request: Request) -> Response:
    """Let one fault stand; or a profile's, in place of all others."""
    body = await request.body()
    try:
        if b'"profile"' in body:
            named = msgspec.json.decode(body, type=Profile)
            if named.profile not in PROFILES:
                return _refused(f"no profile {named.profile}; there are {', '.join(PROFILES)}")
            _board(request).play(named.profile, named.ttl_seconds)
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
    Route("/_mock/clock", get_clock),
    Route("/_mock/clock", post_clock, methods=["POST"]),
    Route("/_mock/truth", get_truth),
    Route("/_mock/faults", get_faults),
    Route("/_mock/faults", post_faults, methods=["POST"]),
    Route("/_mock/faults", delete_faults, methods=["DELETE"]),
]


def _ledger(request: Request) -> Ledger:
    history = request.app.state.history
    if not isinstance(history, Ledger):
        raise HTTPException(409, "recorded updates are served: they have no clock and no plan")
    return history


def _board(request: Request) -> Board:
    return request.app.state.board


def _refused(text: str) -> Response:
    return JSONResponse({"error": text}, status_code=400)
