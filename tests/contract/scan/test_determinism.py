"""Same seed, same times: same bytes, on every machine and Python version."""

import hashlib
import statistics

import pytest

from mocks.canton_scan import dso_party_id
from mocks.canton_scan.clock import SECOND
from mocks.canton_scan.ledger import open_ledger
from tests.contract.scan.scan_api import NOON, StoppedClock

GAP = SECOND // 2


def sha256(data):
    return hashlib.sha256(data).hexdigest()[:16]


@pytest.fixture
def clock():
    return StoppedClock()


@pytest.fixture
def reopen(tmp_path):
    """Starts the mock again with the same state file."""

    def start(clock, seed="pinned", gap=GAP):
        return open_ledger(tmp_path / "state.json", seed, history=200, gap=gap, clock=clock)

    return start


def test_bytes_of_a_seed_never_change(ledger, generated):
    page = generated.request("POST", "/v2/updates", json={"page_size": 1000}).content
    pins = [sha256(ledger.update(index)) for index in (0, 900, 2999, 1_000_000)]
    assert (dso_party_id(seed="pinned")[:22], sha256(page), pins) == (
        "DSO::1220b3ae670a67ae2",
        "74ee6d4566aa6b58",
        ["98701ef04defe2ec", "887d6ede95436ebd", "635cf6d3818e70d1", "c83e874a44cedc0a"],
    )


def test_another_seed_is_another_network(ledger, tmp_path):
    other = open_ledger(
        tmp_path / "other.json", "other", history=200, gap=GAP, clock=StoppedClock()
    )
    assert other.dso_party_id != ledger.dso_party_id
    assert other.dso_party_id == dso_party_id(seed="other")


def test_the_first_history_ends_now_and_the_ledger_then_grows_at_its_rate(reopen, clock):
    ledger = reopen(clock)
    assert ledger.count() == 200
    assert ledger.head().record_time == NOON
    clock.now += 600 * SECOND
    assert ledger.count() == pytest.approx(1_400, abs=64)
    assert NOON < ledger.head().record_time <= clock.now


def test_what_was_served_stays_when_the_ledger_grows(reopen, clock):
    ledger = reopen(clock)
    before = ledger.page(None, 1000)
    clock.now += 60 * SECOND
    assert ledger.page(None, 1000)[: len(before)] == before


def test_a_restart_serves_the_same_bytes(reopen, clock):
    first = reopen(clock)
    clock.now += 30 * SECOND
    page, head = first.page(None, 1000), first.head()
    again = reopen(clock)
    assert (again.page(None, 1000), again.head()) == (page, head)


def test_the_head_never_moves_backwards_even_if_the_clock_does(reopen, clock):
    ledger = reopen(clock)
    clock.now += 60 * SECOND
    count = ledger.count()
    clock.now -= 3600 * SECOND
    assert ledger.count() == count
    assert reopen(clock).count() == count
    clock.now += 7200 * SECOND
    assert reopen(clock).count() > count


def test_a_restart_with_another_rate_keeps_what_there_was(reopen, clock):
    first = reopen(clock)
    clock.now += 30 * SECOND
    page = first.page(None, 1000)
    faster = reopen(clock, gap=SECOND // 100)
    assert faster.page(None, 1000) == page
    clock.now += 10 * SECOND
    assert faster.count() - len(page) == pytest.approx(1000, abs=64)
    assert reopen(clock, gap=SECOND // 100).count() == faster.count()


def test_sizes_are_those_of_the_real_network(ledger):
    sizes = [len(ledger.update(index)) for index in range(3000)]
    assert 8_000 < statistics.mean(sizes) < 10_000
    assert 55_000 < max(sizes) < 66_000
    assert sum(2_000 <= size <= 8_000 for size in sizes) / len(sizes) > 0.7
    assert sum(size >= 20_000 for size in sizes) / len(sizes) == pytest.approx(0.12, abs=0.04)


def test_any_place_in_a_year_of_history_is_served_without_what_came_before(tmp_path):
    year = 365 * 24 * 3600 * 2
    ledger = open_ledger(tmp_path / "s.json", "year", history=year, gap=GAP, clock=StoppedClock())
    assert ledger.count() == year
    last = [ledger.update(index) for index in range(year - 3, year)]
    assert ledger.page(ledger.position(year - 4), 1000) == last
    assert ledger.page(None, 1) == [ledger.update(0)]


def test_one_update_has_23_megabytes_where_that_was_asked_for(tmp_path):
    path, clock = tmp_path / "s.json", StoppedClock()
    ledger = open_ledger(path, "huge", history=40, gap=GAP, clock=clock, huge=7)
    update = ledger.update(7)
    assert 23_000_000 < len(update) < 24_000_000
    assert max(len(ledger.update(index)) for index in range(40) if index != 7) < 100_000
    assert ledger.plan(7).movements == ()
    assert open_ledger(path, clock=clock).update(7) == update
