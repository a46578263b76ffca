"""The Scans of several Super Validators, read as one.

`/v2/updates` is byte-identical on all of them; one that lags only has less (API facts, section 2).
So whichever node answers, the next one may go on with the same position. What must not happen:
nodes of two networks mixed, or the head of a node that lags taken for the network's.
"""

import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from math import inf
from types import TracebackType
from typing import Self, TypeVar

from services.accept import synchronizer_of
from services.adapters.canton_scan import CantonScan, up_to_head
from services.adapters.patience import (
    BUSY_PAUSES,
    BUSY_SECONDS,
    SLOW_TRIES,
    PageSize,
    long_pause,
    pause,
)
from services.errors import (
    NetworkMismatch,
    PageRefused,
    SourceBusy,
    SourceContractBroken,
    SourceTooSlow,
    SourceUnavailable,
)
from services.model import Page, Position

Answer = TypeVar("Answer")
Failure = SourceUnavailable | SourceContractBroken | PageRefused
# What another node may do better. NetworkMismatch is none of them: it is for a person to settle.
_FAILURES = (SourceUnavailable, SourceContractBroken, PageRefused)
_RESET_HINT = (
    "All nodes of CANTON_BASE_URL must belong to one network. DevNet and TestNet are reset every"
    " few months: take the other node out; or begin anew, with `make reset` or another"
    " SNOWFLAKE_DATABASE, or with CANTON_NETWORK beside what is there."
)

_log = logging.getLogger(__name__)


class ScanNodes:
    """Reads the nodes of one network, the first of them as long as it answers.

    * A node that fails, or sends what may not be landed, is passed over: the same page is requested
      from the next one. It stays behind the others until the next run (`network` begins one), which
      is logged once.
    * A short page is the head only where no other node has more: at the end of its history each run
      makes one request more to each other node, and the longest page is taken.
    * A request to a node that is too busy is retried a few times within seconds. If every node is
      busy, all are tried again after pauses that outlast a rate limit's window; each is logged.
    * A node that is too slow is passed over like any other that fails, and its next request is for
      fewer updates. With a single node, that request follows at once.
    * A node of another network ends the run.

    With a single node, its errors are what they are.

    Args:
        nodes: The preferred one first.
        page_size: Updates a page, 1 to 1000.
        wait: Sleeps so many seconds.
        chance: Draws from 0 to 1.
    """

    def __init__(
        self,
        nodes: Sequence[CantonScan],
        *,
        page_size: int = 1000,
        wait: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._preferred = tuple(nodes)
        self._nodes = list(nodes)  # in the order in which they are tried
        self._sizes = {node: PageSize.of(page_size) for node in nodes}
        self._wait = wait
        self._chance = chance
        self._network_by: tuple[str, str] | None = None  # the network, and the node that named it
        self._synchronizer_id: str | None = None
        self._troubled: set[CantonScan] = set()  # whose failure is in the log already

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        for node in self._preferred:
            node.close()

    def network(self) -> str:
        """The network that the nodes belong to. A run begins with it, and so with the first node.

        Raises:
            SourceUnavailable: No node answered properly this time.
            SourceContractBroken: No node returns a DSO party.
            NetworkMismatch: A node belongs to another network than the node before it.
        """
        self._nodes = list(self._preferred)
        return self._patient_answer(CantonScan.network)[0]

    def start(self, start_at: str) -> Position:
        """The position that a configured start means here (see `CantonScan.start`)."""
        return self._patient_answer(lambda node: node.start(start_at))[0]

    def pages(
        self,
        after: Position,
        synchronizer_id: str | None,
        patience_seconds: float = inf,
    ) -> Iterator[Page]:
        """Pages of updates strictly after `after`, oldest first; the last one is short.

        Args:
            after: Where to begin.
            synchronizer_id: The synchronizer seen so far, if any.
            patience_seconds: How long to wait for a page at most while every node is busy;
                `BUSY_SECONDS` is the limit of that.

        Yields:
            Updates, unchanged: as many as were requested, which may be fewer than `page_size`.

        Raises:
            SourceUnavailable: No node answered properly this time; holds the reasons of all.
            SourceContractBroken: None did, and none will.
            PageRefused: No node had a page that may be landed; it is the first that was refused.
            NetworkMismatch: A node belongs to another network, or sent a second synchronizer.
        """
        return up_to_head(
            lambda position: self._page(position, synchronizer_id, patience_seconds), after
        )

    def answer(self, method: str, path: str, body: object = None) -> bytes:
        """The first node's answer to any request (see `CantonScan.answer`)."""
        return self._patient_answer(lambda node: node.answer(method, path, body))[0]

    def _page(
        self, after: Position, synchronizer_id: str | None, patience_seconds: float
    ) -> Page | None:
        expected = synchronizer_id or self._synchronizer_id
        page, others = self._patient_answer(
            lambda node: self._fitting_page(node, after, expected), patience_seconds
        )
        answered = self._nodes[0]
        size = self._sizes[answered]
        if page is None or page.is_short:
            page = self._longest(
                page, others, lambda node: self._page_of(node, after, expected, size)
            )
        self._sizes[answered] = size.after_answer()
        if page and not expected:
            self._synchronizer_id = synchronizer_of(page.lines)
        return page

    def _longest(
        self,
        page: Page | None,
        others: Sequence[CantonScan],
        request: Callable[[CantonScan], Page | None],
    ) -> Page | None:
        """The longest page there is, from the node that has it; `page` is what the first one has.

        Nodes that fail here don't fail the run, which has an answer. But if only one node has
        answered, that is logged: where nothing seems new, that one may lag.
        """
        is_confirmed = len(self._preferred) == 1
        for node in others:
            try:
                other = self._answer(node, request)
            except _FAILURES as error:
                self._pass_over(node, error)
                continue
            is_confirmed = True
            if other and (page is None or len(other.lines) > len(page.lines)):
                page = other
                self._prefer(node)
                if not page.is_short:
                    break
        if not is_confirmed:
            first = self._nodes[0].base_url
            _log.warning("%s alone says where the history ends: no other Scan answered", first)
        return page

    def _patient_answer(
        self, request: Callable[[CantonScan], Answer], patience_seconds: float = inf
    ) -> tuple[Answer, list[CantonScan]]:
        """Return the result of `_first_answer`, waiting and retrying while every node is too busy.

        First, requests to each node are retried within seconds; then once after each pause.
        """
        attempt, waited = 0, 0.0
        while True:
            try:
                return self._first_answer(request, len(BUSY_PAUSES) if attempt else 0)
            except SourceBusy as busy:
                left = min(patience_seconds, BUSY_SECONDS) - waited
                seconds = long_pause(attempt, busy.retry_after_seconds, left, self._chance())
                if seconds is None:
                    raise
                _log.warning("%s; waiting %.0f s to ask again", _in_a_line(busy), seconds)
            self._wait(seconds)
            attempt, waited = attempt + 1, waited + seconds

    def _first_answer(
        self, request: Callable[[CantonScan], Answer], attempt: int
    ) -> tuple[Answer, list[CantonScan]]:
        """The answer of the first node that has one, and the nodes that were not tried."""
        failures: list[Failure] = []
        nodes = list(self._nodes)
        for number, node in enumerate(nodes, 1):
            try:
                answer = self._answer(node, request, attempt)
            except _FAILURES as error:
                if len(nodes) == 1:
                    raise
                self._pass_over(node, error)
                failures.append(error)
            else:
                return answer, nodes[number:]
        raise _of_all(failures) from failures[0]

    def _answer(
        self, node: CantonScan, request: Callable[[CantonScan], Answer], attempt: int = 0
    ) -> Answer:
        """Return a node's answer after checking its network, pausing while the node is too busy.

        `attempt` counts the retries so far: the pauses between them grow with it.
        """
        while True:
            try:
                self._check_network(node)
                answer = request(node)
            except SourceBusy as busy:
                seconds = pause(attempt, busy.retry_after_seconds, self._chance())
                if seconds is None:
                    raise
            else:
                self._troubled.discard(node)
                return answer
            self._wait(seconds)
            attempt += 1

    def _check_network(self, node: CantonScan) -> None:
        network = node.network()
        if self._network_by is None:
            self._network_by = network, node.base_url
        first_network, first_url = self._network_by
        if network != first_network:
            raise NetworkMismatch(
                f"{node.base_url} serves network {network},"
                f" {first_url} serves network {first_network}.\n{_RESET_HINT}"
            )

    def _fitting_page(self, node: CantonScan, after: Position, expected: str | None) -> Page | None:
        """A node's page, of fewer updates after it was too slow for as many as are set.

        A single node's requests shrink until it is in time; of several, the next one is tried.
        """
        tries = SLOW_TRIES if len(self._preferred) == 1 else 1
        while True:
            size = self._sizes[node]
            try:
                return self._page_of(node, after, expected, size)
            except SourceTooSlow as error:
                tries -= 1
                fewer = self._sizes[node] = size.after_slow()
                if not tries or fewer.now == size.now:
                    raise
                _log.warning("%s; asking for %d updates a page", error, fewer.now)

    def _page_of(
        self, node: CantonScan, after: Position, expected: str | None, size: PageSize
    ) -> Page | None:
        try:
            return node.page(after, expected, page_size=size.now)
        except NetworkMismatch as error:
            before, now = node.network(), node.network(is_refreshed=True)
            if now != before:
                raise NetworkMismatch(
                    f"{node.base_url} was of network {before} and is of {now} now: it was reset."
                    f"\n{_RESET_HINT}"
                ) from error
            if len(self._preferred) == 1:
                raise
            raise NetworkMismatch(f"{node.base_url} sent {error}\n{_RESET_HINT}") from error

    def _prefer(self, node: CantonScan) -> None:
        self._nodes.remove(node)
        self._nodes.insert(0, node)

    def _pass_over(self, node: CantonScan, error: Failure) -> None:
        self._nodes.remove(node)
        self._nodes.append(node)
        if node not in self._troubled:
            self._troubled.add(node)
            _log.warning("passing over a Scan: %s", _in_a_line(error))


def _of_all(failures: Sequence[Failure]) -> Failure:
    """One error with those of all nodes, a line each; equal hints appear once."""
    refused = next((error for error in failures if isinstance(error, PageRefused)), None)
    if refused:
        others = [_in_a_line(error) for error in failures if error is not refused]
        reason = "\n".join([refused.reason, "no other Scan has a better one:", *others])
        return PageRefused(reason, refused.body, refused.source_url)
    hints = [error.hint for error in failures if not isinstance(error, PageRefused) and error.hint]
    lines = ["no Scan answers properly:", *map(_in_a_line, failures), *dict.fromkeys(hints)]
    if pauses := [error.retry_after_seconds for error in failures if isinstance(error, SourceBusy)]:
        waits = [seconds for seconds in pauses if seconds is not None]
        return SourceBusy("\n".join(lines), min(waits) if len(waits) == len(pauses) else None)
    is_passing = any(error.retryable for error in failures)
    return (SourceUnavailable if is_passing else SourceContractBroken)("\n".join(lines))


def _in_a_line(error: Failure) -> str:
    reason = " ".join(error.reason.splitlines())
    return f"{error.source_url}: {reason}" if isinstance(error, PageRefused) else reason
