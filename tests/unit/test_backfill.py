"""Checks of what a backfill fetches: all that bronze lacks of a stretch, and nothing twice."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from services.backfill import Fill, covered_stretches, gaps, land_within
from services.landing import landing_key, pack, sha256
from services.model import GENESIS, LandedPage, Stretch
from services.watermarks import Watermark
from tests.fakes import FakeLanding, FakeSource, FakeWarehouse
from tests.updates import NETWORK, SCAN_URL, line, place, transaction

LINES = [line(transaction(number=number)) for number in range(1, 10)]
STREAM = Watermark("bronze", NETWORK, place(9), consumed_batch_id=0, batch_id=1)


def stretch(after, upto):
    return Stretch(place(after), place(upto))


def numbers(stretches):
    ends = ((one.after.record_time, one.upto.record_time) for one in stretches)
    return [(after.microsecond, upto.microsecond) for after, upto in ends]


edges = st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda pair: pair[0] < pair[1])


@given(edges, st.lists(edges, max_size=4))
def test_gaps_are_what_is_wanted_and_not_covered(wanted, covered):
    found = numbers(gaps(stretch(*wanted), [stretch(*one) for one in covered]))
    filled = [number for after, upto in found for number in range(after + 1, upto + 1)]
    held = {number for after, upto in covered for number in range(after + 1, upto + 1)}
    assert filled == [n for n in range(wanted[0] + 1, wanted[1] + 1) if n not in held]
    assert all(after < upto for after, upto in found)


def test_a_stretch_before_all_that_is_covered_is_one_gap():
    assert list(gaps(stretch(0, 4), [stretch(6, 9)])) == [stretch(0, 4)]


def test_what_bronze_holds_is_read_from_its_batches():
    at = datetime(2025, 12, 10, 16, 23, 0, 5)  # noqa: DTZ001 -- as TIMESTAMP_NTZ has it
    row = {
        "after_migration_id": 0,
        "after_record_time": datetime(1970, 1, 1),  # noqa: DTZ001
        "upto_migration_id": 4,
        "upto_record_time": at,
    }
    session = FakeWarehouse({"ops.batches": [row]})
    assert covered_stretches(session, NETWORK) == [Stretch(GENESIS, place(5))]


def landed(first, last, clipped_at=None):
    """The page of LINES after number `first`, up to number `last`."""
    key = landing_key(NETWORK, place(first), clipped_at and place(clipped_at))
    content = pack(LINES[first:last])
    return LandedPage(key, place(first), place(last), last - first, sha256(content), SCAN_URL)


def fill(gap, landing=None, lines=LINES, page_size=3):
    source = FakeSource(lines, page_size=page_size)
    return land_within(source, landing or FakeLanding(), STREAM, gap, "run-1")


def test_a_page_within_the_gap_is_landed_whole():
    assert fill(stretch(0, 5)) == Fill(landed(0, 3), reaches_end=False)


def test_a_page_that_ends_where_the_gap_ends_fills_it():
    assert fill(stretch(0, 3)) == Fill(landed(0, 3), reaches_end=True)


def test_a_page_that_goes_beyond_the_gap_is_clipped_under_a_key_of_its_own():
    landing = FakeLanding()
    assert fill(stretch(3, 5), landing) == Fill(landed(3, 5, clipped_at=5), reaches_end=True)
    assert landing.objects == {
        landing_key(NETWORK, place(3)): pack(LINES[3:6]),
        landing_key(NETWORK, place(3), place(5)): pack(LINES[3:5]),
    }


def test_a_clipped_page_is_the_same_when_it_is_landed_again():
    landing = FakeLanding()
    assert fill(stretch(3, 5), landing) == fill(stretch(3, 5), landing)


def test_gaps_that_start_alike_and_end_apart_have_two_pages():
    landing = FakeLanding()
    fills = [fill(stretch(3, upto), landing) for upto in (4, 5)]
    assert [one.page for one in fills] == [landed(3, 4, clipped_at=4), landed(3, 5, clipped_at=5)]


def test_a_page_wholly_beyond_the_gap_shows_that_nothing_is_there():
    sparse = [LINES[0], LINES[8]]
    assert fill(stretch(1, 5), lines=sparse) == Fill(None, reaches_end=True)


def test_a_node_that_lags_does_not_show_that_the_gap_is_filled():
    assert fill(stretch(3, 5), lines=LINES[:3]) == Fill(None, reaches_end=False)
    assert fill(stretch(3, 5), lines=LINES[:4]) == Fill(landed(3, 4), reaches_end=False)
