import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocks.canton_scan.clock import SECOND, instant_text
from mocks.canton_scan.ledger import open_ledger
from tests.contract.scan.scan_api import NOON, StoppedClock, position

GENESIS = (0, "1970-01-01T00:00:00.000000Z")


def ids(updates):
    return [update["update_id"] for update in updates]


@pytest.fixture(scope="module")
def small(tmp_path_factory, over):
    """300 updates around the switch from migration 3 to 4."""
    state = tmp_path_factory.mktemp("small") / "state.json"
    return over(open_ledger(state, "small", history=300, gap=500_000, clock=StoppedClock()))


@pytest.fixture(scope="module")
def straight(small):
    return small.page(1000)


def test_a_page_starts_strictly_after_its_cursor(api):
    page = api.page(20)
    assert ids(api.page(19, position(page[0]))) == ids(page[1:])


def test_recorded_updates_are_served_in_pages_with_every_value(recorded, recorded_updates):
    assert list(recorded.walk(7)) == recorded_updates


def test_updates_stand_in_the_order_of_migration_and_record_time(updates):
    positions = [position(update) for update in updates]
    assert positions == sorted(set(positions))


def test_no_update_is_served_twice(updates):
    assert len(set(ids(updates))) == len(updates) == 3_000


def test_a_page_at_the_head_is_short(small, straight):
    assert small.page(1000, position(straight[-3])) == straight[-2:]


def test_the_head_itself_is_followed_by_nothing(small, straight):
    migration_id, record_time = position(straight[-1])
    after = {"after_migration_id": migration_id, "after_record_time": record_time}
    response = small.request("POST", "/v2/updates", json={"page_size": 5, "after": after})
    assert response.content == b'{"transactions":[]}'


@pytest.mark.parametrize(
    ("after", "first"),
    [
        pytest.param(None, 0, id="genesis"),
        pytest.param(GENESIS, 0, id="a migration before the first"),
        pytest.param((3, "1970-01-01T00:00:00Z"), 0, id="the first migration before its begin"),
        pytest.param((3, "9999-12-31T23:59:59.999999Z"), 90, id="the first migration at its end"),
        pytest.param((4, "0001-01-01T00:00:00Z"), 90, id="the second migration before its begin"),
        pytest.param((4, "9999-12-31T23:59:59Z"), 300, id="the future"),
        pytest.param((5, "1970-01-01T00:00:00Z"), 300, id="a migration still to come"),
    ],
)
def test_a_cursor_where_no_update_stands_leads_to_the_next_one(small, straight, after, first):
    assert ids(small.page(10, after)) == ids(straight[first : first + 10])


def test_record_times_of_two_migrations_overlap_and_one_is_the_same(straight):
    old = {update["record_time"] for update in straight if position(update)[0] == 3}
    new = {update["record_time"] for update in straight if position(update)[0] == 4}
    assert min(new) < max(old)
    assert old & new == {min(new)}


def test_a_cursor_by_time_alone_would_lose_updates(small, straight):
    end_of_old = max(position(update) for update in straight if position(update)[0] == 3)
    overtaken = [
        update
        for update in straight
        if position(update) > end_of_old and update["record_time"] < end_of_old[1]
    ]
    assert len(overtaken) > 10
    assert ids(small.page(len(overtaken), end_of_old)) == ids(overtaken)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(5, 120), min_size=1, max_size=20))
def test_any_sequence_of_page_sizes_yields_every_update_once_and_in_order(small, straight, sizes):
    after, read = None, []
    while len(read) < len(straight):
        page = small.page(sizes[len(read) % len(sizes)], after)
        read += ids(page)
        after = position(page[-1])
    assert read == ids(straight)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([3, 4]), st.integers(NOON - 200 * SECOND, NOON + SECOND), st.integers(1, 5))
def test_any_cursor_leads_to_what_a_straight_walk_has_there(small, straight, migration, at, size):
    after = (migration, instant_text(at))
    expected = [update for update in straight if position(update) > after][:size]
    assert small.page(size, after) == expected
