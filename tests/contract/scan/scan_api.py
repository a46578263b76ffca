"""A client of the Scan mock in process, without sockets, and a clock that stands still."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from mocks.canton_scan.app import create_app
from mocks.canton_scan.clock import Micros, parse_instant
from mocks.canton_scan.history import History

NOON = parse_instant("2026-11-20T12:00:00Z")


@dataclass
class StoppedClock:
    """Stands still until it is moved."""

    now: Micros = NOON

    def __call__(self) -> Micros:
        return self.now


class Api:
    """Requests to an app over a history."""

    def __init__(self, history: History, runner: asyncio.Runner) -> None:
        self._transport = httpx.ASGITransport(create_app(history), raise_app_exceptions=False)
        self._runner = runner

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._runner.run(self._send(method, path, options))

    async def _send(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        base_url = "http://scan/api/scan"
        async with httpx.AsyncClient(transport=self._transport, base_url=base_url) as client:
            return await client.request(method, path, **options)

    def page(self, size: int, after: tuple[int, str] | None = None) -> list[dict[str, Any]]:
        body: dict[str, Any] = {"page_size": size}
        if after is not None:
            body["after"] = {"after_migration_id": after[0], "after_record_time": after[1]}
        response = self.request("POST", "/v2/updates", json=body)
        assert response.status_code == 200, response.text
        return msgspec.json.decode(response.content)["transactions"]

    def walk(self, size: int) -> Iterator[dict[str, Any]]:
        """Every update, page by page, as a reader of the API goes through them."""
        after = None
        while True:
            page = self.page(size, after)
            yield from page
            if len(page) < size:
                return
            after = position(page[-1])


def position(update: dict[str, Any]) -> tuple[int, str]:
    """Where an update stands, as a cursor has it: a reassignment's migration is in its event."""
    return update.get("event", update)["migration_id"], update["record_time"]
