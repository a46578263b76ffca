"""The page on which a person sees what the mock is doing."""

from dataclasses import replace

import pytest

from mocks.canton_scan.clock import SECOND, ClockMove
from mocks.canton_scan.faults import Board, Fault, Kind
from mocks.canton_scan.history import Position
from mocks.canton_scan.journal import Entry, Journal
from mocks.canton_scan.ledger import open_ledger
from mocks.canton_scan.page import Growth, View, collect, render
from mocks.canton_scan.replay import Recording
from tests.contract.scan.scan_api import NOON, StoppedClock

LIVELY = Growth(rate=2.0, speed=1.0, is_frozen=False)
VIEW = View(
    dso_party_id="DSO::1220ab",
    count=20_061,
    head=Position(4, NOON - SECOND // 2),
    now=NOON,
    growth=LIVELY,
    faults=(),
    count_by_status={},
    requests=(),
)
ENTRY = Entry(
    received_at="2026-11-20T12:00:00.123456Z",
    client="10.1.2.3",
    method="POST",
    path="/api/scan/v2/updates",
    status=200,
    is_whole=True,
    body_bytes=8_901_226,
    milliseconds=1532.7,
)


def test_the_ledger_is_shown_and_the_page_refreshes_itself():
    page = render(VIEW)
    assert '<meta http-equiv="refresh"' in page
    assert "<title>Canton Scan: 20,061 updates</title>" in page
    for name, fact in {
        "Updates": "20,061",
        "Migration": "4",
        "Newest update": '<time datetime="2026-11-20T11:59:59.500000Z">'
        "2026-11-20 11:59:59.500 UTC</time>",
        "Clock": '<time datetime="2026-11-20T12:00:00.000000Z">2026-11-20 12:00:00.000 UTC</time>',
        "Rate": "2 a second",
        "DSO party": "DSO::1220ab",
    }.items():
        assert f"<dt>{name}</dt><dd>{fact}</dd>" in page


@pytest.mark.parametrize(
    ("growth", "shown"),
    [
        pytest.param(replace(LIVELY, is_frozen=True), " frozen", id="frozen"),
        pytest.param(replace(LIVELY, speed=60.0), " 60 times as fast", id="fast"),
        pytest.param(replace(LIVELY, rate=1 / 60), "0.01667 a second", id="slow ledger"),
        pytest.param(None, "none, updates are replayed", id="recording"),
    ],
)
def test_a_clock_and_a_rate_are_shown_as_they_are(growth, shown):
    page = render(replace(VIEW, growth=growth)).replace('<span class="warn">', "")
    assert shown in page


def test_a_quiet_node_says_so():
    page = render(VIEW)
    assert "None stands." in page
    assert "Nobody has asked for anything yet." in page


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        (Fault(Kind.ERROR), "every request"),
        (
            Fault(Kind.RESET, probability=0.25, times=3, path="/api/scan/v2/"),
            "25% of requests to /api/scan/v2/, 3 times at most",
        ),
        (Fault(Kind.SLOW, seconds=0.5), "every request, 0.5 s late"),
        (
            Fault(Kind.LAGGING, seconds=300, ttl_seconds=60),
            "every request, 300 s behind, stands for 60 s",
        ),
    ],
)
def test_a_fault_that_stands_is_shown_with_what_it_does(fault, shown):
    board = Board()
    board.add(fault)
    page = render(replace(VIEW, faults=board.describe()))
    assert f">{fault.kind}</td>" in page
    assert shown in page.replace("/api/scan/v2/updates", "")
    assert "met 0 times" in page


def test_faults_that_ended_are_counted_alone():
    board = Board()
    board.add(Fault(Kind.ERROR, times=1))
    board.draw("/api/scan/v2/updates")[0].fired += 1
    page = render(replace(VIEW, faults=board.describe()))
    assert "Faults <small>1 ended</small>" in page
    assert "None stands." in page


def test_requests_are_shown_with_the_counts_since_the_start():
    counts = {"200": 1_021, "none": 2}
    page = render(replace(VIEW, count_by_status=counts, requests=[ENTRY]))
    assert "Requests <small>200: 1,021 · no answer: 2</small>" in page
    for shown in ("12:00:00.123", "10.1.2.3", "POST", ENTRY.path, "1,532.7 ms", "8,901,226 B"):
        assert f">{shown}</" in page


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({"status": 200}, '<td class="">200</td>'),
        ({"status": 429}, '<td class="warn">429</td>'),
        ({"status": 503}, '<td class="bad">503</td>'),
        ({"is_whole": False}, '<td class="bad">200, cut off</td>'),
        ({"status": None, "is_whole": False}, '<td class="bad">no answer</td>'),
    ],
)
def test_what_went_wrong_stands_out(changes, cell):
    assert cell in render(replace(VIEW, requests=[replace(ENTRY, **changes)]))


@pytest.mark.parametrize("name", ["path", "method", "client"])
def test_a_request_cannot_bring_markup_of_its_own(name):
    page = render(replace(VIEW, requests=[replace(ENTRY, **{name: '<script>"&'})]))
    assert "<script" not in page
    assert "&lt;script&gt;&quot;&amp;" in page


def test_a_fault_cannot_bring_markup_of_its_own():
    board = Board()
    board.add(Fault(Kind.ERROR, path="/<script>"))
    assert "/&lt;script&gt;" in render(replace(VIEW, faults=board.describe()))


def test_what_is_shown_is_what_the_ledger_says(tmp_path):
    wall = StoppedClock()
    ledger = open_ledger(tmp_path / "s.json", "page", history=40, gap=SECOND // 4, clock=wall)
    ledger.steer(ClockMove(speed=10, freeze=True))
    journal = Journal()
    journal.add(ENTRY)
    assert collect(ledger, Board(), journal) == View(
        dso_party_id=ledger.dso_party_id,
        count=40,
        head=ledger.head(),
        now=NOON,
        growth=Growth(rate=4.0, speed=10.0, is_frozen=True),
        faults=[],
        count_by_status={"200": 1},
        requests=[ENTRY],
    )


def test_a_recording_has_neither_rate_nor_pace(recording):
    assert collect(Recording(recording), Board(), Journal()).growth is None


def test_the_page_is_served_without_anything_from_outside(api):
    answer = api.request("GET", "http://scan/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert answer.headers["content-security-policy"] == policy
    assert "<h1>Canton Scan</h1>" in answer.text
