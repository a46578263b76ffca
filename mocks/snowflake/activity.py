"""The statements that run, and the last that ran, with the SQL that DuckDB was given for them.

QUERY_HISTORY, the console's page, and what drivers ask of a statement by its id are told from here.

Bound values are not kept. A statement that sets a password or the like loses all its texts.
"""

import re
import threading
import time
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from mocks.snowflake.errors import StatementFailed
from mocks.snowflake.identity import Identity

KEPT = 40
"""The count of latest statements of which it is kept what DuckDB ran."""
KEPT_IDS = 1000
"""The count of latest statements that are kept without that."""
MOST_TEXTS = 5
MOST_CHARACTERS = 4000
LONGEST = 20_000
"""In longer statements no secrets are looked for: their beginning is kept alone."""
_current: ContextVar["Statement | None"] = ContextVar("statement", default=None)
_SECRET = re.compile(
    r"""(password|passwd|secret|token|credential|key_id|private_key|api_key)\w*["']?\s*(=>?|:)\s*"""
    r"""(?=[('"$])""",
    re.IGNORECASE,
)
_TEXT = re.compile(r"'(?:[^']|'')*'|\$\$.*?\$\$", re.DOTALL)
_DOUBLE_QUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True)
class Origin:
    """The session that a statement comes from, as it was when the statement began."""

    identity: Identity = field(default_factory=Identity)
    database: str | None = None
    schema: str | None = None
    tag: str = ""


@dataclass(eq=False)
class Statement:
    """A statement of a session; `seconds` is None while it runs."""

    text: str
    origin: Origin
    stop: Callable[[], None] | None = None
    """Stops it; None once it has ended."""
    query_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float | None = None
    error: str = ""
    is_harmless: bool = True
    """False: it has a secret, or is too long to know."""
    ran: list[str] = field(default_factory=list)
    """The beginnings of what DuckDB ran."""

    @property
    def status(self) -> str:
        """RUNNING, SUCCESS or FAILED_WITH_ERROR."""
        if self.seconds is None:
            return "RUNNING"
        return "FAILED_WITH_ERROR" if self.error else "SUCCESS"

    @property
    def error_code(self) -> str:
        """The six digits of its error; none without one."""
        return self.error[:6]

    @property
    def error_message(self) -> str:
        """The message of its error; empty for a statement with a secret."""
        return self.error.partition(": ")[2]


class Activity:
    """The statements of all sessions: those that run, and the last that ended."""

    def __init__(self) -> None:
        self._running: dict[int, Statement] = {}
        self._ended: deque[Statement] = deque(maxlen=KEPT)
        self._by_id: OrderedDict[str, Statement] = OrderedDict()
        self._lock = threading.Lock()  # of a statement that ends, which goes from one to the other

    @contextmanager
    def statement(
        self, text: str, origin: Origin, stop: Callable[[], None] | None = None
    ) -> Generator[Statement]:
        """Note a statement, from its beginning to its end."""
        has_secret = bool(_SECRET.search(text, 0, LONGEST))
        told = _beginning(_without_texts(text) if has_secret else text)
        one = Statement(told, origin, stop)
        one.is_harmless = not has_secret and len(text) <= LONGEST
        self._running[id(one)] = one
        outer, began = _current.set(one), time.monotonic()
        try:
            yield one
        except StatementFailed as failure:
            one.error = _beginning(str(failure)) if one.is_harmless else f"{failure.errno:06d}"
            raise
        finally:
            one.seconds, one.stop = time.monotonic() - began, None
            _current.reset(outer)
            self._ended.append(one)
            with self._lock:
                self._by_id[one.query_id] = replace(one, ran=[])
                del self._running[id(one)]
                if len(self._by_id) > KEPT_IDS:
                    self._by_id.popitem(last=False)

    def find(self, query_id: str) -> Statement | None:
        """The statement of an id, which runs or has ended."""
        running = (one for one in self.running() if one.query_id == query_id)
        return next(running, None) or self._by_id.get(query_id)

    def running(self) -> list[Statement]:
        """The statements that run now, those that began first before the others."""
        return list(self._running.values())

    def latest(self) -> list[Statement]:
        """The statements that run, then the last that ended, the newest first."""
        with self._lock:
            return self.running()[::-1] + list(self._by_id.values())[::-1]

    def ended(self) -> list[Statement]:
        """The last statements, the newest first."""
        return list(self._ended)[::-1]


def note(sql: str) -> None:
    """Note what DuckDB is given for the statement that this thread runs, if it runs one."""
    one = _current.get()
    if one and one.is_harmless and len(one.ran) < MOST_TEXTS:
        one.ran.append(_beginning(sql))


def _without_texts(text: str) -> str:
    return _DOUBLE_QUOTED.sub('"…"', _TEXT.sub("'…'", text))


def _beginning(text: str) -> str:
    text = text.strip()
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"
