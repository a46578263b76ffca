"""A node that is too busy is asked again, one that is too slow for less at a time."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from services.adapters.patience import BUSY_SECONDS
from services.bronze import land_next
from services.errors import SourceBusy, SourceTooSlow, SourceUnavailable
from services.landing import landing_key, unpack
from services.model import GENESIS
from services.watermarks import Watermark
from tests.contract.scan_client.nodes import BUSY, LOADING, TOO_LONG, answers, fails
from tests.fakes import FakeLanding

TIMEOUTS = [
    pytest.param(answers(503, TOO_LONG), id="503"),
    pytest.param(answers(504, ""), id="504"),
    pytest.param(fails(httpx.ReadTimeout), id="read timeout"),
]
SLOW = answers(503, TOO_LONG)
TOO_BUSY = answers(429, BUSY)


def read(client, after=GENESIS):
    return list(client.pages(after, None))


def lines_of(pages):
    return tuple(line for page in pages for line in page.lines)


def test_a_busy_node_is_asked_again_after_a_pause_that_grows_and_is_left_to_chance(scans):
    node = scans.add(*[TOO_BUSY] * 3)
    assert lines_of(read(scans.client(page_size=1000))) == scans.lines
    assert (node.met, scans.waited) == (3, [0.25, 0.5, 1.0]), "half of each, by the test's chance"


def test_each_page_has_patience_of_its_own(scans):
    scans.add(*[TOO_BUSY, TOO_BUSY, TOO_BUSY, None] * 2)
    assert lines_of(read(scans.client(page_size=200))) == scans.lines
    assert scans.waited == [0.25, 0.5, 1.0] * 2


def test_a_window_of_ninety_seconds_is_outlasted_and_each_pause_is_told(scans, caplog):
    node = scans.add()
    node.outage = lambda *asked: (
        TOO_BUSY(*asked) if sum(scans.waited) < 90 else node.proper(asked[1])
    )
    assert lines_of(read(scans.client(page_size=1000))) == scans.lines
    assert scans.waited == [0.25, 0.5, 1.0, 3.75, 7.5, 15.0, 22.5, 22.5, 22.5]
    told = [record.getMessage() for record in caplog.records]
    assert told[:2] == [
        f"{node.url}/v0/dso-party-id answered 429: {BUSY}; waiting {seconds} s to ask again"
        for seconds in (4, 8)
    ]
    assert len(told) == 6


def test_a_node_that_stays_busy_is_given_up_after_minutes(scans):
    node = scans.add()
    node.outage = TOO_BUSY
    with pytest.raises(SourceBusy) as refused:
        scans.client().network()
    assert refused.value.retryable
    assert str(refused.value) == f"{node.url}/v0/dso-party-id answered 429: {BUSY}"
    assert sum(scans.waited[3:]) == BUSY_SECONDS
    assert node.met == 1 + len(scans.waited), "no more than one request for each pause"


@pytest.mark.parametrize(("left", "waited"), [(30.0, 30.0), (0.0, 0.0), (-5.0, 0.0)])
def test_a_busy_node_is_waited_for_no_longer_than_the_run_may_take(scans, left, waited):
    scans.add(*[TOO_BUSY] * 99)
    with pytest.raises(SourceBusy):
        next(scans.client().pages(GENESIS, None, left))
    assert sum(scans.waited[3:]) == waited


def test_when_all_nodes_are_busy_the_first_that_is_no_longer_is_read(scans, caplog):
    scans.add(*[TOO_BUSY] * 99)
    scans.add(*[TOO_BUSY] * 5)
    pages = read(scans.client(page_size=1000))
    assert lines_of(pages) == scans.lines
    assert {page.source_url for page in pages} == {scans.nodes[1].url}
    *_, told = [record.getMessage() for record in caplog.records if "waiting" in record.msg]
    assert told.startswith(
        "no Scan answers properly: https://a.example/api/scan/v2/updates answered"
    )
    assert scans.waited == [*[0.25, 0.5, 1.0] * 2, 3.75, 7.5]


def test_a_node_that_fails_otherwise_is_waited_for_while_another_is_busy(scans):
    scans.add(*[answers(503, LOADING)] * 2)
    scans.add(*[TOO_BUSY] * 5)
    assert lines_of(read(scans.client(page_size=1000))) == scans.lines
    assert scans.waited == [0.25, 0.5, 1.0, 3.75, 7.5]


@pytest.mark.parametrize(
    ("status", "text"), [pytest.param(429, BUSY, id="429"), pytest.param(503, LOADING, id="503")]
)
def test_what_retry_after_says_is_waited(scans, status, text):
    scans.add(answers(status, text, retry_after="7"), answers(status, text, retry_after="0"))
    assert lines_of(read(scans.client())) == scans.lines
    assert scans.waited == [7.0, 0.0]


def test_a_retry_after_may_be_a_date(scans):
    soon = datetime.now(UTC) + timedelta(seconds=9)
    scans.add(answers(429, BUSY, retry_after=format_datetime(soon, usegmt=True)))
    assert lines_of(read(scans.client())) == scans.lines
    (waited,) = scans.waited
    assert 0 <= waited <= 9


def test_a_single_node_is_given_the_pause_that_it_wants(scans):
    node = scans.add(answers(429, BUSY, retry_after="100"))
    assert lines_of(read(scans.client(page_size=1000))) == scans.lines
    assert (node.met, scans.waited) == (1, [100.0])


def test_a_pause_beyond_all_patience_is_not_begun(scans):
    node = scans.add(answers(429, BUSY, retry_after="3600"))
    with pytest.raises(SourceBusy, match="answered 429"):
        read(scans.client())
    assert (node.met, scans.waited) == (1, [])


def test_a_node_that_wants_too_long_a_pause_is_passed_over_at_once(scans):
    scans.add(answers(429, BUSY, retry_after="11"))
    scans.add()
    pages = read(scans.client())
    assert (lines_of(pages), scans.waited) == (scans.lines, [])
    assert {page.source_url for page in pages} == {scans.nodes[1].url}


@pytest.mark.parametrize("timeout", TIMEOUTS)
def test_a_node_that_is_too_slow_is_asked_for_half(scans, timeout, caplog):
    node = scans.add(timeout, timeout)
    pages = read(scans.client(page_size=200))
    assert lines_of(pages) == scans.lines
    assert node.sizes[:3] == [200, 100, 50]
    assert (len(pages[0].lines), pages[0].is_short) == (50, False), "short is by what was asked"
    assert [record.getMessage().partition("; ")[2] for record in caplog.records] == [
        "asking for 100 updates a page",
        "asking for 50 updates a page",
    ]


def test_pages_grow_again_after_several_answers_in_time(scans):
    node = scans.add(SLOW, SLOW)
    assert lines_of(read(scans.client(page_size=80))) == scans.lines
    assert node.sizes == [80, 40, *[20] * 4, *[40] * 4, 80]


def test_a_page_in_time_after_a_slow_one_does_not_grow_at_once(scans):
    node = scans.add(SLOW, None, None, None, SLOW)
    assert lines_of(read(scans.client(page_size=80))) == scans.lines
    assert node.sizes == [80, *[40] * 4, *[20] * 4, *[40] * 3]


def test_a_node_that_stays_too_slow_is_given_up_and_asked_for_less_the_next_time(scans):
    node = scans.add(*[SLOW] * 8)
    client = scans.client(page_size=100)
    for _ in range(3):
        with pytest.raises(SourceTooSlow) as refused:
            read(client)
        assert refused.value.retryable
    assert node.sizes == [100, 50, 25, 12, 10, 10]
    assert node.met == 6


@pytest.mark.parametrize("page_size", [1, 9, 10])
def test_pages_that_are_small_already_stay_so(scans, page_size):
    node = scans.add(SLOW)
    client = scans.client(page_size=page_size)
    with pytest.raises(SourceTooSlow):
        read(client)
    assert lines_of(read(client)) == scans.lines
    assert set(node.sizes) == {page_size}


def test_the_dso_party_coming_late_makes_no_page_smaller(scans):
    node = scans.add()
    node.outage = fails(httpx.ReadTimeout)
    client = scans.client(page_size=100)
    with pytest.raises(SourceTooSlow):
        client.network()
    node.outage = None
    read(client)
    assert set(node.sizes) == {100}


def test_a_hung_node_is_left_for_the_next_at_once_which_is_asked_for_whole_pages(scans, caplog):
    hung, other = scans.add(), scans.add()
    client = scans.client(page_size=100)
    client.network()
    hung.outage = fails(httpx.ReadTimeout)
    assert lines_of(read(client)) == scans.lines
    assert (hung.sizes, other.sizes) == ([100, 100], [100] * 4), "once more, at the head"
    first, alone = [record.getMessage() for record in caplog.records]
    assert first == f"passing over a Scan: {hung.url}/v2/updates: ReadTimeout"
    assert alone.startswith(f"{other.url} alone")


def test_a_page_too_large_for_every_node_is_asked_for_in_smaller_ones(scans):
    scans.add(*[SLOW] * 2)
    scans.add(*[SLOW] * 2)
    client = scans.client(page_size=80)
    for _ in range(2):
        with pytest.raises(SourceUnavailable) as refused:
            read(client)
        assert refused.value.retryable
    assert len(next(client.pages(GENESIS, None)).lines) == 20
    assert [node.sizes for node in scans.nodes] == [[80, 40, 20], [80, 40]]


def test_pages_of_any_length_are_landed_one_after_another(scans):
    scans.add(SLOW, None, SLOW, None, None, TOO_BUSY)
    client, landing = scans.client(page_size=80), FakeLanding()
    start = Watermark("bronze", client.network(), GENESIS, consumed_batch_id=0, batch_id=0)
    steps, after = [], GENESIS
    while step := land_next(client, landing, start, after, "run-1"):
        steps.append(step)
        after = step.page.upto
    assert [step.page.line_count for step in steps] == [40, *[20] * 4, *[40] * 4, 20]
    assert [step.is_head for step in steps] == [False] * 9 + [True]
    assert list(landing.objects) == [landing_key(start.network, step.page.after) for step in steps]
    landed = [line for key, content in landing.objects.items() for line in unpack(content, key)]
    assert tuple(landed) == scans.lines


def test_the_others_are_asked_at_the_head_for_as_much(scans):
    first, other = scans.add(SLOW), scans.add(SLOW)
    client = scans.client(page_size=1000)
    with pytest.raises(SourceUnavailable):
        read(client)
    assert lines_of(read(client)) == scans.lines
    assert (first.sizes, other.sizes) == ([1000, 500], [1000, 500])
