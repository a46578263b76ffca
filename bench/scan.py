"""How fast the Scan mock is and how much memory it needs, on this machine.

    python -m bench.scan

A year of history at two updates a second, served by one process that may use one core. The client
that reads it runs on the others. The first page after a start is timed in a process of its own,
at the start of the year and at its end; the best of `STARTS` counts, as others use the machine too.
"""

import json
import os
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil

from embedded.children import Child, Children, ChildSpec, free_port

YEAR = 2 * 365 * 86_400  # updates
PAGE = 1000
PAGES = 20
STARTS = 5
Cursor = dict[str, Any] | None


def main() -> None:
    """Print a line a figure."""
    with tempfile.TemporaryDirectory(prefix="canton-bench-") as root:
        spec = _spec(Path(root))
        starts = [_first_pages(spec) for _ in range(STARTS)]
        ready, early, late = (min(seconds) for seconds in zip(*starts, strict=True))
        print(f"ready after {ready:.2f} s, with a year of history ({YEAR:,} updates)")
        print(f"first page of {PAGE:,} at its start {early:.3f} s, at its end {late:.3f} s")
        with Children(Path(root) / "logs") as children:
            mock = _started(children, spec)
            rate, mean, megabytes = _throughput(mock)
    print(f"{rate:,.0f} updates/s of {mean:,.0f} bytes on one core; {megabytes:.0f} MB")


def _spec(root: Path) -> ChildSpec:
    port = free_port()
    arguments = ("--port", str(port), "--state", str(root / "scan.json"), "--limit", "0")
    ready_url = f"http://127.0.0.1:{port}/api/scan/readyz"
    return ChildSpec(
        "scan", "mocks.canton_scan", (*arguments, "--history", str(YEAR)), ready_url=ready_url
    )


def _started(children: Children, spec: ChildSpec) -> Child:
    mock = children.start(spec)
    os.sched_setaffinity(mock.process.pid, {0})
    children.wait_ready(mock)
    return mock


def _first_pages(spec: ChildSpec) -> tuple[float, float, float]:
    """Seconds until it is ready, for the oldest page, and for one an hour before the newest."""
    found: list[float] = []
    for is_late in (False, True):
        with tempfile.TemporaryDirectory() as logs, Children(Path(logs)) as children:
            began = time.monotonic()
            mock = _started(children, spec)
            ready = time.monotonic() - began
            with _client(mock) as client:
                cursor = _an_hour_ago(client) if is_late else None
                began = time.monotonic()
                _page(client, cursor)
                found += [ready, time.monotonic() - began]
    return min(found[0], found[2]), found[1], found[3]


def _throughput(mock: Child) -> tuple[float, float, float]:
    """Updates a second over some pages, their mean size, and the process's megabytes after."""
    cursor: Cursor = None
    seconds, size = 0.0, 0
    with _client(mock) as client:
        for _ in range(PAGES):
            began = time.monotonic()
            body = _page(client, cursor)
            seconds += time.monotonic() - began
            size += len(body)
            cursor = _cursor_of(json.loads(body)["transactions"][-1])
    memory = psutil.Process(mock.process.pid).memory_info().rss
    count = PAGE * PAGES
    return count / seconds, size / count, memory / 1e6


def _client(mock: Child) -> httpx.Client:
    base_url = mock.spec.ready_url.removesuffix("/api/scan/readyz")
    return httpx.Client(base_url=base_url, timeout=60, trust_env=False)


def _page(client: httpx.Client, after: Cursor) -> bytes:
    request = {"page_size": PAGE, **({"after": after} if after else {})}
    answer = client.post("/api/scan/v2/updates", json=request)
    return answer.raise_for_status().content


def _an_hour_ago(client: httpx.Client) -> Cursor:
    head = client.get("/_mock/ledger").json()["head"]
    earlier = datetime.fromisoformat(head["record_time"]) - timedelta(hours=1)
    return {
        "after_migration_id": head["migration_id"],
        "after_record_time": earlier.isoformat(),
    }


def _cursor_of(update: dict[str, Any]) -> Cursor:
    migration_id = update.get("event", update)["migration_id"]
    return {"after_migration_id": migration_id, "after_record_time": update["record_time"]}


if __name__ == "__main__":
    main()
