"""A Scan that shows the faults of a board, as an ASGI layer outside of the API.

Statuses and bodies: API facts, section 3. A fault that could change nothing (no update to spoil,
no page before this one to repeat) is not played and not counted.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from itertools import takewhile

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mocks.canton_scan.clock import SECOND, Clock, parse_instant, wall_clock
from mocks.canton_scan.faults import Board, Kind, Rule
from mocks.canton_scan.limit import TOO_MANY_REQUESTS

_TEXT = b"text/plain; charset=UTF-8"
_JSON = b"application/json"


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    content_type: bytes
    body: bytes


Change = Callable[["Faulty", Answer, Rule], Answer | None]


class Faulty:
    """Hands requests on to the API, but for those that meet a fault."""

    def __init__(self, app: ASGIApp, board: Board, clock: Clock = wall_clock) -> None:
        self._app = app
        self._board = board
        self._clock = clock
        self._last_page: bytes | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        rule = self._board.draw(scope["path"]) if scope["type"] == "http" else None
        if rule is None:
            await self._app(scope, receive, self._remembering(scope, send))
            return
        await _PLAYS[rule.fault.kind](self, rule, (scope, receive, send))

    def _remembering(self, scope: Scope, send: Send) -> Send:
        if scope["type"] != "http" or not scope["path"].endswith("/v2/updates"):
            return send
        parts: list[bytes] = []

        async def keep(message: Message) -> None:
            parts.append(message.get("body", b""))
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._last_page = b"".join(parts)
            await send(message)

        return keep

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        """What the API itself would say."""
        start: Message = {}
        parts: list[bytes] = []

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            parts.append(message.get("body", b""))

        await self._app(scope, receive, collect)
        headers = dict(start["headers"])
        return Answer(start["status"], headers.get(b"content-type", _TEXT), b"".join(parts))

    async def refuse(self, rule: Rule, call: "_Call", answer: Answer) -> None:
        """Answer without asking the API."""
        rule.fired += 1
        await _send(call[2], answer)

    async def change(self, rule: Rule, call: "_Call", change: Change) -> None:
        """Answer what the API says, changed."""
        scope, receive, send = call
        answer = await self._answer(scope, receive)
        changed = change(self, answer, rule) if answer.status == 200 else None
        if changed is not None:
            rule.fired += 1
        await _send(send, changed or answer)

    async def delay(self, rule: Rule, call: "_Call") -> None:
        """Answer late."""
        rule.fired += 1
        await asyncio.sleep(rule.fault.seconds)
        await self._app(*call)

    async def truncate(self, rule: Rule, call: "_Call") -> None:
        """Promise the whole body, send half of it, and hang up."""
        scope, receive, send = call
        answer = await self._answer(scope, receive)
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

    def fall_behind(self, answer: Answer, rule: Rule) -> Answer | None:
        """Without what a node that lags has not seen yet."""
        newest = self._clock() - round(rule.fault.seconds * SECOND)
        updates = json.loads(answer.body).get("transactions", [])
        seen = list(takewhile(lambda one: _record_time(one) <= newest, updates))
        if len(seen) == len(updates):
            return None
        body = json.dumps({"transactions": seen}, separators=(",", ":"))
        return replace(answer, body=body.encode())


_Call = tuple[Scope, Receive, Send]
_Play = Callable[[Faulty, Rule, _Call], Awaitable[None]]


def _spoil_update(_: Faulty, answer: Answer, __: Rule) -> Answer | None:
    """The last update loses its record time."""
    spoiled = b'"record_tim":'.join(answer.body.rsplit(b'"record_time":', 1))
    return None if spoiled == answer.body else replace(answer, body=spoiled)


def _record_time(update: dict[str, str]) -> int:
    return parse_instant(update.get("record_time") or update["event"]["record_time"])  # type: ignore[index]


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
    Kind.LAGGING: _changing(Faulty.fall_behind),
}
