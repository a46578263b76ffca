"""Routes for what there was at a snapshot: active contracts, and holdings.

Versions differ in their tokens and in the field for a contract's origin: an event or an
update. Texts of refusals: Splice's HttpScanHandler and AcsSnapshotStore.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.canton_scan import active, holding_fees, holdings, snapshots, wire
from mocks.canton_scan.acs import Active, Selection, Snapshot
from mocks.canton_scan.bodies import json_body, json_bytes, served_ledger
from mocks.canton_scan.clock import ledger_time_text
from mocks.canton_scan.fields import INT32, INT64, instant, integer, json_object, text, texts
from mocks.canton_scan.history import Position
from mocks.canton_scan.ledger import Ledger
from mocks.canton_scan.left import COINS
from mocks.canton_scan.page_request import check_limit
from mocks.canton_scan.refusals import Malformed, NotFound, Refused, Unserved
from mocks.canton_scan.templates import Template

Fields = dict[str, Any]
_MATCHES = (None, "exact", "at_or_before")
_PARTS_OF_A_NAME = 3


def _contracts(version: int) -> Callable[[Request], Awaitable[Response]]:
    """A page of active contracts."""

    async def post(request: Request) -> Response:
        fields = json_object(await json_body(request))
        names, parties = _optional(fields, "templates"), _optional(fields, "party_ids")
        if any(len(one.split(":")) != _PARTS_OF_A_NAME for one in names):
            expected = "package_name:module_name:entity_name"
            raise Refused(f"Malformed template_id, expected '{expected}'")
        return await _page(request, fields, version, lambda: _selection(names, parties))

    return post


def _selection(names: list[str], parties: list[str]) -> Selection:
    named = frozenset(Template(*one.split(":", 1)) for one in names)
    return Selection(named or None, frozenset(parties))


def _coins(version: int) -> Callable[[Request], Awaitable[Response]]:
    """A page of some owners' coins."""

    async def post(request: Request) -> Response:
        fields = json_object(await json_body(request))
        owners = _owners(fields, "ownerPartyIds")
        return await _page(
            request, fields, version, lambda: Selection(COINS, owners=frozenset(owners))
        )

    return post


async def _page(
    request: Request, fields: Fields, version: int, read_selection: Callable[[], Selection]
) -> Response:
    size = integer(fields, "page_size", INT32)
    after = _token(fields, version)
    check_limit(size)
    ledger = served_ledger(request)
    at, taken = _snapshot(ledger, fields, ledger.planner.epochs.last)
    found, token = await run_in_threadpool(active.page, at, read_selection(), after, size)
    more = {} if token is None else {"next_page_token": token if version < 2 else str(token)}
    contracts = [_described(one, version) for one in found]
    return json_bytes(wire.encode({**taken, "created_events": contracts, **more}))


def _token(fields: Fields, version: int) -> int:
    """The start of a page; tokens of the last version are texts."""
    if fields.get("after") is None:
        return 0
    if version < 2:
        after = integer(fields, "after", INT64)
    else:
        shown = text(fields, "after")
        after = int(shown) if shown.isascii() and shown.isdigit() else -1
    if after < 0:
        raise Refused("Invalid after token, outside of snapshot range.")
    return after


def _described(one: Active, version: int) -> Any:
    if version == 0:
        return one.event
    event = one.event
    origin = {} if one.update_id is None else {"created_in_update_id": one.update_id}
    return {
        **origin,
        "contract_id": event.contract_id,
        "template_id": event.template_id,
        "package_name": event.package_name,
        "create_arguments": event.create_arguments,
        "created_at": event.created_at,
        "signatories": event.signatories,
        "observers": event.observers,
    }


async def post_summary(request: Request) -> Response:
    """The holdings of some parties."""
    fields = json_object(await json_body(request))
    owners, ledger = _owners(fields, "partyIds"), served_ledger(request)
    at, taken = _snapshot(ledger, fields)
    found = await run_in_threadpool(holdings.summaries, ledger, at.count, owners)
    return json_bytes(wire.encode({**taken, "summaries": found}))


async def post_summary_with_fees(request: Request) -> Response:
    """The same with holding fees as of a round, by default the first that is open."""
    fields = json_object(await json_body(request))
    owners, ledger = _owners(fields, "partyIds"), served_ledger(request)
    if fields.get("as_of_round") is None:
        as_of = ledger.network.rounds.newest(ledger.head().record_time) - 2
    else:
        as_of = integer(fields, "as_of_round", INT64)
    at, taken = _snapshot(ledger, fields, ledger.planner.epochs.last)
    found = await run_in_threadpool(holding_fees.summaries, at, owners, as_of)
    return json_bytes(wire.encode({**taken, "computed_as_of_round": as_of, "summaries": found}))


def _owners(fields: Fields, name: str) -> list[str]:
    """The owners; Scan has a ``name`` of its own for them in each refusal."""
    owners = texts(fields, "owner_party_ids")
    if not owners:
        raise Refused(f"Expected '{name}' to contain at least one item, but contained none.")
    return owners


def _optional(fields: Fields, name: str) -> list[str]:
    return [] if fields.get(name) is None else texts(fields, name)


def _snapshot(ledger: Ledger, fields: Fields, most: int | None = None) -> tuple[Snapshot, Fields]:
    """The snapshot that a request names, and how an answer names it.

    Raises:
        NotFound: There is none.
        Unserved: It stands after too many updates.
    """
    migration_id = integer(fields, "migration_id", INT64)
    at, match = instant(fields, "record_time"), fields.get("record_time_match")
    if match not in _MATCHES:
        raise Malformed("DecodingFailure at .record_time_match: unknown value")
    found = snapshots.newest_upto(ledger, migration_id, at)
    if match == "at_or_before" and found is None:
        raise NotFound(f"No snapshots found before {ledger_time_text(at)}")
    if match != "at_or_before" and found != at:
        named = f"migration id {migration_id} at {ledger_time_text(at)}"
        raise NotFound(f"Failed to find ACS snapshot for {named}")
    count = ledger.index_after(Position(migration_id, found))
    if most is not None and count > most:
        raise Unserved(f"This mock knows what there was within {most} updates at most.")
    taken = {"record_time": ledger_time_text(found), "migration_id": migration_id}
    return Snapshot(ledger, migration_id, count), taken


ROUTES = [
    *(
        Route(f"/v{version}/{path}", made(version), methods=["POST"])
        for version in (0, 1, 2)
        for path, made in (("state/acs", _contracts), ("holdings/state", _coins))
    ),
    Route("/v0/holdings/summary", post_summary_with_fees, methods=["POST"]),
    Route("/v1/holdings/summary", post_summary, methods=["POST"]),
]
