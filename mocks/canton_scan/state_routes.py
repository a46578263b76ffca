"""Routes for the state at an instant: mining rounds, and when snapshots were taken."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.canton_scan import open_rounds, snapshots
from mocks.canton_scan.bodies import json_body, served_history
from mocks.canton_scan.clock import Micros, ledger_time_text
from mocks.canton_scan.fields import (
    json_object,
    query_instant,
    query_integer,
    texts,
)
from mocks.canton_scan.history import History
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.refusals import NotFound, Refused


async def post_rounds(request: Request) -> Response:
    """The mining rounds that are open or issue rewards; none for a recording."""
    fields = json_object(await json_body(request))
    cached_open = texts(fields, "cached_open_mining_round_contract_ids")
    cached_issuing = texts(fields, "cached_issuing_round_contract_ids")
    history = served_history(request)
    if isinstance(history, Ledger):
        return JSONResponse(open_rounds.described(history, cached_open, cached_issuing))
    empty = {"open_mining_rounds": {}, "issuing_mining_rounds": {}}
    return JSONResponse({"time_to_live_in_microseconds": open_rounds.TIME_TO_LIVE, **empty})


async def get_snapshot_time(request: Request) -> Response:
    """The time of the newest snapshot."""
    return _snapshot_time(request, "before", snapshots.newest_upto)


async def get_snapshot_time_after(request: Request) -> Response:
    """The time of the first snapshot after an instant, of a migration or of a later one."""
    return _snapshot_time(request, "after", snapshots.first_after)


def _snapshot_time(
    request: Request, edge: str, find: Callable[[History, int, Micros], Micros | None]
) -> Response:
    at = query_instant(request.query_params, edge)
    migration_id = query_integer(request.query_params, "migration_id")
    snapshot = find(served_history(request), migration_id, at)
    if snapshot is None:
        raise NotFound(f"No snapshots found {edge} {ledger_time_text(at)}")
    return JSONResponse({"record_time": ledger_time_text(snapshot)})


async def post_forced_snapshot(_: Request) -> Response:
    """No snapshot is taken on demand, as on all networks but those of Splice's own tests."""
    raise Refused("Forced ACS snapshots are disabled.")


ROUTES = [
    Route("/v0/state/acs/force", post_forced_snapshot, methods=["POST"]),
    Route("/v0/open-and-issuing-mining-rounds", post_rounds, methods=["POST"]),
    Route("/v0/state/acs/snapshot-timestamp", get_snapshot_time),
    Route("/v0/state/acs/snapshot-timestamp-after", get_snapshot_time_after),
]
