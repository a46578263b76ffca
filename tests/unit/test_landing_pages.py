"""`land_next` and `check_pages`: which page is landed, and what is proven before it is loaded."""

import json

import pytest

from services.bronze import Landing, check_pages, land_next, read_lines
from services.errors import LandingCorrupt, NetworkMismatch, QualityFailed
from services.landing import landing_key, pack, revision_key, sha256
from services.model import LandedPage, Page
from services.quality_rules import LINE_RULES, PAGE_RULE
from services.watermarks import Watermark
from tests.fakes import FakeLanding, FakeSource, FakeWarehouse
from tests.updates import NETWORK, SCAN_URL, SYNCHRONIZER, line, place, transaction

START = Watermark("bronze", NETWORK, place(0), consumed_batch_id=0, batch_id=0)
LINES = [line(transaction(number=number)) for number in range(1, 6)]
KEY = landing_key(NETWORK, place(0))


def page_of(first, last, *, is_short=True):
    """The page of LINES after number `first`, up to number `last`."""
    lines = tuple(LINES[first:last])
    return Page(NETWORK, place(first), place(last), lines, SCAN_URL, is_short)


def landed(first, last):
    content = pack(LINES[first:last])
    key = landing_key(NETWORK, place(first))
    return LandedPage(key, place(first), place(last), last - first, sha256(content), SCAN_URL)


def land(source, landing, after=START.position):
    return land_next(source, landing, START, after, "run-1")


def test_pages_are_landed_one_after_another_up_to_the_head():
    landing, source = FakeLanding(), FakeSource(LINES, page_size=2)
    after, steps = START.position, []
    while step := land(source, landing, after):
        steps.append(step)
        after = step.page.upto
    assert steps == [
        Landing(landed(0, 2), is_head=False, is_new=True),
        Landing(landed(2, 4), is_head=False, is_new=True),
        Landing(landed(4, 5), is_head=True, is_new=True),
    ]
    assert landing.objects == {
        landing_key(NETWORK, place(0)): pack(LINES[0:2]),
        landing_key(NETWORK, place(2)): pack(LINES[2:4]),
        landing_key(NETWORK, place(4)): pack(LINES[4:5]),
    }


def test_nothing_after_the_position_is_no_page():
    landing = FakeLanding()
    assert land(FakeSource(LINES), landing, place(5)) is None
    assert landing.objects == {}


def test_a_page_that_an_earlier_attempt_landed_is_not_fetched_again():
    landing, source = FakeLanding(), FakeSource(LINES)
    landing.land(KEY, page_of(0, 3), "run-0")
    assert land(source, landing) == Landing(landed(0, 3), is_head=False, is_new=False)
    assert source.asked == []


def test_a_retry_at_the_head_keeps_the_page_that_was_landed_first():
    # The head has grown since another run asked, between our look and our put.
    landing = FakeLanding()
    source = FakeSource(LINES, when_asked=lambda: landing.land(KEY, page_of(0, 3), "rival"))
    assert land(source, landing) == Landing(landed(0, 3), is_head=False, is_new=True)
    assert landing.objects == {KEY: pack(LINES[:3])}


def test_the_same_page_landed_by_two_runs_is_the_head_for_both():
    landing = FakeLanding()
    source = FakeSource(LINES, when_asked=lambda: landing.land(KEY, page_of(0, 5), "rival"))
    assert land(source, landing) == Landing(landed(0, 5), is_head=True, is_new=True)


@pytest.fixture
def landing():
    landing = FakeLanding()
    for first, last in ((0, 3), (3, 5)):
        landing.land(landing_key(NETWORK, place(first)), page_of(first, last), "run-1")
    return landing


def warehouse(*released):
    return FakeWarehouse({"ops.quarantine": list(released)})


def checked_pages(landing, warehouse, pages):
    watermark = Watermark("bronze", NETWORK, place(0), 0, 4)
    return check_pages(landing, warehouse, watermark, pages, "run-1")


def test_pages_are_checked_as_they_stand_in_the_bucket(landing):
    checked = checked_pages(landing, warehouse(), [landed(0, 3), landed(3, 5)])
    assert [(page.page, page.key, page.line_count) for page in checked.pages] == [
        (landed(0, 3), landed(0, 3).key, 3),
        (landed(3, 5), landed(3, 5).key, 2),
    ]
    assert checked.synchronizer_id == SYNCHRONIZER
    assert [(one.rule, one.offenders, one.total) for one in checked.findings] == [
        (PAGE_RULE.name, 0, 2), *((rule.name, 0, 5) for rule in LINE_RULES)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(pack(LINES[1:4]), "checksum", id="other lines"),
        pytest.param(pack(LINES[:3])[:-1], "checksum", id="cut off"),
    ],
)
def test_an_object_that_changed_since_it_was_landed_is_corrupt(landing, content, reason):
    landing.objects[KEY] = content
    with pytest.raises(LandingCorrupt, match=f"{KEY}: {reason}"):
        read_lines(landing, landed(0, 3))


def test_a_page_that_says_another_number_of_lines_is_corrupt(landing):
    said = LandedPage(KEY, place(0), place(3), 4, sha256(landing.objects[KEY]), SCAN_URL)
    with pytest.raises(LandingCorrupt, match="3 lines, landed as 4"):
        read_lines(landing, said)


def test_a_page_that_breaks_a_rule_stops_the_batch_and_says_how_to_go_on():
    landing = FakeLanding()
    lines = (line(transaction(number=1, x=0.5)),)
    page = Page(NETWORK, place(0), place(1), lines, SCAN_URL, is_short=True)
    page = landing.land(KEY, page, "run-1")
    recording = warehouse()
    with pytest.raises(QualityFailed, match="no_fraction_is_a_json_number") as stopped:
        checked_pages(landing, recording, [page])
    assert f"./pipeline release {KEY}" in str(stopped.value)
    aside, values = (values for sql, values in recording.executed if sql.startswith("insert"))
    assert landing.objects[aside["quarantine_key"]] == pack(lines)
    assert aside["reason"] in str(stopped.value)
    del aside["quarantine_key"], aside["reason"]
    assert aside == {
        "network": NETWORK,
        "object_key": KEY,
        "revision_key": None,
        "line_count": 1,
        "kept_count": 0,
        "rule": "no_fraction_is_a_json_number",
        "source_url": None,
        "run_id": "run-1",
    }
    kept = {one["rule"]: one["is_broken"] for one in json.loads(values["results"])}
    assert (values["batch_id"], values["layer"], values["run_id"]) == (5, "bronze", "run-1")
    assert kept == {
        rule.name: rule.name == "no_fraction_is_a_json_number" for rule in (PAGE_RULE, *LINE_RULES)
    }


def test_a_released_page_is_loaded_from_its_revision(landing):
    revision = revision_key(KEY, 1)
    landing.keep(revision, pack(LINES[:2]))
    release = {
        "object_key": KEY,
        "revision_key": revision,
        "quarantine_key": "quarantine/1",
        "line_count": 3,
        "kept_count": 2,
    }
    checked = checked_pages(landing, warehouse(release), [landed(0, 3)])
    assert [(page.key, page.line_count) for page in checked.pages] == [(revision, 2)]


def test_pages_of_two_synchronizers_are_no_batch():
    landing, pages = FakeLanding(), []
    for number, named in enumerate([SYNCHRONIZER, "other::1220"]):
        lines = (line(transaction(number=number + 1, synchronizer_id=named)),)
        page = Page(NETWORK, place(number), place(number + 1), lines, SCAN_URL, is_short=True)
        pages.append(landing.land(landing_key(NETWORK, page.after), page, "run-1"))
    with pytest.raises(NetworkMismatch, match=f"two synchronizers: {SYNCHRONIZER}, other::1220"):
        checked_pages(landing, warehouse(), pages)
