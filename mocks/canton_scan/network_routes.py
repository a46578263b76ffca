"""Routes about the network: migrations, sequencers, rounds, apps, and the host of a party.

Texts of 404 are those of Splice's Scan (`HttpScanHandler`). All of it agrees with the updates: the
record times of a migration are those of its first and last update, sequencers are those that Super
Validators publish, a party is hosted where its traffic is bought for, rounds and apps' rights have
the ids that updates name.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.canton_scan import featured_apps, open_rounds, snapshots, wire
from mocks.canton_scan.bodies import json_body, json_bytes, served_ledger
from mocks.canton_scan.clock import ledger_time_text
from mocks.canton_scan.fields import (
    INT32,
    INT64,
    instant,
    integer,
    json_object,
    optional,
    text,
)
from mocks.canton_scan.node_routes import synchronizer_id
from mocks.canton_scan.page_request import check_limit
from mocks.canton_scan.refusals import NotFound
from mocks.canton_scan.render.governance import sequencer_of, sv_name
from mocks.canton_scan.render.purchases import participant_of
from mocks.canton_scan.wire import encode

# The fields of a request for votes besides its limit.
_VOTES: dict[str, type[object]] = {
    "actionName": str,
    "accepted": bool,
    "requester": str,
    "effectiveFrom": str,
    "effectiveTo": str,
    "pageToken": int,
}


async def post_migration_info(request: Request) -> Response:
    """The times of a migration's updates; all of them are there, and no imported ones."""
    migration_id = integer(json_object(await json_body(request)), "migration_id", INT64)
    ledger = served_ledger(request)
    span = snapshots.span(ledger, migration_id)
    if span is None:
        raise NotFound(f"No data for migration {migration_id}")
    first, last = (ledger_time_text(ledger.position(one).record_time) for one in span)
    ranges = [{"synchronizer_id": synchronizer_id(ledger), "min": first, "max": last}]
    fields = {"record_time_range": ranges, "complete": True, "import_updates_complete": True}
    has_before = snapshots.span(ledger, migration_id - 1) is not None
    before = {"previous_migration_id": migration_id - 1} if has_before else {}
    return json_bytes(encode({**before, **fields}))


async def get_migration_schedule(_: Request) -> Response:
    """No migration is ever scheduled: 404 without a body."""
    return Response(status_code=404)


async def post_updates_before(request: Request) -> Response:
    """A page of a migration's updates before an instant, newest first as Splice's Scan sorts it."""
    fields = json_object(await json_body(request))
    migration_id, before = integer(fields, "migration_id", INT64), instant(fields, "before")
    since = None if fields.get("at_or_after") is None else instant(fields, "at_or_after")
    domain_id, count = text(fields, "synchronizer_id"), integer(fields, "count", INT32)
    check_limit(count)
    ledger = served_ledger(request)
    is_here = domain_id == ledger.network.synchronizer_id
    indexes = snapshots.between(ledger, migration_id, since, before) if is_here else range(0)
    newest = reversed(indexes[-count:])
    return json_bytes(wire.page([wire.as_v1(ledger.update(index)) for index in newest]))


async def post_vote_results(request: Request) -> Response:
    """The votes that have ended: none, as no update is about one."""
    fields = json_object(await json_body(request))
    integer(fields, "limit", INT64)
    for name, kind in _VOTES.items():
        optional(fields, name, kind)
    served_ledger(request)
    return JSONResponse({"dso_rules_vote_results": []})


async def get_closed_rounds(request: Request) -> Response:
    """The closed mining round whose rewards can expire now."""
    closed = open_rounds.closed(served_ledger(request))
    return JSONResponse({"rounds": [closed.described()]})


async def get_featured_apps(request: Request) -> Response:
    """The right of each app to mark activity: any account may turn out to have one."""
    network = served_ledger(request).network
    rights = [featured_apps.right_of(network, one).described() for one in network.accounts.accounts]
    return JSONResponse({"featured_apps": rights})


async def get_featured_app(request: Request) -> Response:
    """The right of one provider; nothing for another party."""
    network, provider = served_ledger(request).network, request.path_params["provider_party_id"]
    if provider not in network.accounts.accounts:
        return JSONResponse({})
    right = featured_apps.right_of(network, provider)
    return JSONResponse({"featured_app_right": right.described()})


async def get_sequencers(request: Request) -> Response:
    """The sequencer of each Super Validator, as it publishes it in this migration."""
    ledger = served_ledger(request)
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
    """The node that hosts a party."""
    ledger, party = served_ledger(request), request.path_params["party_id"]
    accounts = ledger.network.accounts
    parties = (accounts.dso, *accounts.super_validators, *accounts.accounts)
    is_here = request.path_params["domain_id"] == ledger.network.synchronizer_id
    if not is_here or party not in parties:
        raise NotFound(f"No participant id found hosting party: {party}")
    return JSONResponse({"participant_id": participant_of(party)})


ROUTES = [
    Route("/v0/backfilling/migration-info", post_migration_info, methods=["POST"]),
    Route("/v0/backfilling/updates-before", post_updates_before, methods=["POST"]),
    Route("/v0/migrations/schedule", get_migration_schedule),
    Route("/v0/admin/sv/voteresults", post_vote_results, methods=["POST"]),
    Route("/v0/closed-rounds", get_closed_rounds),
    Route("/v0/featured-apps", get_featured_apps),
    Route("/v0/featured-apps/{provider_party_id}", get_featured_app),
    Route("/v0/dso-sequencers", get_sequencers),
    Route("/v0/domains/{domain_id}/parties/{party_id}/participant-id", get_participant),
]
