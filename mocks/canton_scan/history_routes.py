"""Routes for updates and events: `/v2/updates` and `/v0/events`."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.canton_scan import events, wire
from mocks.canton_scan.bodies import json_body, json_bytes, served_history
from mocks.canton_scan.fields import json_object, query_boolean
from mocks.canton_scan.page_request import check_encoding, check_lossless, parse
from mocks.canton_scan.refusals import NotFound
from mocks.canton_scan.replay import Recording


async def post_updates(request: Request) -> Response:
    """A page of updates."""
    requested = parse(await json_body(request))
    history = served_history(request)
    if isinstance(history, Recording) and (answer := history.answer(requested.after)) is not None:
        return json_bytes(answer)
    updates = history.page(requested.after, requested.page_size)
    return json_bytes(wire.page(updates))


async def get_update(request: Request) -> Response:
    """One update by its id."""
    check_encoding(request.query_params.get("daml_value_encoding"))
    update_id = request.path_params["update_id"]
    update = served_history(request).find(update_id)
    if update is None:
        raise NotFound(f"Transaction with id {update_id} not found")
    return json_bytes(update)


async def post_events(request: Request) -> Response:
    """A page of events."""
    requested = parse(await json_body(request))
    return json_bytes(events.page(served_history(request), requested.after, requested.page_size))


async def get_event(request: Request) -> Response:
    """One event by the id of its transaction."""
    check_encoding(request.query_params.get("daml_value_encoding"))
    update_id = request.path_params["update_id"]
    event = events.find(served_history(request), update_id)
    if event is None:
        raise NotFound(f"Event with id {update_id} not found")
    return json_bytes(event)


async def post_updates_v1(request: Request) -> Response:
    """A page of updates in the format of the version before."""
    requested = parse(await json_body(request))
    updates = served_history(request).page(requested.after, requested.page_size)
    return json_bytes(wire.page([wire.as_v1(one) for one in updates]))


async def get_update_v1(request: Request) -> Response:
    """One update in the format of the version before."""
    found = await get_update(request)
    return json_bytes(wire.as_v1(bytes(found.body)))


async def post_updates_v0(request: Request) -> Response:
    """A page of updates in the format of the first version."""
    check_lossless(json_object(await json_body(request)).get("lossless"))
    return await post_updates_v1(request)


async def get_update_v0(request: Request) -> Response:
    """One update in the format of the first version."""
    check_lossless(query_boolean(request.query_params, "lossless"))
    return await get_update_v1(request)


ROUTES = [
    Route("/v0/updates", post_updates_v0, methods=["POST"]),
    Route("/v0/updates/{update_id}", get_update_v0),
    Route("/v1/updates", post_updates_v1, methods=["POST"]),
    Route("/v1/updates/{update_id}", get_update_v1),
    Route("/v2/updates", post_updates, methods=["POST"]),
    Route("/v2/updates/{update_id}", get_update),
    Route("/v0/events", post_events, methods=["POST"]),
    Route("/v0/events/{update_id}", get_event),
]
