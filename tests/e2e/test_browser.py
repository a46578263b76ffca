"""The stack's pages as a person sees them, in the machine's own Chromium.

Pictures of them go to a temporary folder, or where SCREENSHOTS= says.
"""

import os
import re

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from local.console.slack_inbox import slack_messages
from tests.clone import ROOT, until
from tests.e2e.browser import chromium, decide, go, new_visitor, see
from tests.e2e.test_runs import create, ended
from tests.runbook import to_type
from tools.bench.stack import memory_by_service

REFRESH = re.compile(rb'<meta http-equiv="refresh"[^>]*>')
PHONE = {"viewport": {"width": 375, "height": 800}}
OURS = ("SLACK", "SCAN", "SNOWFLAKE", "HOME")


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    if wanted := os.environ.get("SCREENSHOTS"):
        folder = ROOT / wanted
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture
def stranger(browser, pictures):
    """Somebody who was never here; asks nothing of other machines."""
    visitor = new_visitor(browser, pictures)
    yield visitor
    visitor.close()
    assert visitor.asked == []


@pytest.fixture
def known(up, stranger):
    """Somebody who logged in at Prefect's page before; nothing goes wrong in his browser."""
    stranger.carry()
    log_in(stranger.page(), up)
    stranger.complaints.clear()  # the login page asks before it knows a password, and is refused
    yield stranger
    assert stranger.trouble == []


def url(up, name):
    return f"http://127.0.0.1:{up.settings[f'{name}_PORT']}"


def log_in(page, up):
    go(page, url(up, "PREFECT"), page.get_by_placeholder("admin:pass"))
    offer(page, up.settings["PREFECT_AUTH"])
    see(page, menu(page))


def offer(page, password):
    """Type a password at Prefect's login, and what the server makes of it."""
    page.get_by_placeholder("admin:pass").fill(password)
    with page.expect_response(re.compile("/api/admin/version")) as answer:
        page.get_by_role("button", name="Login").click()
    return answer.value.status


def menu(page):
    """Return the button that only a logged-in visitor sees."""
    return page.get_by_role("button", name="Deployments")


def test_prefect_asks_for_the_password_and_remembers_it(up, stranger):
    page = stranger.page()
    go(page, url(up, "PREFECT"), page.get_by_placeholder("admin:pass"))
    assert offer(page, "admin:guessed") == 401
    expect(page).to_have_url(re.compile("/login"))
    assert offer(page, up.settings["PREFECT_AUTH"]) == 200
    expect(page).to_have_url(re.compile("/dashboard"))
    again = stranger.page()
    go(again, url(up, "PREFECT"), menu(again))
    expect(again).to_have_url(re.compile("/dashboard"))


def test_prefects_page_shows_no_advertisements_even_before_the_login(up, stranger):
    page = stranger.page()
    go(page, url(up, "PREFECT"), page.get_by_placeholder("admin:pass"))
    shown = page.evaluate("localStorage.getItem('prefect-show-promotional-content')")
    assert shown == "false"
    settings = httpx.get(f"{url(up, 'PREFECT')}/ui-settings", trust_env=False).json()
    assert settings["available_uis"] == ["v1"], "its other pages ask outside"


def test_a_run_is_started_and_followed_on_prefects_page(up, known):
    page = known.page()
    pipeline = page.get_by_role("link", name="pipeline", exact=True)
    go(page, f"{url(up, 'PREFECT')}/deployments", pipeline)
    for name in ("bronze", "silver", "gold"):
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    pipeline.click()
    page.get_by_role("button", name="Run", exact=True).click()
    with page.expect_response(re.compile("/create_flow_run$")) as created:
        page.get_by_text("Quick run").click()
    # The message with a link to the run is gone in seconds, on a busy machine before its click.
    run = f"{url(up, 'PREFECT')}/runs/flow-run/{created.value.json()['id']}"
    go(page, run, page.get_by_text("Finished in state Completed()"))
    go(page, page.url, page.get_by_text("Completed", exact=True).first)
    see(page, page.get_by_text("Finished in state Completed()"))
    known.keep(page, "prefect-run")
    page.get_by_text("Subflow Runs", exact=True).click()
    page.locator("a[href^='/runs/flow-run/']").first.click()
    see(page, page.get_by_text(re.compile(r"gold: batch \d+ committed")))


def test_a_failed_run_is_told_in_slack_with_a_link_to_its_page(up, known):
    up.makes("faults", "PROFILE=outage", "TTL=1h")
    try:
        assert up.make("trigger").returncode
        scan = known.page()
        go(scan, url(up, "SCAN"), scan.get_by_role("heading", name="Requests"))
        expect(scan.locator("tbody").first).to_contain_text("every request")
        expect(scan.get_by_text("503").first).to_be_visible()
        known.keep(scan, "scan-outage", height=600)
    finally:
        up.makes("faults", "PROFILE=calm")
    page = known.page()
    message = page.get_by_role("article").first
    go(page, url(up, "SLACK"), message)
    expect(message).to_contain_text("canton-transactions-bronze failed")
    known.keep(page, "slack-failure", height=290)
    message.get_by_role("link", name="/runs/flow-run/").click()
    see(page, page.get_by_text("Failed", exact=True).first)
    expect(page.get_by_text("canton-transactions-bronze").first).to_be_visible()


def test_a_message_is_text_whatever_it_holds(up, stranger):
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)> *bold*"
    httpx.post(f"{url(up, 'SLACK')}/services/x", json={"text": hostile}).raise_for_status()
    page = stranger.page()
    message = page.get_by_role("article").first
    go(page, url(up, "SLACK"), message)
    expect(message).to_contain_text("<script>alert(1)</script><img src=x onerror=alert(2)> bold")
    expect(message.locator("b")).to_have_text("bold")
    assert page.locator("script, img").count() == 0
    assert stranger.trouble == []


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("SCAN", "/_mock/clock"),
        ("SCAN", "/_mock/faults"),
        ("SLACK", "/services/x"),
        ("HOME", "/clock"),
    ],
)
def test_a_form_of_a_page_that_is_not_ours_is_refused(up, stranger, name, path):
    page = stranger.page()
    target = f"{url(up, name)}{path}"
    page.set_content(f'<form method="post" enctype="text/plain" action="{target}"></form>')
    with page.expect_response(target) as answer:
        page.evaluate("document.forms[0].submit()")
    assert answer.value.status == 403


@pytest.mark.parametrize("name", OURS)
def test_our_pages_do_without_scripts(up, browser, pictures, name):
    visitor = new_visitor(browser, pictures, java_script_enabled=False)
    page = visitor.page()
    go(page, url(up, name), page.get_by_role("heading", level=1))
    with page.expect_navigation():  # refreshes itself
        pass
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    visitor.close()
    assert (visitor.asked, visitor.trouble) == ([], [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", OURS)
def test_our_pages_are_readable_on_a_phone(up, browser, pictures, name, scheme):
    visitor = new_visitor(browser, pictures, color_scheme=scheme, **PHONE)
    page = visitor.page()
    visitor.context.route(f"{url(up, name)}/", without_refresh)
    go(page, url(up, name), page.get_by_role("heading", level=1))
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    found = Axe().run(page).response
    # That axe saw what it judges: it passes what it doesn't find.
    assert {"color-contrast", "document-title", "html-has-lang"} <= {
        one["id"] for one in found["passes"]
    }
    assert {one["id"]: [node["html"] for node in one["nodes"]] for one in found["violations"]} == {}
    visitor.close()


def without_refresh(route):
    """The page as it is now: it would go in the middle of being judged."""
    answer = route.fetch()
    route.fulfill(response=answer, body=REFRESH.sub(b"", answer.body()))


def test_the_home_page_follows_a_run_and_steers_the_ledger(up, stranger):
    up.makes("trigger")
    page = stranger.page()
    gold = page.get_by_role("listitem").filter(
        has=page.get_by_role("heading", name="gold", exact=True)
    )
    go(page, url(up, "HOME"), gold.get_by_text(re.compile(r"\d rows?$")))
    expect(gold).to_contain_text("current")
    stranger.keep(page, "home")
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_text("frozen")).to_be_visible()
    page.get_by_role("button", name="Let it go on").press("Enter")  # as a keyboard does
    expect(page.get_by_role("button", name="Freeze")).to_be_visible()
    page.get_by_role("button", name="Outage").click()
    expect(page.get_by_text("backfilling")).to_be_visible()
    page.get_by_role("button", name="Lift all").click()
    expect(page.get_by_text("No faults")).to_be_visible()
    assert stranger.trouble == []


def test_the_home_page_is_painted_at_once_and_the_idle_stack_is_small_with_it(up, stranger):
    page = stranger.page()
    painted = []
    for _ in range(5):  # the best of them, for the machine may be busy
        go(page, url(up, "HOME"), page.get_by_role("heading", level=1))
        paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
        painted.append(page.wait_for_function(paint).json_value())
    assert min(painted) < 1000
    page.close()

    def held():
        services = memory_by_service(up.project)
        services.pop("dashboard", None)
        return services["home"], sum(services.values())

    until(lambda: held()[0] < 60e6, "a home page of less than 60 MB, once nobody looks")
    until(lambda: held()[1] < 900e6, "a stack of less than 900 MB")


def test_a_person_approves_a_large_backfill_on_prefects_page(up, known, monkeypatch):
    monkeypatch.setenv("BROWSER", "true")  # one that ends at once
    given = {"after": "genesis", "upto": "4/2020-01-01T00:00:00Z", "budget_pages": 501}
    with up.prefect() as prefect:
        run = create(prefect, "backfill", given)

        def is_suspended():
            return prefect.get(f"/flow_runs/{run['id']}").json()["state_name"] == "Suspended"

        until(is_suspended, "its suspension")
        link = f"{url(up, 'PREFECT')}/runs/flow-run/{run['id']}"

        def told():
            return [one for one in slack_messages(url(up, "SLACK"), after=0) if link in one["text"]]

        (message,) = until(told, "its alert")
        assert message["text"].startswith(":x: *canton-transactions-backfill* needs a person's app")
        assert url(up, "PREFECT") in up.makes(*to_type("approval", "open"))
        what, answers = "backfill up to 501 pages of ", ("approve", "grace", "wanted for the audit")
        decide(known.page(), link, what, *answers)
        assert ended(prefect, run)["state_type"] == "COMPLETED"
    assert "approved by grace: wanted for the audit" in up.makes("logs", f"RUN={run['name']}")


def test_the_dashboard_shows_the_gold_of_the_stack(up, stranger):
    up.makes("up", "DASHBOARD=1")
    try:
        up.makes("trigger")
        page = stranger.page()
        link = page.get_by_role("link", name="Dashboard")
        go(page, url(up, "HOME"), link)
        assert link.get_attribute("href") == url(up, "DASHBOARD")
        charts = page.get_by_test_id("stVegaLiteChart").locator("svg.marks")
        go(page, url(up, "DASHBOARD"), charts.nth(2))
        for number in (1, 2):  # the transactions that moved coin, and their volume
            shown = page.get_by_test_id("stMetricValue").nth(number)
            expect(shown).to_have_text(re.compile(r"^[1-9]"))
        page.get_by_text("Freshness and quality", exact=True).click()
        see(page, page.get_by_text(re.compile(r"rules (pass|are broken)\.$")))
        assert stranger.trouble == []
    finally:
        up.makes("up")
    with pytest.raises(httpx.ConnectError):
        httpx.get(url(up, "DASHBOARD"), trust_env=False)  # whoever doesn't ask for it has none
