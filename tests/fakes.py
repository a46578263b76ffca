"""Stand-ins for what `services` needs from outside, in memory.

`FakeLanding` goes through the same tests as S3, in ``tests/contract/landing``.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from typing import Any

from services.accept import position_of
from services.errors import LandingCorrupt, LandingRefused, PipelineError, WarehouseRefused
from services.landing import pack, sha256, unpack
from services.model import LandedPage, Page, Position
from tests.updates import NETWORK, SCAN_URL

Row = dict[str, Any]


class FakeSource:
    """A history of lines that never grows.

    Args:
        lines: Updates in order.
        page_size: Updates a page.
        when_asked: Called before an answer: what happens elsewhere meanwhile.
    """

    def __init__(
        self,
        lines: Sequence[bytes],
        page_size: int = 1000,
        when_asked: Callable[[], object] = lambda: None,
    ) -> None:
        self._lines = lines
        self._page_size = page_size
        self._when_asked = when_asked
        self.asked: list[Position] = []

    def network(self) -> str:
        return NETWORK

    def start(self, start_at: str) -> Position:
        return Position.parse(start_at)

    def pages(
        self, after: Position, synchronizer_id: str | None, patience_seconds: float = inf
    ) -> Iterator[Page]:
        del synchronizer_id, patience_seconds
        later = [line for line in self._lines if position_of(line) > after]
        while True:
            self.asked.append(after)
            self._when_asked()
            page, later = tuple(later[: self._page_size]), later[self._page_size :]
            if not page:
                return
            upto = position_of(page[-1])
            is_short = len(page) < self._page_size
            yield Page(NETWORK, after, upto, page, SCAN_URL, is_short)
            if is_short:
                return
            after = upto


@dataclass
class FakeLanding:
    """A bucket whose next calls can be made to fail, before or after they are carried out."""

    objects: dict[str, bytes] = field(default_factory=dict)
    pages: dict[str, LandedPage] = field(default_factory=dict)
    is_there: bool = True
    refuse_next: PipelineError | None = None
    lose_next_answer: PipelineError | None = None

    def check(self) -> None:
        self._answer()

    def land(self, key: str, page: Page, run_id: str) -> LandedPage:
        del run_id
        self._answer()
        if found := self._found(key, page.after):
            return found
        content = pack(page.lines)
        self.objects[key] = content
        self.pages[key] = LandedPage(
            key, page.after, page.upto, len(page.lines), sha256(content), page.source_url
        )
        self._lose_answer()
        return self.pages[key]

    def find(self, key: str, after: Position) -> LandedPage | None:
        self._answer()
        return self._found(key, after)

    def read(self, key: str) -> bytes:
        self._answer()
        if key not in self.objects:
            raise LandingRefused(f"{key} does not exist")
        return self.objects[key]

    def keep(self, key: str, content: bytes) -> None:
        self._answer()
        if self.objects.setdefault(key, content) != content:
            raise LandingCorrupt(f"{key} holds something else")
        self._lose_answer()

    def _found(self, key: str, after: Position) -> LandedPage | None:
        if key not in self.objects or key in self.pages:
            return self.pages.get(key)
        lines = unpack(self.objects[key], key)
        if not lines:
            raise LandingCorrupt(f"{key} holds no update")
        try:
            upto = position_of(lines[-1])
        except ValueError as error:
            raise LandingCorrupt(f"{key}: {error}") from error
        return LandedPage(key, after, upto, len(lines), sha256(self.objects[key]), source_url="")

    def _answer(self) -> None:
        if self.refuse_next:
            error, self.refuse_next = self.refuse_next, None
            raise error
        if not self.is_there:
            raise LandingRefused("bucket does not exist: check LANDING_BUCKET")

    def _lose_answer(self) -> None:
        if self.lose_next_answer:
            error, self.lose_next_answer = self.lose_next_answer, None
            raise error


@dataclass
class FakeWarehouse:
    """A warehouse of fixed rows, which takes down what it is told to do. It knows no SQL.

    It is its own session.

    Args:
        rows: What a query gets that reads from a table, by the table's name.
        changed: How many rows each statement is said to have changed.
        fail_at: The statement, counted from 0, that fails.
    """

    rows: Mapping[str, list[Row]] = field(default_factory=dict)
    changed: int = 1
    fail_at: int | None = None
    executed: list[tuple[str, Row]] = field(default_factory=list)

    @contextmanager
    def session(self) -> Generator["FakeWarehouse"]:
        yield self

    @contextmanager
    def transaction(self, **_: object) -> Generator[None]:
        yield

    def query(self, sql: str, values: Row | None = None) -> list[Row]:
        del values
        table = sql.partition(" from ")[2].split()[0]
        return self.rows[table]

    def execute(self, sql: str, values: Row | None = None) -> int:
        if self.fail_at == len(self.executed):
            raise WarehouseRefused(sql)
        self.executed.append((sql, values or {}))
        return self.changed
