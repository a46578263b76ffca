"""The page over made-up readings: what it shows, what it takes, and what it refuses."""

import asyncio
import re
from dataclasses import replace

import httpx
import pytest

from local.home.app import create_app
from local.home.place import arguments, place_of
from local.home.readings import Reading, Readings
from tests.unit.home.readings import (
    NETWORK,
    NOW,
    PLACE,
    asset,
    everything,
    landing,
    prefect,
    scan,
    slack,
    warehouse,
)

HOSTILE = "<script>alert(1)</script>"


class Known:
    """Knows what it was made with; remembers what was read again."""

    def __init__(self, readings):
        self.readings = readings
        self.renewed = []
        self.looks = 0

    async def look(self):
        self.looks += 1
        return self.readings

    async def renew(self, source):
        self.renewed.append(source)

    async def close(self): ...


class Page:
    """Requests to the page in process."""

    def __init__(self, readings, steer=None, pages=PLACE.pages):
        self.known = Known(readings)
        self.app = create_app(replace(PLACE, pages=pages), self.known, steer, lambda: NOW)

    def request(self, method, path, **options):
        async def send():
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1"
            ) as client:
                return await client.request(method, path, **options)

        return asyncio.run(send())

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, **options):
        return self.request("POST", path, **options)


def page_of(readings, steer=None, **options):
    return Page(readings, steer, **options)


def text_of(html):
    return " ".join(re.sub("<[^>]+>", " ", html).split())


def test_the_page_shows_all_of_it():
    rows = {
        "aside": [{"network": NETWORK, "state": state, "first_seen_at": "2026-11-29T11:00:00Z",
                   "reason": "out of order", "key": key, "lines": lines}
                  for state, key, lines in (
                      ("waits", "canton/cd", 2), *[("refused", "quarantine/ab", None)] * 11,
                  )],
        "problems": [{"network": NETWORK, "problem": "an unknown choice", "count": 3,
                      "last_at": "2026-11-29T11:00:00Z"}],
    }  # fmt: skip
    rows["quality"] = [
        {"network": NETWORK, "layer": "silver", "rule": "templates_are_known", "severity": severity,
         "batch_id": 2, "offenders": 3, "total": 1000, "is_broken": is_broken, "result": result,
         "allowance": "5 %", "owner": "movements", "evaluated_at": "2026-11-29T11:00:00Z"}
        for severity, is_broken, result in (
            ("error", True, "stopped"), ("warn", True, "warned"), ("error", False, "passed"),
        )
    ]  # fmt: skip
    answer = page_of(everything(warehouse=warehouse(**rows), slack=slack("*gold* failed"))).get("/")
    shown = text_of(answer.text)
    for expected in (
        "All layers are current", "7,119 updates", "7 pages", "6,211 rows",
        "12 min behind the Scan", "12 min of 1.5 h", "wise-owl",
        "all 3 schedules rest: nothing runs by itself",
        "templates_are_known stopped 3 of 1,000 5 % movements 2", "templates_are_known warned",
        "1 rule passed", "templates_are_known passed", "an unknown choice",
        "waits , 2 lines out of order canton/cd", "refused out of order quarantine/ab",
        "and 4 more: ./pipeline quarantine",
        "2026-11-29 12:00:00 UTC", "gold failed",
    ):  # fmt: skip
        assert expected in shown
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "http://page/runs/flow-run/run-id" in answer.text


def test_the_dashboard_is_linked_while_it_runs():
    pages = {"dashboard": "http://dashboard.page"}
    for is_up in (True, False):
        shown = page_of(everything(dashboard=Reading({"is_up": is_up})), pages=pages).get("/").text
        assert ('<a href="http://dashboard.page">Dashboard</a>' in shown) is is_up
    pending = page_of(everything(dashboard=Reading()), pages=pages).get("/").text
    assert "http://dashboard.page" not in pending


def test_a_local_snowflake_is_linked_where_a_place_has_one():
    link = '<a href="http://snowflake.page">Local Snowflake</a>'
    for typed in ([], ["--snowflake-page", "http://snowflake.page"]):
        pages = place_of(arguments().parse_args(typed), {}).pages
        assert (link in page_of(everything(), pages=pages).get("/").text) is bool(typed)


def test_the_lineage_is_the_one_of_the_events():
    raw, gold = (f"snowflake://local/CANTON/{one}" for one in ("BRONZE/RAW", "GOLD/MINUTES"))
    page = page_of(everything(prefect=prefect(assets=[asset(gold, raw, rows=3153)]))).get("/").text
    shown = text_of(page)
    assert "made from bronze" in shown
    assert "written 9 min ago minutes 3,153 rows, 9 min ago" in shown
    assert "made from silver" not in shown
    assert page.count("<path") == 0, "gold stands beside silver, which it isn't made from"
    assert "as planned" not in shown


def test_an_empty_place_says_so():
    empty = everything(
        warehouse=warehouse(layers=[]),
        landing=Reading({"by_network": {}, "is_cut": False}),
        prefect=Reading({"runs": [], "assets": [], "schedule_count": 0, "active_schedule_count": 0,
                         "max_age_minutes": None}),
    )  # fmt: skip
    shown = text_of(page_of(empty).get("/").text)
    for expected in ("No data yet", "nothing committed yet", "Gold has no minutes yet",
                     "Nothing ran yet", "The arrows are as planned", "made from silver",
                     "Nothing waits in quarantine", "Nothing was posted"):  # fmt: skip
        assert expected in shown


def test_what_does_not_answer_is_named_and_the_rest_is_shown():
    silent = everything(
        warehouse=Reading(problem="Do SNOWFLAKE_HOST and SNOWFLAKE_PORT answer?"),
        prefect=Reading(problem="connection refused"),
    )
    shown = text_of(page_of(silent).get("/").text)
    assert "The warehouse does not answer. Do SNOWFLAKE_HOST and SNOWFLAKE_PORT answer?" in shown
    assert "Prefect does not answer. connection refused" in shown
    assert "7 pages" in shown
    assert "7,119 updates" in shown


def test_what_was_sent_from_outside_is_text():
    rows = {
        "problems": [{"network": NETWORK, "problem": HOSTILE, "count": 1,
                      "last_at": "2026-11-29T11:00:00Z"}],
    }  # fmt: skip
    html = page_of(everything(warehouse=warehouse(**rows), slack=slack(HOSTILE))).get("/").text
    assert html.count("&lt;script&gt;alert(1)") == 2
    assert HOSTILE not in html


def test_a_place_without_a_mock_shows_no_buttons_and_takes_no_acts():
    known = everything()
    real = Readings({name: one for name, one in known.by_source.items() if name != "scan"})
    page = page_of(real)
    html = page.get("/").text
    assert "<form" not in html
    assert "not read here" in html
    assert page.post("/clock", data={"advance": "1h"}).status_code in {404, 405}


def test_an_act_steers_and_leads_back_to_the_page():
    acts = []

    def steer(what, wanted):
        acts.append((what, dict(wanted)))
        return ""

    page = page_of(everything(), steer)
    answer = page.post(f"/faults?network={NETWORK}", data={"profile": "storm", "ttl": "1h"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/?network={NETWORK}#ledger")
    assert acts == [("faults", {"PROFILE": "storm", "TTL": "1h"})]
    assert page.known.renewed == ["scan"]
    assert page.post("/ledger").status_code == 404
    assert len(acts) == 1


def test_an_act_that_is_refused_says_why():
    answer = page_of(everything(), lambda *_: "ADVANCE=x: expected a number").post("/clock")
    assert answer.status_code == 502
    assert "ADVANCE=x: expected a number" in text_of(answer.text)


@pytest.mark.parametrize(
    "headers", [{"host": "evil.example"}, {"origin": "https://evil.example"}, {"origin": "null"}]
)
def test_pages_of_others_get_nothing(headers):
    page = page_of(everything(), lambda *_: pytest.fail("it was steered"))
    assert page.get("/", headers=headers).status_code == 403
    assert page.post("/clock", data={"advance": "1h"}, headers=headers).status_code == 403


def test_the_health_check_has_nothing_read():
    page = page_of(everything(landing=landing()))
    assert page.get("/readyz").status_code == 200
    assert page.known.looks == 0
    page.get("/")
    assert page.known.looks == 1


def test_no_address_outside_is_named():
    page = page_of(everything())
    found = page.get("/").text
    for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', found):
        answer = page.get(path)
        assert answer.status_code == 200
        found += answer.text
    addresses = set(re.findall(r"https?://[\w.-]+", found))
    assert addresses == {"http://page", "http://www.w3.org"}, "the place's own, and SVG's name"


def test_freshness_names_the_clock_that_it_goes_by_where_there_are_two():
    def section(now):
        clock = {"now": now, "speed": 1.0, "is_frozen": False}
        text = Page(everything(scan=scan(clock=clock))).get("/").text
        return text.partition('id="freshness"')[2].partition("</section>")[0]

    assert "By this machine's clock, as alerts count; the ledger's is 6 h ahead." in section(
        "2026-11-29T18:00:00Z"
    )
    assert "clock" not in section("2026-11-29T12:00:00Z")
