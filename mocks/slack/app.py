"""The routes: a webhook as Slack's, and pages to look at what arrived.

Answers: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and Slack's
changelog of 2016-05-17 ("Improving error conditions for Incoming Webhooks").
"""

import json
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from mocks.browser_guard import BrowserGuard
from mocks.page import POLICY
from mocks.slack.inbox import Inbox
from mocks.slack.page import render

_CONTENT = ("text", "blocks", "attachments")


def create_app(inbox: Inbox) -> Starlette:
    """The webhook over an inbox.

    Slack takes a body of any content type as JSON or a form, so the Origin alone tells pages from
    programs.
    """
    app = Starlette(routes=ROUTES, middleware=[Middleware(BrowserGuard)])
    app.state.inbox = inbox
    return app


async def post_message(request: Request) -> Response:
    """Keep a message, or refuse it with the reason."""
    payload = _payload(await request.body(), request.headers.get("content-type", ""))
    if payload is None:
        return PlainTextResponse("invalid_payload", 400)
    if not any(payload.get(name) for name in _CONTENT):
        return PlainTextResponse("no_text", 400)
    _inbox(request).receive(request.path_params["webhook"], payload)
    return PlainTextResponse("ok")


async def get_messages(request: Request) -> Response:
    """Messages after an id, oldest first."""
    after = request.query_params.get("after", "0")
    if not after.isdecimal():
        return PlainTextResponse("after must be the id of a message", 400)
    return JSONResponse([asdict(one) for one in _inbox(request).messages(int(after))])


async def get_page(request: Request) -> Response:
    """All messages, for people."""
    return HTMLResponse(render(_inbox(request).messages()), headers=POLICY)


async def get_health(_: Request) -> Response:
    """Empty, once it can receive."""
    return Response()


ROUTES = [
    Route("/services/{webhook:path}", post_message, methods=["POST"]),
    Route("/messages", get_messages),
    Route("/readyz", get_health),
    Route("/", get_page),
]


def _payload(body: bytes, content_type: str) -> dict[str, Any] | None:
    """The JSON object of the body, or of its form field ``payload``; None if there is none."""
    if content_type.startswith("application/x-www-form-urlencoded"):
        fields = parse_qs(body.decode(errors="replace"))
        body = fields.get("payload", [""])[0].encode()
    try:
        payload = json.loads(body)
    except ValueError:
        return None
    is_message = isinstance(payload, dict) and isinstance(payload.get("text", ""), str)
    return payload if is_message else None


def _inbox(request: Request) -> Inbox:
    return request.app.state.inbox
