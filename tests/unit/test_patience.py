"""Checks of how long a client waits for a Scan, and how much it requests."""

from datetime import UTC, datetime
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.patience import (
    BUSY_PAUSES,
    GROWS_AFTER,
    LONGEST_PAUSE,
    SMALLEST_PAGE,
    PageSize,
    pause,
    retry_after_seconds,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("chance", [0.0, 0.25, 1.0])
def test_pauses_grow_and_are_left_to_chance_as_a_whole(chance):
    pauses = [pause(attempt, None, chance) for attempt in range(4)]
    assert pauses == [0.5 * chance, 1.0 * chance, 2.0 * chance, None]


def test_a_second_of_the_request_limit_is_waited_out():
    assert sum(BUSY_PAUSES) / 2 > 1


@pytest.mark.parametrize(
    ("attempt", "said", "expected"),
    [
        pytest.param(0, 0.0, 0.0, id="come at once"),
        pytest.param(0, 7.5, 7.5, id="as said"),
        pytest.param(2, 7.5, 7.5, id="each time"),
        pytest.param(0, LONGEST_PAUSE, LONGEST_PAUSE, id="as long as one waits"),
        pytest.param(0, LONGEST_PAUSE + 1, None, id="longer than one waits"),
        pytest.param(3, 1.0, None, id="too often"),
    ],
)
def test_what_the_node_says_goes_before_chance(attempt, said, expected):
    assert pause(attempt, said, 0.5) == expected


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("120", 120.0),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30.0),
        ("Fri, 20 Nov 2026 12:00:30 -0000", 30.0),
        ("Fri, 20 Nov 2026 11:59:00 GMT", 0.0),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("soon", None),
        ("Fri, 20 Nov 99999 12:00:00 GMT", None),
    ],
)
def test_a_retry_after_is_seconds_or_a_date(header, seconds):
    assert retry_after_seconds(header, NOW) == seconds


@given(st.text(max_size=40))
def test_whatever_stands_in_a_retry_after_is_no_error(header):
    seconds = retry_after_seconds(header, NOW)
    assert seconds is None or seconds >= 0


def sizes(most, events):
    """The sizes asked for after each event: ``s`` too slow, ``.`` in time."""
    steps = {"s": PageSize.after_slow, ".": PageSize.after_answer}
    states = accumulate(events, lambda size, event: steps[event](size), initial=PageSize.of(most))
    return [size.now for size in states]


def test_a_page_that_is_too_slow_is_halved_down_to_a_floor():
    assert sizes(1000, "s" * 9) == [1000, 500, 250, 125, 62, 31, 15, 10, 10, 10]


def test_pages_grow_back_to_what_is_set():
    events = "sss" + "." * (3 * GROWS_AFTER + 1)
    grown = [125] * (GROWS_AFTER - 1) + [250] * GROWS_AFTER + [500] * GROWS_AFTER + [1000] * 2
    assert sizes(1000, events) == [1000, 500, 250, 125, *grown]


def test_only_answers_in_a_row_make_pages_grow():
    assert sizes(100, "s...s...") == [100, *[50] * 4, *[25] * 4]


@given(st.integers(1, 1000), st.text("s."))
def test_a_page_is_never_larger_than_set_nor_smaller_than_need_be(most, events):
    for size in sizes(most, events):
        assert min(SMALLEST_PAGE, most) <= size <= most
