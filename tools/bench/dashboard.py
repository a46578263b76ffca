"""Measure the seconds until the dashboard of gold shows its first numbers, and all of its charts.

    ./pipeline bench-dashboard                      100,000 updates, three servers
    ./pipeline bench-dashboard --updates 20000

A new ledger goes through all layers, in a folder that is deleted afterwards. Then Chromium opens
the page of activity, as a visitor of its own each time: `first page` is the first one of a server
that has just begun to answer, `later page` one whose answers are still kept. The time counts from
the request; `server` from its start until it answers. Medians, and the slowest.
"""

import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Browser

from local.embedded import world
from local.embedded.children import Children
from local.embedded.run import Run
from services.tables import print_table
from tests.e2e.browser import chromium, new_visitor
from tools.bench.pipeline import opened, run_flow

UPDATES = "100000"
SERVERS, LATER_PAGES = 3, 3
PAGE = 1000  # updates
LAST_CHART = 2  # of three

Measured = tuple[str, float]  # what, in seconds


def main() -> None:
    updates = int(os.environ.get("UPDATES") or UPDATES)
    found: dict[str, list[float]] = defaultdict(list)
    with (
        tempfile.TemporaryDirectory(prefix="canton-bench-") as root,
        opened(updates, root) as this,
        chromium() as browser,
    ):
        run_flow(this, f"budget_pages={updates // PAGE + 1}")
        for _ in range(SERVERS):
            for what, seconds in measure(this, browser):
                found[what].append(seconds)
    rows = [row(what, seconds) for what, seconds in found.items()]
    print_table(rows, f"the dashboard over {updates:,} updates")


def measure(this: Run, browser: Browser) -> Iterator[Measured]:
    with Children(this.state.path / "logs", this.environment) as children:
        began = time.monotonic()
        children.wait_ready(children.start(world.dashboard(this.state, this.ports)))
        yield "server", time.monotonic() - began
        for number in range(1 + LATER_PAGES):
            yield from paint("later page" if number else "first page", browser, this)


def paint(name: str, browser: Browser, this: Run) -> Iterator[Measured]:
    visitor = new_visitor(browser, Path())
    page = visitor.page()
    began = time.monotonic()
    page.goto(this.ports.url("dashboard"), wait_until="commit")
    page.get_by_test_id("stMetricValue").first.wait_for()
    yield f"{name}: numbers", time.monotonic() - began
    page.locator("svg.marks").nth(LAST_CHART).wait_for()
    yield f"{name}: all charts", time.monotonic() - began
    visitor.close()


def row(what: str, seconds: Sequence[float]) -> dict[str, str]:
    return {
        "what": what,
        "median": f"{statistics.median(seconds):.1f} s",
        "slowest": f"{max(seconds):.1f} s",
    }


if __name__ == "__main__":
    main()
