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
EARLY, MIDDLE, LATE = (  # snapshots of the ledger of a day
    (3, "2026-11-19T21:00:00Z"),
    (4, "2026-11-20T00:00:00Z"),
    (4, "2026-11-20T12:00:00Z"),
)
NO_ROUNDS: dict[str, list[str]] = {
    "cached_open_mining_round_contract_ids": [],
    "cached_issuing_round_contract_ids": [],
}


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

    def page(
        self, size: int, after: tuple[int, str] | None = None, of: str = "/v2/updates"
    ) -> list[dict[str, Any]]:
        body: dict[str, Any] = {"page_size": size}
        if after is not None:
            body["after"] = {"after_migration_id": after[0], "after_record_time": after[1]}
        response = self.request("POST", of, json=body)
        assert response.status_code == 200, response.text
        (items,) = msgspec.json.decode(response.content).values()
        return items

    def walk(self, size: int, of: str = "/v2/updates") -> Iterator[dict[str, Any]]:
        """Every item, page by page, as a reader of the API goes through them."""
        after = None
        while True:
            page = self.page(size, after, of)
            yield from page
            if len(page) < size:
                return
            after = position(page[-1])


def position(item: dict[str, Any]) -> tuple[int, str]:
    """Return the position of an update or event: migration and record time, as a cursor has it.

    A reassignment's migration is in its event. An event stands where its update or verdict does.
    """
    if "update" in item:
        return position(item["update"] or item["verdict"])
    return item.get("event", item)["migration_id"], item["record_time"]


def summary_of(
    api: Api, at: tuple[int, str], owners: list[str], match: str = "exact"
) -> httpx.Response:
    """The answer that tells what some parties held at a snapshot."""
    body = {
        "migration_id": at[0],
        "record_time": at[1],
        "record_time_match": match,
        "owner_party_ids": owners,
    }
    return api.request("POST", "/v1/holdings/summary", json=body)
