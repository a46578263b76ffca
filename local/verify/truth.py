"""The truth of the Scan mock (``/_mock/truth``), added up over as many answers as it takes."""

from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx

from services.adapters.tls import trusted
from services.errors import PipelineError
from services.model import GENESIS, Position, Stretch, parse_record_time
from services.watermarks import utc_naive

Answer = dict[str, Any]
Read = Callable[[dict[str, Any]], Answer]
Fetch = Callable[[str], Answer]


class TruthUnknown(PipelineError):
    """The Scan has no truth to compare with: it isn't a mock, or serves a recording."""


@dataclass
class Totals:
    """Totals by minute, of accounts and of the network; amounts in CC."""

    accounts: dict[tuple[datetime, str], Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    minutes: dict[datetime, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, answer: Answer) -> None:
        for row in answer["accounts"]:
            _add(self.accounts[_minute(row), row["account"]], row)
        for row in answer["minutes"]:
            _add(self.minutes[_minute(row)], row)

    def take_before(self, minute: datetime) -> "Totals":
        """The totals of earlier minutes, which are no longer kept here."""
        taken = Totals()
        for key in [key for key in self.accounts if key[0] < minute]:
            taken.accounts[key] = self.accounts.pop(key)
        for at in [at for at in self.minutes if at < minute]:
            taken.minutes[at] = self.minutes.pop(at)
        return taken


@dataclass(frozen=True)
class Oracle:
    """The source of truth: `read` returns it between positions, `fetch` a served update."""

    read: Read
    fetch: Fetch


@contextmanager
def over_http(scan_url: str) -> Generator[Oracle]:
    """The mock at this address, which is not its API's base URL: ``http://127.0.0.1:5012``.

    Raises (on each call):
        TruthUnknown: It has no such path, serves a recording, or does not answer properly.
    """
    with httpx.Client(base_url=scan_url, timeout=60, trust_env=False, verify=trusted()) as client:

        def get(path: str, query: dict[str, Any] | None = None) -> Answer:
            answer = client.get(path, params=query)
            if answer.status_code != 200:
                message = f"{answer.url} answered {answer.status_code}: {answer.text[:200]}"
                raise TruthUnknown(message)
            return answer.json()

        yield Oracle(
            read=lambda query: get("/_mock/truth", query),
            fetch=lambda update_id: get(f"/api/scan/v2/updates/{update_id}"),
        )


def read_truth(read: Read, stretch: Stretch, totals: Totals) -> list[Answer]:
    """The updates of a stretch of history with their movements; adds to the totals."""
    updates: list[Answer] = []
    for answer in _answers(read, stretch):
        updates += answer["updates"]
        totals.add(answer)
    return updates


def _answers(read: Read, stretch: Stretch) -> Iterator[Answer]:
    after, is_complete = stretch.after, False
    while not is_complete:
        answer = read({**_bound("after", after), **_bound("upto", stretch.upto)})
        yield answer
        is_complete = answer["is_complete"]
        if not is_complete:
            place = answer["upto"]
            after = Position(place["migration_id"], parse_record_time(place["record_time"]))


def _bound(name: str, position: Position) -> dict[str, Any]:
    if position == GENESIS:
        return {}
    migration_id, _, record_time = str(position).partition("/")
    return {f"{name}_migration_id": migration_id, f"{name}_record_time": record_time}


def _minute(row: Answer) -> datetime:
    return utc_naive(parse_record_time(row["minute_at"]))


def _add(totals: Counter[str], row: Answer) -> None:
    for name, value in row.items():
        if name.endswith("_cc"):
            totals[name] += Decimal(value)  # pyright: ignore[reportArgumentType]
        elif name.endswith("_count"):
            totals[name] += value
