"""The open sessions: kept by token, and ended when they are idle."""

import contextlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mocks.snowflake.connection import LocalConnection
from mocks.snowflake.errors import StatementFailed

KEPT_ANSWERS = 8
Answer = dict[str, object]


@dataclass
class _Request:
    """A request under way or answered; a repetition waits for the same answer."""

    answered: threading.Event = field(default_factory=threading.Event)
    answer: Answer = field(default_factory=dict)


@dataclass
class Session:
    """A connection, one statement at a time."""

    connection: LocalConnection
    token: str
    used_at: float = field(default_factory=time.monotonic)
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _requests: OrderedDict[str, _Request] = field(default_factory=OrderedDict)
    _requests_lock: threading.Lock = field(default_factory=threading.Lock)
    _running: str = ""

    @property
    def is_busy(self) -> bool:
        """True while a statement of this session is running."""
        return self._turn.locked()

    def answer_once(self, request_id: str, run: Callable[[], Answer]) -> Answer:
        """Run a request, or give the answer of its first arrival.

        The connector repeats a request under the same id when it lost the answer; running the
        statement again would load or insert twice.
        """
        with self._requests_lock:
            known = self._requests.get(request_id)
            request = self._requests.setdefault(request_id, _Request())
            while len(self._requests) > KEPT_ANSWERS:
                self._requests.popitem(last=False)
        if known is not None:
            known.answered.wait()
            return known.answer
        try:
            request.answer = self._in_turn(request_id, run)
        finally:
            request.answered.set()
        return request.answer

    def _in_turn(self, request_id: str, run: Callable[[], Answer]) -> Answer:
        with self._turn:
            self.connection.canceled.clear()
            self._running = request_id
            try:
                return run()
            finally:
                self._running = ""
                self.used_at = time.monotonic()

    def cancel(self, request_id: str) -> None:
        """Stop the statement of this request, if it is the one that runs."""
        if request_id and self._running == request_id:
            self.connection.cancel()

    def close(self) -> None:
        """End the session: a running statement is stopped, its transaction rolled back."""
        self.connection.cancel()
        with self._turn:
            self.connection.close()


class Sessions:
    """All sessions of the server."""

    def __init__(self, idle_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()
        self._unclosed = 0
        self._are_over = False

    def __len__(self) -> int:
        return len(self._sessions)

    def all(self) -> list[Session]:
        """The open sessions, the first login first."""
        return list(self._sessions.values())

    def open(self, connect: Callable[[], LocalConnection]) -> Session:
        """A session for a new connection, under a token that nobody can guess."""
        with self._lock:
            session = Session(connect(), secrets.token_urlsafe(32))
            self._sessions[session.token] = session
            self._unclosed += 1
            self._are_over = False
        return session

    @contextlib.contextmanager
    def just_over(self) -> Iterator[bool]:
        """Yield True once after all sessions are closed; logins wait until the block is left."""
        with self._lock:
            is_new = not self._unclosed and not self._are_over
            self._are_over = self._are_over or is_new
            yield is_new

    def knows(self, token: str) -> bool:
        """Tell whether a session is open under this token."""
        return token in self._sessions

    def of(self, token: str) -> Session:
        """The session of a token.

        Raises:
            StatementFailed: 390111 when it has ended.
        """
        session = self._sessions.get(token)
        if session is None:
            raise StatementFailed(
                390111,
                "08001",
                "Session no longer exists. New login required to access the service.",
            )
        session.used_at = time.monotonic()
        return session

    def end(self, token: str) -> None:
        """End a session; nothing happens when it has ended already."""
        with self._lock:
            session = self._sessions.pop(token, None)
        if session is not None:
            try:
                session.close()
            finally:
                with self._lock:
                    self._unclosed -= 1

    def end_idle(self) -> None:
        """End the sessions that nobody has used for too long."""
        oldest = time.monotonic() - self._idle_seconds
        for session in self.all():
            if session.used_at < oldest and not session.is_busy:
                self.end(session.token)

    def end_all(self) -> None:
        """End every session."""
        for token in list(self._sessions):
            self.end(token)
