"""The contract of every landing store (`services.ports.LandingStore`)."""

import pytest

from services.errors import LandingCorrupt, LandingRefused, LandingUnavailable
from services.landing import landing_key, pack, sha256
from services.model import LandedPage
from tests.updates import NETWORK, SCAN_URL, place

KEY = landing_key(NETWORK, place(0))


def landed(page, source_url=SCAN_URL):
    return LandedPage(
        key=KEY,
        after=page.after,
        upto=page.upto,
        line_count=len(page.lines),
        sha256=sha256(pack(page.lines)),
        source_url=source_url,
    )


def test_a_landed_page_is_read_back_as_it_was_put(bench, page):
    assert bench.store.land(KEY, page, "run-1") == landed(page)
    assert bench.store.find(KEY, page.after) == landed(page)
    assert bench.store.read(KEY) == pack(page.lines)


def test_the_first_to_land_a_page_wins_and_the_other_gets_the_winners(bench, page, rival):
    assert bench.store.land(KEY, rival, "run-1") == landed(rival)
    assert bench.store.land(KEY, page, "run-2") == landed(rival)
    assert bench.store.read(KEY) == pack(rival.lines)


def test_landing_a_page_again_changes_nothing(bench, page):
    assert [bench.store.land(KEY, page, run) for run in ("run-1", "run-2")] == [landed(page)] * 2


def test_a_page_whose_answer_was_lost_is_found_by_the_next_attempt(bench, page):
    bench.lose_next_answer()
    with pytest.raises(LandingUnavailable) as lost:
        bench.store.land(KEY, page, "run-1")
    assert lost.value.retryable
    assert bench.store.land(KEY, page, "run-1") == landed(page)


def test_a_page_whose_metadata_was_lost_tells_all_by_itself(bench, page):
    bench.overwrite(KEY, pack(page.lines))
    assert bench.store.find(KEY, page.after) == landed(page, source_url="")
    assert bench.store.land(KEY, page, "run-1") == landed(page, source_url="")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"hello", id="no gzip"),
        pytest.param(pack([]), id="no lines"),
        pytest.param(pack([b'{"hello":"world"}']), id="no updates"),
    ],
)
def test_what_stands_under_a_pages_key_and_is_no_page_is_corrupt(bench, page, content):
    bench.overwrite(KEY, content)
    with pytest.raises(LandingCorrupt, match=KEY):
        bench.store.find(KEY, page.after)
    with pytest.raises(LandingCorrupt, match=KEY):
        bench.store.land(KEY, page, "run-1")


def test_a_page_that_was_never_landed_is_not_found(bench, page):
    assert bench.store.find(KEY, page.after) is None
    with pytest.raises(LandingRefused, match=f"{KEY} does not exist"):
        bench.store.read(KEY)


def test_what_is_kept_can_be_kept_again(bench):
    for _ in range(2):
        bench.store.keep("quarantine/1", b"refused")
    assert bench.store.read("quarantine/1") == b"refused"


def test_what_is_kept_is_never_replaced(bench):
    bench.store.keep("quarantine/1", b"refused")
    with pytest.raises(LandingCorrupt, match="quarantine/1 holds something else"):
        bench.store.keep("quarantine/1", b"other")
    assert bench.store.read("quarantine/1") == b"refused"


def test_keeping_something_whose_answer_was_lost_succeeds_the_second_time(bench):
    bench.lose_next_answer()
    with pytest.raises(LandingUnavailable):
        bench.store.keep("quarantine/1", b"refused")
    bench.store.keep("quarantine/1", b"refused")
    assert bench.store.read("quarantine/1") == b"refused"


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda store, _: store.check(), id="check"),
        pytest.param(lambda store, page: store.land(KEY, page, "run-1"), id="land"),
        pytest.param(lambda store, _: store.read(KEY), id="read"),
        pytest.param(lambda store, _: store.keep(KEY, b"refused"), id="keep"),
    ],
)
def test_a_bucket_that_does_not_exist_is_named_with_its_setting(bench, page, use):
    with pytest.raises(LandingRefused, match=r"bucket .*does not exist: check LANDING_BUCKET"):
        use(bench.without_bucket, page)


def test_a_bucket_that_exists_proves_itself(bench):
    bench.store.check()
