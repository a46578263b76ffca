"""Routes about who takes part: the DSO, validators with their traffic, and names.

Texts of refusals: Splice's HttpScanHandler; of an unknown member: inferred.
"""

import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.canton_scan import dso, entries, validators
from mocks.canton_scan.bodies import served_ledger
from mocks.canton_scan.entries import Entry
from mocks.canton_scan.fields import INT32, query_integer
from mocks.canton_scan.page_request import MAX_PAGE_SIZE, check_limit
from mocks.canton_scan.refusals import MissingQuery, NotFound, Refused

_MEMBER = re.compile(r"(PAR|MED|SEQ)::[^:]+::[^:]+")


async def get_dso(request: Request) -> Response:
    """The DSO's rules, newest round and members."""
    return JSONResponse(await run_in_threadpool(dso.described, served_ledger(request)))


async def get_licenses(request: Request) -> Response:
    """A page of validators' licenses, newest first."""
    query, ledger = request.query_params, served_ledger(request)
    after = query_integer(query, "after") if "after" in query else None
    limit = query_integer(query, "limit", INT32) if "limit" in query else MAX_PAGE_SIZE
    check_limit(limit)
    older = [one for one in validators.licensed(ledger) if after is None or one[0] < after]
    page = older[:limit]
    licenses = [
        validators.license_of(ledger, validator, number).described() for number, validator in page
    ]
    more = {"next_page_token": page[-1][0]} if len(page) < len(older) else {}
    return JSONResponse({"validator_licenses": licenses, **more})


async def get_faucets(request: Request) -> Response:
    """In how many rounds some validators were up."""
    ids = request.query_params.getlist("validator_ids")
    if not ids:
        raise MissingQuery("validator_ids")
    found = validators.faucets(served_ledger(request), set(ids))
    return JSONResponse({"validatorsReceivedFaucets": found})


async def get_traffic(request: Request) -> Response:
    """The traffic that a node has bought and spent."""
    ledger, member = served_ledger(request), request.path_params["member_id"]
    if not _MEMBER.fullmatch(member):
        raise Refused(f"Could not decode member ID: {member}")
    is_here = request.path_params["domain_id"] == ledger.network.synchronizer_id
    status = await run_in_threadpool(validators.traffic, ledger, member) if is_here else None
    if status is None:
        raise NotFound(f"No traffic state found for member: {member}")
    return JSONResponse({"traffic_status": status})


async def get_names(request: Request) -> Response:
    """Names with a prefix, oldest first."""
    query = request.query_params
    page_size, prefix = query_integer(query, "page_size", INT32), query.get("name_prefix", "")
    check_limit(page_size)
    found = [one for one in await _entries(request) if one.name.startswith(prefix)]
    return JSONResponse({"entries": [one.described() for one in found[:page_size]]})


async def get_name_of_party(request: Request) -> Response:
    """The first of a party's names, in the order of the alphabet."""
    party = request.path_params["party"]
    found = [one for one in await _entries(request) if one.user == party]
    if not found:
        raise NotFound(f"No ans entry found for party: {party}")
    return JSONResponse({"entry": min(found, key=lambda one: one.name).described()})


async def get_name(request: Request) -> Response:
    """One name."""
    name = request.path_params["name"]
    for one in await _entries(request):
        if one.name == name:
            return JSONResponse({"entry": one.described()})
    raise NotFound(f"No ans entry found for name: {name}")


async def _entries(request: Request) -> list[Entry]:
    return await run_in_threadpool(entries.entries, served_ledger(request))


ROUTES = [
    Route("/v0/dso", get_dso),
    Route("/v0/admin/validator/licenses", get_licenses),
    Route("/v0/validators/validator-faucets", get_faucets),
    Route("/v0/domains/{domain_id}/members/{member_id}/traffic-status", get_traffic),
    Route("/v0/ans-entries", get_names),
    Route("/v0/ans-entries/by-party/{party}", get_name_of_party),
    Route("/v0/ans-entries/by-name/{name}", get_name),
]
