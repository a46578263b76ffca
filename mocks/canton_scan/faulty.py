"""A Scan that shows the faults of a board, as an ASGI layer outside of the API.

Statuses and bodies: API facts, section 2. A request first meets what is wrong with the whole node
(it lags, lost its history, belongs to a network that was reset), then the first of the other faults
that has an effect on it. A fault that changes nothing (no update to spoil, no page before this one
to repeat, the same bytes) is not counted, and the next one has its chance.
"""

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mocks.canton_scan.clock import SECOND
from mocks.canton_scan.faults import OF_A_WHOLE_NODE, UPDATES_PATH, Board, Kind, Rule
from mocks.canton_scan.history import History
from mocks.canton_scan.limit import TEXT_TYPE, TOO_MANY_REQUESTS

_TEXT = TEXT_TYPE.encode()
_JSON = b"application/json"
_PAGES = 2  # remembered, of the two readers that there may be at once
_LARGE = 300_000  # bytes of a page that is requested again rather than kept
_OF_HISTORY = re.compile(r"/api/scan/v\d/(updates|events|state|holdings)(/|$)")
_NOT_LOADED = (
    "This scan instance has not yet loaded its updates history. Wait a short time and retry."
)
_NOT_REPLICATED = (
    "This scan instance has not yet replicated all data. This process can take an extended period"
    " of time to complete. Wait until replication is complete, or connect to a different scan"
    " instance."
)


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    content_type: bytes
    body: bytes


@dataclass(frozen=True)
class Call:
    """A request, and what the node behind would answer to it."""

    scope: Scope
    body: bytes
    receive: Receive
    send: Send
    app: ASGIApp

    @property
    def path(self) -> str:
        """The path of the request."""
        return self.scope["path"]

    @property
    def is_for_a_page(self) -> bool:
        """Tell whether the request is for a page of updates."""
        return self.path == UPDATES_PATH and self.scope["method"] == "POST"

    async def answer(self, app: ASGIApp | None = None) -> Answer:
        """Return the response of the node, or of another one."""
        return await _answer_of(app or self.app, self.scope, self.body)


class Faulty:
    """Hands requests on to the API, but for those that meet a fault.

    Args:
        serve: The API over a history; a node that lags or was reset is one over another history.
        history: What is served where nothing is wrong.
        board: The faults.
    """

    def __init__(self, serve: Callable[[History], ASGIApp], history: History, board: Board) -> None:
        self._app = serve(history)
        self._board = board
        self._pages: deque[bytes | Call] = deque(maxlen=_PAGES)
        self._behind = lru_cache(maxsize=8)(lambda lag: serve(history.behind(lag)))
        self._after_reset = lru_cache(maxsize=1)(lambda: serve(history.after_reset()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        rules = self._board.draw(scope["path"]) if scope["type"] == "http" else []
        if not rules and (scope["type"] != "http" or scope["path"] != UPDATES_PATH):
            await self._app(scope, receive, send)
            return
        node = next((rule for rule in rules if rule.fault.kind in OF_A_WHOLE_NODE), None)
        body = await _whole_body(receive)
        call = Call(scope, body, receive, send, self._node(node) if node else self._app)
        for rule in rules:
            if rule.fault.kind not in OF_A_WHOLE_NODE and await self._meets(rule, call):
                rule.fired += 1
                return
        answer = await call.answer()
        if node and answer != await call.answer(self._app):
            node.fired += 1
        await _send(send, self._remembered(call, answer))

    def _node(self, rule: Rule) -> ASGIApp:
        """Return the app that replaces the whole node under this rule's fault."""
        match rule.fault.kind:
            case Kind.LAGGING:
                return self._behind(round(rule.fault.seconds * SECOND))
            case Kind.NETWORK_RESET:
                return self._after_reset()
            case _:
                return self._without_history

    async def _without_history(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A node that has to fetch its history from others again."""
        if scope["path"].endswith("/backfilling/status"):
            await _send(send, Answer(200, _JSON, b'{"complete":false}'))
        elif _OF_HISTORY.match(scope["path"]):
            await _send(send, Answer(503, _JSON, _error(_NOT_REPLICATED)))
        else:
            await self._app(scope, receive, send)

    async def _meets(self, rule: Rule, call: Call) -> bool:
        """Play a fault, if it has an effect on this request."""
        kind = rule.fault.kind
        if refusal := _refusal(kind, call.path):
            await _send(call.send, refusal)
        elif kind is Kind.RESET:
            _hang_up(call.receive)
        elif kind is Kind.SLOW:
            await asyncio.sleep(rule.fault.seconds)
            await _send(call.send, self._remembered(call, await call.answer()))
        elif kind is Kind.TRUNCATED:
            return await _truncate(call)
        else:
            return await self._change(kind, call)
        return True

    async def _change(self, kind: Kind, call: Call) -> bool:
        """Return the API's answer, changed."""
        answer = await call.answer()
        changed = await self._changed(kind, call, answer) if answer.status == 200 else answer
        if changed == answer:
            return False
        await _send(call.send, changed)
        return True

    async def _changed(self, kind: Kind, call: Call, answer: Answer) -> Answer:
        match kind:
            case Kind.CONTENT_TYPE:
                return replace(answer, content_type=_TEXT)
            case Kind.MALFORMED:  # the last update loses its record time
                spoiled = b'"record_tim":'.join(answer.body.rsplit(b'"record_time":', 1))
                return replace(answer, body=spoiled)
            case _:
                before = await self._page_before(call)
                return answer if before is None else replace(answer, body=before)

    async def _page_before(self, call: Call) -> bytes | None:
        """The page that ended where this request begins."""
        if not call.is_for_a_page:
            return None
        after = msgspec.json.decode(call.body).get("after")
        place = after and (after["after_migration_id"], after["after_record_time"])
        for kept in list(self._pages):
            page = (await kept.answer()).body if isinstance(kept, Call) else kept
            if place and _end(page) == place:
                return page
        return None

    def _remembered(self, call: Call, answer: Answer) -> Answer:
        if call.is_for_a_page and answer.status == 200:
            self._pages.appendleft(call if len(answer.body) > _LARGE else answer.body)
        return answer


def _end(page: bytes) -> tuple[int, str] | None:
    updates = msgspec.json.decode(page)["transactions"]
    if not updates:
        return None
    last = updates[-1]
    return last.get("event", last)["migration_id"], last["record_time"]


def _refusal(kind: Kind, path: str) -> Answer | None:
    """Return the error response of a fault that needs no call to the API, or None."""
    match kind:
        case Kind.TOO_MANY_REQUESTS:
            return Answer(429, _TEXT, TOO_MANY_REQUESTS.encode())
        case Kind.BACKFILLING:
            return Answer(503, _JSON, _error(_NOT_LOADED))
        case Kind.TIMEOUT:
            text = f"The server is taking too long to respond to the request at {path}"
            return Answer(503, _JSON, _error(text))
        case Kind.ERROR:
            return Answer(500, _JSON, _error("An unexpected error occurred."))
        case _:
            return None


def _error(text: str) -> bytes:
    return json.dumps({"error": text}, separators=(",", ":")).encode()


async def _truncate(call: Call) -> bool:
    """Promise the whole body, send half of it, and hang up."""
    answer = await call.answer()
    if not answer.body:
        return False
    half = replace(answer, body=answer.body[: len(answer.body) // 2])
    await _send(call.send, half, answer.body)
    _hang_up(call.receive)
    return True


async def _whole_body(receive: Receive) -> bytes:
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return b"".join(message.get("body", b"") for message in messages)


async def _answer_of(app: ASGIApp, scope: Scope, body: bytes) -> Answer:
    """Call an ASGI app with a request and return its whole response."""
    start: Message = {}
    parts: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def collect(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        parts.append(message.get("body", b""))

    await app(dict(scope), receive, collect)  # a scope of its own: routers write into it
    headers = dict(start["headers"])
    return Answer(start["status"], headers.get(b"content-type", b""), b"".join(parts))


async def _send(send: Send, answer: Answer, promised: bytes | None = None) -> None:
    length = len(answer.body if promised is None else promised)
    headers = [(b"content-length", b"%d" % length)]
    if answer.content_type:
        headers.append((b"content-type", answer.content_type))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    is_cut = promised is not None
    await send({"type": "http.response.body", "body": answer.body, "more_body": is_cut})


def _hang_up(receive: Receive) -> None:
    """Reset the connection: ASGI knows no such thing, uvicorn's transport does."""
    receive.__self__.transport.abort()  # type: ignore[attr-defined]
