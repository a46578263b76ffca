"""A Scan that shows the faults of a board, as an ASGI layer outside of the API.

Statuses and bodies: API facts, section 3. A fault that could change nothing (no update to spoil,
no page before this one to repeat) is not played and not counted.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mocks.canton_scan.clock import SECOND
from mocks.canton_scan.faults import UPDATES_PATH, Board, Kind, Rule
from mocks.canton_scan.history import History
from mocks.canton_scan.limit import TOO_MANY_REQUESTS

_TEXT = b"text/plain; charset=UTF-8"
_JSON = b"application/json"
_OF_HISTORY = (
    *("/api/scan/v2/updates", "/api/scan/v0/events"),
    *("/api/scan/v0/state/", "/api/scan/v1/holdings/"),
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


Change = Callable[["Faulty", Answer, Rule], Answer | None]


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
        self._last_page: bytes | None = None
        self._behind = lru_cache(maxsize=8)(lambda lag: serve(history.behind(lag)))
        self._after_reset = lru_cache(maxsize=1)(lambda: serve(history.after_reset()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        rule = self._board.draw(scope["path"]) if scope["type"] == "http" else None
        if rule is None:
            await self._app(scope, receive, self._remembering(scope, send))
            return
        await _PLAYS[rule.fault.kind](self, rule, (scope, receive, send))

    def _remembering(self, scope: Scope, send: Send) -> Send:
        if scope["type"] != "http" or scope["path"] != UPDATES_PATH:
            return send
        parts: list[bytes] = []
        statuses: list[int] = []

        async def keep(message: Message) -> None:
            statuses.extend([message["status"]] if "status" in message else [])
            parts.append(message.get("body", b""))
            is_whole = message["type"] == "http.response.body" and not message.get("more_body")
            if is_whole and statuses == [200]:
                self._last_page = b"".join(parts)
            await send(message)

        return keep

    async def refuse(self, rule: Rule, call: "_Call", answer: Answer) -> None:
        """Answer without asking the API."""
        rule.fired += 1
        await _send(call[2], answer)

    async def change(self, rule: Rule, call: "_Call", change: Change) -> None:
        """Answer what the API says, changed."""
        scope, receive, send = call
        answer = await _answer_of(self._app, scope, receive)
        changed = change(self, answer, rule) if answer.status == 200 else None
        if changed is not None:
            rule.fired += 1
        elif scope["path"] == UPDATES_PATH:
            self._last_page = answer.body
        await _send(send, changed or answer)

    async def delay(self, rule: Rule, call: "_Call") -> None:
        """Answer late."""
        rule.fired += 1
        await asyncio.sleep(rule.fault.seconds)
        await self._app(*call)

    async def truncate(self, rule: Rule, call: "_Call") -> None:
        """Promise the whole body, send half of it, and hang up."""
        scope, receive, send = call
        answer = await _answer_of(self._app, scope, receive)
        rule.fired += 1
        await _send(send, replace(answer, body=answer.body[: len(answer.body) // 2]), answer.body)
        _hang_up(receive)

    async def reset(self, rule: Rule, call: "_Call") -> None:
        """Hang up without a word."""
        rule.fired += 1
        _hang_up(call[1])

    def repeat_page(self, _: Answer, __: Rule) -> Answer | None:
        """The page before this one once more."""
        return None if self._last_page is None else Answer(200, _JSON, self._last_page)

    async def fall_behind(self, rule: Rule, call: "_Call") -> None:
        """Answer as a node does that has not seen the newest updates yet."""
        scope, receive, send = call
        receive = await _again(receive)
        answer = await _answer_of(self._app, scope, receive)
        behind = self._behind(round(rule.fault.seconds * SECOND))
        older = await _answer_of(behind, scope, receive)
        rule.fired += older != answer
        await _send(send, older)

    async def lose_history(self, rule: Rule, call: "_Call") -> None:
        """Answer as a node does that has to fetch its history from others again."""
        path = call[0]["path"]
        if path.endswith("/backfilling/status"):
            await self.refuse(rule, call, Answer(200, _JSON, b'{"complete":false}'))
        elif path.startswith(_OF_HISTORY):
            await self.refuse(rule, call, Answer(503, _JSON, _error(_NOT_REPLICATED).encode()))
        else:
            await self._app(*call)

    async def serve_another_network(self, rule: Rule, call: "_Call") -> None:
        """Answer as the network does that began anew."""
        rule.fired += 1
        await self._after_reset()(*call)


_Call = tuple[Scope, Receive, Send]
_Play = Callable[[Faulty, Rule, _Call], Awaitable[None]]


def _spoil_update(_: Faulty, answer: Answer, __: Rule) -> Answer | None:
    """The last update loses its record time."""
    spoiled = b'"record_tim":'.join(answer.body.rsplit(b'"record_time":', 1))
    return None if spoiled == answer.body else replace(answer, body=spoiled)


def _refusing(status: int, content_type: bytes, body: str) -> _Play:
    answer = Answer(status, content_type, body.encode())
    return lambda faulty, rule, call: faulty.refuse(rule, call, answer)


def _changing(change: Change) -> _Play:
    return lambda faulty, rule, call: faulty.change(rule, call, change)


def _error(text: str) -> str:
    return json.dumps({"error": text}, separators=(",", ":"))


async def _time_out(faulty: Faulty, rule: Rule, call: _Call) -> None:
    path = call[0]["path"]
    text = f"The server is taking too long to respond to the request at {path}"
    await faulty.refuse(rule, call, Answer(503, _JSON, _error(text).encode()))


async def _answer_of(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """What an app would say."""
    start: Message = {}
    parts: list[bytes] = []

    async def collect(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        parts.append(message.get("body", b""))

    await app(dict(scope), receive, collect)  # of its own: routers write into it
    headers = dict(start["headers"])
    return Answer(start["status"], headers.get(b"content-type", _TEXT), b"".join(parts))


async def _again(receive: Receive) -> Receive:
    """The same request body for each app that is asked."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    body = b"".join(message.get("body", b"") for message in messages)

    async def repeat() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return repeat


def _hang_up(receive: Receive) -> None:
    """Reset the connection: ASGI knows no such thing, uvicorn's transport does."""
    receive.__self__.transport.abort()  # type: ignore[attr-defined]


async def _send(send: Send, answer: Answer, promised: bytes | None = None) -> None:
    length = len(answer.body if promised is None else promised)
    headers = [(b"content-type", answer.content_type), (b"content-length", b"%d" % length)]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    is_cut = promised is not None
    await send({"type": "http.response.body", "body": answer.body, "more_body": is_cut})


_PLAYS: dict[Kind, _Play] = {
    Kind.TOO_MANY_REQUESTS: _refusing(429, _TEXT, TOO_MANY_REQUESTS),
    Kind.BACKFILLING: _refusing(
        503,
        _JSON,
        _error(
            "This scan instance has not yet loaded its updates history."
            " Wait a short time and retry."
        ),
    ),
    Kind.TIMEOUT: _time_out,
    Kind.ERROR: _refusing(500, _JSON, _error("An unexpected error occurred.")),
    Kind.SLOW: Faulty.delay,
    Kind.RESET: Faulty.reset,
    Kind.TRUNCATED: Faulty.truncate,
    Kind.CONTENT_TYPE: _changing(lambda _, answer, __: replace(answer, content_type=_TEXT)),
    Kind.MALFORMED: _changing(_spoil_update),
    Kind.TWICE: _changing(Faulty.repeat_page),
    Kind.LAGGING: Faulty.fall_behind,
    Kind.LOST_HISTORY: Faulty.lose_history,
    Kind.NETWORK_RESET: Faulty.serve_another_network,
}
