"""The last requests to the API and their responses, for people and tests."""

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mocks.canton_scan.clock import Clock, instant_text, wall_clock
from mocks.canton_scan.faults import API_PATH

MOST_ENTRIES = 50
_PROBES = ("/readyz", "/livez")  # every other second from Compose: nothing else would be seen


@dataclass(frozen=True, slots=True)
class Entry:
    """A request and its answer.

    `received_at` is the wall's time, whatever the ledger's clock shows. Where the connection was
    reset before an answer began, `status` is None; where it was within one, `is_whole` is false.
    """

    received_at: str
    client: str
    method: str
    path: str
    status: int | None
    is_whole: bool
    body_bytes: int
    milliseconds: float


class Journal:
    """The last requests, and how many there were of each status since the start."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self._counts: Counter[int | None] = Counter()

    def add(self, entry: Entry) -> None:
        """Write one down; the oldest one is forgotten for it."""
        self._entries.appendleft(entry)
        self._counts[entry.status] += 1

    def entries(self) -> list[Entry]:
        """The last requests, the newest first."""
        return list(self._entries)

    def count_by_status(self) -> dict[str, int]:
        """All requests since the start; those without an answer are ``none``."""
        statuses = sorted(status for status in self._counts if status is not None)
        counts = {str(status): self._counts[status] for status in statuses}
        return counts | ({"none": self._counts[None]} if None in self._counts else {})


class Journaled:
    """The layer around all others, which sees what a client sees: refusals and resets as well."""

    def __init__(
        self,
        app: ASGIApp,
        journal: Journal,
        *,
        clock: Clock = wall_clock,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._app = app
        self._journal = journal
        self._clock = clock
        self._timer = timer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, and write it down once it is over."""
        if not _is_of_interest(scope):
            await self._app(scope, receive, send)
            return
        received_at, began = instant_text(self._clock()), self._timer()
        recorder = _Recorder(send)
        try:
            await self._app(scope, receive, recorder)
        finally:
            entry = Entry(
                received_at=received_at,
                client=scope["client"][0] if scope.get("client") else "",
                method=scope["method"],
                path=_with_query(scope),
                status=recorder.status,
                is_whole=recorder.is_whole,
                body_bytes=recorder.body_bytes,
                milliseconds=round((self._timer() - began) * 1000, 1),
            )
            self._journal.add(entry)


@dataclass
class _Recorder:
    """Hands an answer on, and remembers what it was."""

    send: Send
    status: int | None = None
    body_bytes: int = 0
    is_whole: bool = False

    async def __call__(self, message: Message) -> None:
        """Hand one message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.body_bytes += len(message.get("body", b""))
            self.is_whole = not message.get("more_body", False)
        await self.send(message)


async def get_requests(request: Request) -> Response:
    """The last requests to the API, the newest first, and the counts since the start."""
    journal: Journal = request.app.state.journal
    entries = [asdict(entry) for entry in journal.entries()]
    return JSONResponse({"count_by_status": journal.count_by_status(), "requests": entries})


def _is_of_interest(scope: Scope) -> bool:
    path = scope.get("path", "")
    return scope["type"] == "http" and path.startswith(API_PATH) and not path.endswith(_PROBES)


def _with_query(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query else scope["path"]
