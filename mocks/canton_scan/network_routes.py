"""What the network is made of: migrations, sequencers, and where a party is hosted.

Texts of 404 are inferred. All of it agrees with the updates: the record times of a migration are
those of its first and last update, sequencers are those that Super Validators publish, and a party
is hosted where its traffic is bought for.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.canton_scan import snapshots
from mocks.canton_scan.bodies import json_body, json_bytes, served_history
from mocks.canton_scan.clock import ledger_time_text
from mocks.canton_scan.fields import (
    INT64,
    integer,
    json_object,
    query_instant,
    query_integer,
)
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.node_routes import synchronizer_id
from mocks.canton_scan.refusals import NotFound, Unserved
from mocks.canton_scan.render.governance import sequencer_of, sv_name
from mocks.canton_scan.wire import encode


def _ledger(request: Request) -> Ledger:
    history = served_history(request)
    if not isinstance(history, Ledger):
        raise Unserved("This mock knows no more of a recording than its updates.")
    return history


async def post_migration_info(request: Request) -> Response:
    """When the updates of a migration happened; all of them are there, and no imported ones."""
    migration_id = integer(json_object(await json_body(request)), "migration_id", INT64)
    ledger = _ledger(request)
    span = snapshots.span(ledger, migration_id)
    if span is None:
        raise NotFound(f"No updates found for migration {migration_id}")
    first, last = (ledger_time_text(ledger.position(one).record_time) for one in span)
    ranges = [{"synchronizer_id": synchronizer_id(ledger), "min": first, "max": last}]
    told = {"record_time_range": ranges, "complete": True, "import_updates_complete": True}
    has_before = snapshots.span(ledger, migration_id - 1) is not None
    before = {"previous_migration_id": migration_id - 1} if has_before else {}
    return json_bytes(encode({**before, **told}))


async def get_snapshot_time_after(request: Request) -> Response:
    """When the first snapshot after an instant was taken, of a migration or of a later one."""
    after = query_instant(request.query_params, "after")
    migration_id = query_integer(request.query_params, "migration_id")
    snapshot = snapshots.first_after(served_history(request), migration_id, after)
    if snapshot is None:
        raise NotFound(f"No snapshots found after {ledger_time_text(after)}")
    return JSONResponse({"record_time": ledger_time_text(snapshot)})


async def get_sequencers(request: Request) -> Response:
    """The sequencer of each Super Validator, as it publishes it in this migration."""
    ledger = _ledger(request)
    network, migration_id = ledger.network, ledger.head().migration_id
    sequencers = [
        {
            "migrationId": migration_id,
            "id": sequencer["sequencerId"],
            "url": sequencer["url"],
            "svName": sv_name(sv),
            "availableAfter": ledger_time_text(0),
        }
        for sv in network.accounts.super_validators
        for sequencer in (sequencer_of(network, migration_id, sv),)
    ]
    domain = {"domainId": network.synchronizer_id, "sequencers": sequencers}
    return JSONResponse({"domainSequencers": [domain]})


async def get_participant(request: Request) -> Response:
    """Which node hosts a party."""
    ledger, party = _ledger(request), request.path_params["party_id"]
    accounts = ledger.network.accounts
    parties = (accounts.dso, *accounts.super_validators, *accounts.accounts)
    is_here = request.path_params["domain_id"] == ledger.network.synchronizer_id
    if not is_here or party not in parties:
        raise NotFound(f"No participant id found hosting party: {party}")
    return JSONResponse({"participant_id": f"PAR::{party}"})


ROUTES = [
    Route("/v0/backfilling/migration-info", post_migration_info, methods=["POST"]),
    Route("/v0/state/acs/snapshot-timestamp-after", get_snapshot_time_after),
    Route("/v0/dso-sequencers", get_sequencers),
    Route("/v0/domains/{domain_id}/parties/{party_id}/participant-id", get_participant),
]
