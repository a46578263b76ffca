"""The page as `make run` starts it, over its services; Prefect's server is away."""

import re
import time
from dataclasses import replace

import httpx
import psutil
import pytest

from local.embedded import world as services
from local.embedded.children import Children, free_port
from local.home.place import HomePlace
from local.home.readings import LANDING, WAREHOUSE, Reading, Readings, from_line, to_line
from local.home.sources import read_landing, read_warehouse
from local.home.view import utc_now, view
from mocks.canton_scan.ledger import open_ledger
from services.quarantine import Aside, set_aside

COUNT = 300
HALF_A_SECOND = 500_000
NOW = 1_765_384_000_000_000
MOST_BYTES = 60 * 2**20
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def line(module_pipeline, tmp_path_factory):
    """A network whose ledger has gone through all layers, and of which a page was refused."""
    state = tmp_path_factory.mktemp("home") / "ledger.json"
    ledger = open_ledger(state, "home", history=COUNT, gap=HALF_A_SECOND, clock=lambda: NOW)
    found = module_pipeline(ledger)
    found.run()
    aside = Aside(found.network, "quarantine/ab", "page after genesis: out of order")
    with found.services.warehouse.session() as session:
        set_aside(session, aside, "run-1")
    return found


def test_the_sources_tell_how_far_each_layer_has_come(world, line):
    place = HomePlace("here", {}, {}, environment=world.environment)
    read = {WAREHOUSE: read_warehouse(place), LANDING: read_landing(world.environment)}
    kept = dict(from_line(to_line(name, Reading(answer))) for name, answer in read.items())
    found = view(place, Readings(kept), line.network, utc_now())

    rows = {
        layer: line.rows(f"select count(*) as n from {table} where network = %(network)s")[0]["n"]
        for layer, table in {
            "bronze": "bronze.canton_transactions_raw",
            "silver": "silver.canton_transactions",
            "gold": "gold.account_activity_minute",
        }.items()
    }
    assert rows["bronze"] == COUNT
    drawn = {node.name: node for node in found.nodes}
    assert {name: drawn[name].count for name in rows} == {
        name: f"{count:,} rows" for name, count in rows.items()
    }
    assert drawn["S3"].count == "1 page"
    assert [drawn[name].state.word for name in rows] == ["stale"] * 3, "of December 2025"
    reached = {one.reached_at for one in found.freshness}
    assert reached == {line.watermark().position.record_time}
    assert sum(bar.count for bar in found.bars) == COUNT
    rules = {row["rule"]: row for row in found.rows("quality")}
    assert rules["gold_equals_silver"]["total"] == rows["gold"]
    assert not rules["gold_equals_silver"]["is_broken"]
    (aside,) = found.rows("aside")
    assert (aside["state"], aside["key"]) == ("refused", "quarantine/ab")
    assert aside["reason"] == "page after genesis: out of order"


def test_the_page_goes_on_without_prefect_and_stays_small(world, line, tmp_path):
    state, ports = world.run.state, replace(world.run.ports, prefect=free_port())
    with Children(tmp_path / "logs") as children:  # the session's would miss what ends here
        home = children.start(services.home(state, ports, is_scan_mocked=False))
        children.wait_ready(home)
        own = psutil.Process(home.process.pid)
        assert own.children() == [], "nobody looks"
        html = read_page(f"{ports.url('home')}/?network={line.network}")
        assert f"{COUNT} rows" in html
        assert "page after genesis: out of order" in html
        assert "<b>Prefect does not answer.</b>" in html
        assert "<form" not in html, "this place has no mocked Scan"
        assert own.memory_info().rss < MOST_BYTES
        (reader,) = own.children()
        home.process.terminate()
        home.process.wait(PATIENCE_SECONDS)
        reader.wait(PATIENCE_SECONDS)


def read_page(url):
    """The page, once every source was read."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS) as client:
        while time.monotonic() < deadline:
            html = client.get(url).raise_for_status().text
            if 'data-pending="no"' in html:
                return html
            time.sleep(0.1)
    raise AssertionError(re.sub("<[^>]+>", " ", html))
