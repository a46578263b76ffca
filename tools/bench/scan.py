"""Measure how fast the Scan mock is and how much memory it needs, on this machine.

    python -m tools.bench.scan

A year of history at two updates a second, served by one process that may use one core. The client
that reads it runs on the others. The first page after a start is timed in a process of its own,
at the start of the year and at its end; the best of `STARTS` counts, as others use the machine too.
"""

import json
import os
import tempfile
import time
from contextlib import closing
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from local.embedded.children import Child, Children, ChildSpec, free_port

YEAR = 2 * 365 * 86_400  # updates
PAGE = 1000
PAGES = 20
STARTS = 5
Cursor = dict[str, Any] | None


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="canton-bench-") as root:
        port, state = free_port(), Path(root) / "scan.json"
        arguments = ("--port", str(port), "--state", str(state), "--limit", "0")
        spec = ChildSpec(
            "scan",
            "mocks.canton_scan",
            (*arguments, "--history", str(YEAR)),
            ready_url=f"http://127.0.0.1:{port}/api/scan/readyz",
        )
        starts = [_first_pages(spec) for _ in range(STARTS)]
        ready, early, late = (min(seconds) for seconds in zip(*starts, strict=True))
        print(f"ready after {ready:.2f} s, with a year of history ({YEAR:,} updates)")
        print(f"first page of {PAGE:,} at its start {early:.3f} s, at its end {late:.3f} s")
        with Children(Path(root) / "logs") as children:
            mock = _started(children, spec)
            seconds, mean_bytes, megabytes = _throughput(mock)
    rate, best = PAGE * PAGES / sum(seconds), PAGE / min(seconds)
    print(f"{rate:,.0f} updates/s over {PAGES} pages, {best:,.0f} in the best of them;", end=" ")
    print(f"{mean_bytes:,.0f} bytes each, on one core; {megabytes:.0f} MB")


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


def _throughput(mock: Child) -> tuple[list[float], float, float]:
    """Seconds of each page, the mean size of an update, and the process's megabytes after."""
    cursor: Cursor = None
    seconds: list[float] = []
    size = 0
    with _client(mock) as client:
        for _ in range(PAGES):
            began = time.monotonic()
            body = _page(client, cursor)
            seconds.append(time.monotonic() - began)
            size += len(body)
            last = json.loads(body)["transactions"][-1]
            cursor = {
                "after_migration_id": last.get("event", last)["migration_id"],
                "after_record_time": last["record_time"],
            }
    memory = psutil.Process(mock.process.pid).memory_info().rss
    return seconds, size / (PAGE * PAGES), memory / 1e6


def _client(mock: Child) -> closing[HTTPConnection]:
    """The plainest client there is: it is the mock that is measured."""
    return closing(HTTPConnection(urlsplit(mock.spec.ready_url).netloc, timeout=60))


def _page(client: HTTPConnection, after: Cursor) -> bytes:
    request = {"page_size": PAGE, **({"after": after} if after else {})}
    client.request(
        "POST", "/api/scan/v2/updates", json.dumps(request), {"Content-Type": "application/json"}
    )
    return client.getresponse().read()


def _an_hour_ago(client: HTTPConnection) -> Cursor:
    client.request("GET", "/_mock/ledger")
    head = json.loads(client.getresponse().read())["head"]
    earlier = datetime.fromisoformat(head["record_time"]) - timedelta(hours=1)
    return {
        "after_migration_id": head["migration_id"],
        "after_record_time": earlier.isoformat(),
    }


if __name__ == "__main__":
    main()
