from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.canton_scan.clock import SECOND
from mocks.canton_scan.draws import Seed
from mocks.canton_scan.timeline import LIVE_MIGRATION, OLD_MIGRATION, first_timeline, with_rate

NOW = 1_800_000_000 * SECOND
SEED = Seed("timeline")
GAPS = st.sampled_from([2, 200, 500_000, 3 * SECOND, 3_600 * SECOND])
HISTORIES = st.sampled_from([10, 11, 99, 1_000, 20_000, 60_000_000])


def order(moment):
    return moment.migration_id, moment.record_time


@given(HISTORIES, GAPS, st.data())
def test_every_update_is_found_again_by_its_position(history, gap, data):
    timeline = first_timeline(SEED, history, gap, NOW)
    moment = timeline.moment(data.draw(st.integers(0, 2 * history)))
    assert timeline.count_upto(*order(moment)) == moment.index + 1
    assert timeline.count_upto(moment.migration_id, moment.record_time - 1) == moment.index


@given(HISTORIES, GAPS, st.data())
def test_positions_rise_with_the_index(history, gap, data):
    timeline = first_timeline(SEED, history, gap, NOW)
    start = data.draw(st.integers(0, history))
    moments = [timeline.moment(index) for index in range(start, start + 200)]
    assert all(order(before) < order(after) for before, after in pairwise(moments))


@given(HISTORIES, GAPS)
def test_history_ends_exactly_at_the_first_start(history, gap):
    timeline = first_timeline(SEED, history, gap, NOW)
    assert timeline.moment(history - 1).record_time == NOW
    assert timeline.count_upto(LIVE_MIGRATION, NOW) == history


@given(HISTORIES, GAPS)
def test_the_first_update_of_a_migration_shares_its_record_time_with_the_older_one(history, gap):
    timeline = first_timeline(SEED, history, gap, NOW)
    first = timeline.moment(history * 3 // 10)
    shared = timeline.count_upto(OLD_MIGRATION, first.record_time) - 1
    assert (first.migration_id, timeline.moment(first.index - 1).migration_id) == (4, 3)
    assert order(timeline.moment(shared)) == (OLD_MIGRATION, first.record_time)


def test_updates_come_in_bursts_and_at_the_rate_on_average():
    timeline = first_timeline(SEED, 20_000, SECOND // 2, NOW)
    times = [timeline.moment(index).record_time for index in range(10_000, 16_401)]
    gaps = [after - before for before, after in pairwise(times)]
    assert sum(gaps) / len(gaps) == pytest.approx(SECOND / 2, rel=0.01)
    assert min(gaps) < SECOND // 1_000
    assert max(gaps) > 2 * SECOND


@given(GAPS, GAPS, st.integers(0, 3_600 * SECOND))
def test_another_rate_changes_nothing_that_was_shown(gap, new_gap, later):
    timeline = first_timeline(SEED, 1_000, gap, NOW)
    count = timeline.count_upto(LIVE_MIGRATION, NOW + later)
    changed = with_rate(SEED, timeline, new_gap, count, NOW + later)
    assert [changed.moment(i) for i in (0, count - 1)] == [
        timeline.moment(i) for i in (0, count - 1)
    ]
    assert changed.count_upto(LIVE_MIGRATION, NOW + later) == count
    following = changed.moment(count)
    assert following.record_time > NOW + later
    assert changed.count_upto(*order(following)) == count + 1


def test_record_times_of_an_overtaken_migration_are_known():
    timeline = first_timeline(SEED, 1_000, SECOND // 2, NOW)
    moments = [timeline.moment(index) for index in range(400)]
    since = moments[300].record_time
    expected = [one.migration_id == 3 and one.record_time > since for one in moments]
    assert [timeline.is_overtaken(one) for one in moments] == expected
    assert 50 < sum(expected) < 250
