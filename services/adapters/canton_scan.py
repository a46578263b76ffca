"""The Scan API of a Super Validator, as far as bronze needs it.

Facts: Splice's Scan OpenAPI (`/v2/updates`, `/v0/dso-party-id`) and its server's answers to
errors. Scan needs no token; access is an IP allow-list, and an address that is not on it sees a
hang.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from services.accept import accept_page, network_of
from services.adapters.patience import retry_after_seconds
from services.adapters.tls import trusted
from services.errors import (
    PipelineError,
    SettingsWrong,
    SourceBusy,
    SourceContractBroken,
    SourceTooSlow,
    SourceUnavailable,
)
from services.model import GENESIS, Page, Position, parse_record_time

CONNECT_SECONDS = 10.0
_NOT_ALLOWED_HINT = (
    "Super Validators answer only addresses on their allow-list; others see it hang."
    " Is this machine's egress address listed, and is CANTON_BASE_URL right?"
)
_NO_SCAN_HINT = (
    "Is CANTON_BASE_URL a Scan? It ends in /api/scan, and https where the node wants that."
)
_TOO_LONG = "taking too long to respond"  # in Scan's 503 when a request timed out there


class CantonScan:
    """Reads one Scan node. Each request is made once: `scan_nodes` is what tries again.

    Args:
        base_url: Ends in `/api/scan`.
        page_size: Updates a page, 1 to 1000.
        timeout_seconds: How long one answer may take.
        requests_per_second: The most requests to the node; None: no limit.
        is_simulated: Whether the ledger has a clock of its own, which may be ahead of this
            machine's. No other one's updates are from the future.
        transport: Tests hand in the mock's app; None opens sockets.

    Raises:
        SettingsWrong: `base_url` is no URL.
    """

    def __init__(  # noqa: PLR0913 -- where a node is, and how it is called
        self,
        base_url: str,
        *,
        page_size: int = 1000,
        timeout_seconds: float = 60.0,
        requests_per_second: float | None = None,
        is_simulated: bool = False,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.base_url = base_url
        self._page_size = page_size
        self._is_simulated = is_simulated
        timeout = httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds))
        try:
            self._client = httpx.Client(
                base_url=base_url, timeout=timeout, transport=transport, verify=trusted()
            )
        except httpx.InvalidURL as error:
            raise SettingsWrong(f"setting CANTON_BASE_URL is no URL: {error}") from error
        self._network: str | None = None
        self._gap_seconds = 1 / requests_per_second if requests_per_second else 0.0
        self._next_request_at = 0.0

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
        self._client.close()

    def network(self, *, is_refreshed: bool = False) -> str:
        """The network this node belongs to: 12 hex digits of its DSO party's namespace.

        It is requested once, and again if `is_refreshed`: a network may be reset.

        Raises:
            SourceUnavailable: No proper answer this time.
            SourceContractBroken: An answer without a DSO party.
        """
        if self._network is None or is_refreshed:
            party = self._get_json("/v0/dso-party-id").get("dso_party_id")
            try:
                self._network = network_of(str(party))
            except ValueError as error:
                raise SourceContractBroken(f"{self.base_url}/v0/dso-party-id: {error}") from error
        return self._network

    def version(self) -> str:
        """The Scan's release, for messages."""
        return str(self._get_json("/version").get("version"))

    def start(self, start_at: str) -> Position:
        """The position that a configured start means here.

        A time alone belongs to a migration, whose record times may overlap the next one's: it is
        the first migration that has updates after it.

        Args:
            start_at: `genesis`, a position ``4/2025-12-10T16:00:00Z``, or a UTC time.
        """
        if start_at == "genesis" or "/" in start_at:
            return Position.parse(start_at)
        position = Position(0, parse_record_time(start_at))
        while True:
            page = self.page(position, None, page_size=1)
            if page is None or page.upto.migration_id == position.migration_id:
                return position
            position = replace(position, migration_id=page.upto.migration_id)

    def pages(
        self, after: Position, synchronizer_id: str | None, patience_seconds: float = 0
    ) -> Iterator[Page]:
        """Pages of updates strictly after `after`, oldest first; the last one is short.

        The API takes `after` as exclusive and orders by (migration id, record time): going on
        from the last update of a page neither skips nor repeats.

        Args:
            after: Where to begin.
            synchronizer_id: The synchronizer seen so far, if any.
            patience_seconds: Has no effect: each request is made once.

        Yields:
            1 to `page_size` updates, unchanged.

        Raises:
            SourceUnavailable: Timeout, lost connection, 429 or 5xx.
            SourceContractBroken: Any other refusal.
            PageRefused: The answer may not be landed (see `services.accept`).
        """
        del patience_seconds
        return up_to_head(
            lambda position: self.page(position, synchronizer_id, page_size=self._page_size), after
        )

    def page(self, after: Position, synchronizer_id: str | None, *, page_size: int) -> Page | None:
        """The page after a position, short of `page_size` at the node's head; None beyond it."""
        request: dict[str, Any] = {"page_size": page_size}
        if after != GENESIS:
            request["after"] = {
                "after_migration_id": after.migration_id,
                "after_record_time": str(after).partition("/")[2],
            }
        return accept_page(
            self.answer("POST", "/v2/updates", request),
            network=self.network(),
            synchronizer_id=synchronizer_id,
            after=after,
            page_size=page_size,
            source_url=self.base_url,
            now=None if self._is_simulated else datetime.now(UTC),
        )

    def answer(self, method: str, path: str, body: object = None) -> bytes:
        """The node's answer to any request, as it was sent.

        Args:
            method: `GET` or `POST`.
            path: Below `base_url`, such as `/v0/dso`.
            body: Sent as JSON; None sends none.

        Raises:
            SourceUnavailable: Timeout, lost connection, 429 or 5xx.
            SourceContractBroken: Any other refusal.
        """
        url = f"{self.base_url}{path}"
        self._keep_pace()
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.ConnectTimeout as error:
            raise SourceUnavailable(f"{url} did not answer.", _NOT_ALLOWED_HINT) from error
        except httpx.ConnectError as error:
            reason = f"{url} cannot be reached ({error})."
            raise SourceUnavailable(reason, "Is CANTON_BASE_URL right?") from error
        except httpx.ReadTimeout as error:
            raise SourceTooSlow(f"{url}: {str(error) or type(error).__name__}") from error
        except httpx.RequestError as error:  # some come without a word
            raise SourceUnavailable(f"{url}: {str(error) or type(error).__name__}") from error
        if answer.status_code != HTTPStatus.OK:
            raise self._refusal(url, path, answer)
        return answer.content

    def _get_json(self, path: str) -> dict[str, Any]:
        content = self.answer("GET", path)
        try:
            return msgspec.json.decode(content, type=dict[str, Any])
        except msgspec.MsgspecError as error:
            raise SourceContractBroken(
                f"{self.base_url}{path} answered no JSON: {content[:80]!r}", _NO_SCAN_HINT
            ) from error

    def _keep_pace(self) -> None:
        now = time.monotonic()
        time.sleep(max(0.0, self._next_request_at - now))
        self._next_request_at = max(now, self._next_request_at) + self._gap_seconds

    def _refusal(
        self, url: str, path: str, answer: httpx.Response
    ) -> SourceUnavailable | SourceContractBroken:
        message = f"{url} answered {answer.status_code}: {answer.text[:200].strip()}"
        if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or answer.is_server_error:
            return _unavailable(message, answer)
        if answer.status_code == HTTPStatus.NOT_FOUND and path == "/v2/updates":
            return SourceContractBroken(
                f"{message}\nThis Scan ({self._release()}) does not serve /v2/updates,"
                " which bronze reads."
            )
        if answer.status_code == HTTPStatus.NOT_FOUND or answer.has_redirect_location:
            return SourceContractBroken(message, _NO_SCAN_HINT)
        return SourceContractBroken(message)

    def _release(self) -> str:
        with suppress(PipelineError):  # the answer to explain matters more
            return f"version {self.version()}"
        return "it does not tell its version"


def up_to_head(read_page: Callable[[Position], Page | None], after: Position) -> Iterator[Page]:
    """The pages that `read_page` returns, each after the one before; a short one is the last."""
    while page := read_page(after):
        yield page
        if page.is_short:
            return
        after = page.upto


def _unavailable(message: str, answer: httpx.Response) -> SourceUnavailable:
    if answer.status_code == HTTPStatus.GATEWAY_TIMEOUT or _TOO_LONG in answer.text:
        return SourceTooSlow(message)
    seconds = retry_after_seconds(answer.headers.get("retry-after"), datetime.now(UTC))
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or seconds is not None:
        return SourceBusy(message, seconds)
    return SourceUnavailable(message)
