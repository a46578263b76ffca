"""The dashboard as `./pipeline dashboard` serves it, in the machine's own Chromium.

Its picture goes to a temporary folder, or where SCREENSHOTS= says.
"""

import os
import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from local.embedded import world as services
from local.embedded.children import free_port
from tests.clients.dashboard.conftest import COUNT
from tests.clone import ROOT
from tests.e2e.browser import chromium, go, new_visitor, see

OF_SOMEBODY = '[connections.snowflake]\naccount = "acme"\nuser = "me"\npassword = "hush"\n'


@pytest.fixture(scope="module")
def address(world, pipeline, children, tmp_path_factory):
    """The page's, beside a person's own accounts, which it leaves alone."""
    home = tmp_path_factory.mktemp("home")
    for name in (".streamlit/secrets.toml", ".snowflake/connections.toml"):
        (home / name).parent.mkdir()
        (home / name).write_text(OF_SOMEBODY)
        (home / name).chmod(0o600)
    ports = replace(world.run.ports, dashboard=free_port())
    spec = services.dashboard(world.run.state, ports)
    environment = {**world.environment, **spec.env, "HOME": str(home)}
    children.wait_ready(children.start(replace(spec, env=environment)))
    return f"{ports.url('dashboard')}/?network={pipeline.network}"


@pytest.fixture
def visitor(tmp_path):
    """Somebody far from UTC."""
    pictures = ROOT / os.environ["SCREENSHOTS"] if "SCREENSHOTS" in os.environ else tmp_path
    with chromium() as browser:
        found = new_visitor(browser, pictures, timezone_id="America/New_York")
        yield found
        found.close()
    assert found.asked == [], "nothing of other machines is asked for"
    assert found.trouble == []


@pytest.mark.timeout(400)
def test_activity_is_drawn_in_utc_and_leads_to_an_account(address, visitor):
    page = visitor.page()
    charts = page.get_by_test_id("stVegaLiteChart").locator("svg.marks")
    go(page, address, charts.nth(2))
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{COUNT:,}")
    see(page, page.get_by_text("Choose a row"))
    page.get_by_text("minute", exact=True).click()
    expect(charts.first).to_contain_text("Updates per minute")
    visitor.keep(page, "dashboard")
    # The three hours to 16:26 UTC; in New York, it is morning then.
    expect(charts.first).to_contain_text("PM")
    expect(charts.first).not_to_contain_text("AM")
    table = page.get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    see(page, table.locator("canvas").first)
    table.click(position={"x": 15, "y": 52})
    see(page, page.get_by_role("heading", name="Balance in CC"))
    expect(charts.first).to_contain_text("CC")
    expect(page).to_have_url(re.compile("page=Account.*account="))


@pytest.mark.timeout(400)
def test_an_open_home_page_links_to_the_dashboard_once_it_runs(world, children, visitor):
    ports = replace(world.run.ports, **{name: free_port() for name in ("home", "dashboard")})
    children.wait_ready(children.start(services.home(world.run.state, ports, is_scan_mocked=False)))
    page = visitor.page()
    link = page.get_by_role("link", name="Dashboard")
    go(page, ports.url("home"), page.locator("main[data-pending=no]"))
    expect(page.get_by_role("link", name="Local Snowflake")).to_be_visible()
    expect(link).to_have_count(0)
    children.wait_ready(children.start(services.dashboard(world.run.state, ports)))
    expect(link).to_have_attribute("href", ports.url("dashboard"))
