from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.model import GENESIS, Position, parse_record_time

AT = datetime(2025, 12, 10, 16, 23, 25, 721430, UTC)
positions = st.builds(
    Position,
    st.integers(0, 99),
    st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- hypothesis adds the zone
)


@given(positions, positions)
def test_positions_are_ordered_by_migration_first_then_by_record_time(one, other):
    pairs = [(each.migration_id, each.record_time) for each in (one, other)]
    assert (one < other) == (pairs[0] < pairs[1])
    assert (one <= other) == (pairs[0] <= pairs[1])


def test_a_later_migration_comes_after_an_earlier_one_whose_record_times_overlap_it():
    late_in_third = Position(3, AT)
    early_in_fourth = Position(4, AT - timedelta(seconds=30))
    assert sorted([early_in_fourth, late_in_third]) == [late_in_third, early_in_fourth]


@given(positions)
def test_genesis_is_before_everything(position):
    assert position >= GENESIS


@given(positions)
def test_a_position_is_read_back_from_its_text(position):
    assert Position.parse(str(position)) == position


@pytest.mark.parametrize(
    ("position", "text", "for_key"),
    [
        (Position(4, AT), "4/2025-12-10T16:23:25.721430Z", "4_20251210T162325.721430Z"),
        (
            Position(0, AT.replace(microsecond=0)),
            "0/2025-12-10T16:23:25.000000Z",
            "0_20251210T162325.000000Z",
        ),
        (GENESIS, "genesis", "genesis"),
    ],
)
def test_a_position_is_written_for_people_and_for_object_keys(position, text, for_key):
    assert (str(position), position.for_key) == (text, for_key)


@given(positions)
def test_a_position_in_a_key_has_no_colon_or_slash(position):
    assert not set(":/ ") & set(position.for_key)


@given(st.integers(0, 9), positions, positions)
def test_keys_of_one_migration_sort_like_its_positions(migration, one, other):
    one, other = (Position(migration, each.record_time) for each in (one, other))
    if GENESIS not in (one, other):
        assert (one.for_key < other.for_key) == (one < other)


def test_genesis_is_read_by_its_name():
    assert Position.parse("genesis") == GENESIS


@pytest.mark.parametrize(
    "text",
    ["", "4", "4/", "4/soon", "/2025-12-10T16:23:25Z", "-1/2025-12-10T16:23:25Z"],
)
def test_what_is_no_position_is_refused(text):
    with pytest.raises(ValueError, match=r"not a position|Invalid isoformat"):
        Position.parse(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        pytest.param("2025-12-10T16:23:25.721430Z", AT, id="six decimals"),
        pytest.param("2025-12-10T16:23:25.721Z", AT.replace(microsecond=721000), id="three"),
        pytest.param("2025-12-10T16:23:25Z", AT.replace(microsecond=0), id="none"),
        pytest.param("2025-12-10T16:23:25.721430+00:00", AT, id="offset zero"),
    ],
)
def test_a_record_time_is_utc_to_the_microsecond(text, at):
    parsed = parse_record_time(text)
    assert (parsed, parsed.tzinfo) == (at, UTC)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("2025-12-10T16:23:25.721430", "not a UTC time", id="no zone"),
        pytest.param("2025-12-10T18:23:25.721430+02:00", "not a UTC time", id="another zone"),
        pytest.param("2025-12-10", "not a UTC time", id="a date"),
        pytest.param("2025-12-10T16:23:25.7214301Z", "finer than a micro", id="seven decimals"),
        pytest.param("20251210T162325,721430999Z", "finer than a micro", id="nanoseconds"),
        pytest.param("soon", "Invalid isoformat", id="no time"),
    ],
)
def test_a_record_time_that_would_lose_something_is_refused(text, reason):
    with pytest.raises(ValueError, match=reason):
        parse_record_time(text)
