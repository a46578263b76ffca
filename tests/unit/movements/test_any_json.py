"""New templates, choices and fields appear any time: whatever comes, the rules answer."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.movements import cc_movements
from tests.coin.cases import CASES
from tests.updates import reassignment

COLUMNS = set(cc_movements({})[0])
UPDATES = {
    name: CASES[name].update
    for name in (
        "payments: a receiver pays a quarter of the fee",
        "payments: a command: three choices, one payment",
        "payments: a preapproved payment without a transfer below it",
        "token standard, version 1: an older offer is accepted without a transfer",
        "token standard, version 1: offers expire in a batch",
        "purchases: a preapproval is renewed: only the result names the payer",
        "purchases: a name is bought",
        "expiry: a coin expires whose amount follows from its round",
        "mints: a tap counts once with the mint inside",
        "reports: an offer is accepted",
        "gaps: an unknown choice of a known template",
    )
} | {"reassignment": reassignment()}
ODDITIES = [None, True, 0, 1.5, "", "e", "NaN", "1E+999999999", [], {}, [None], [[]], {"": {}}]


def assert_readable(update):
    """Check that each of one or more rows is whole, of castable types, and fit for JSON."""
    rows = cc_movements(update)
    assert rows
    for row in rows:
        assert set(row) == COLUMNS
        assert isinstance(row["account"], str | None)
        assert isinstance(row["counterparty"], str | None)
        assert isinstance(row["amount_cc"], str)
        assert row["movement_kind"] is None or row["problem"] is None
    json.dumps(rows)


def places(value):
    """Every (container, key) within a JSON value."""
    keys = value if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


def with_oddities(update, changes):
    """The update with the values at some places replaced."""
    copy = json.loads(json.dumps(update))
    for number, oddity in changes:
        found = list(places(copy))
        container, key = found[number % len(found)]
        container[key] = json.loads(json.dumps(oddity))
    return copy


@pytest.mark.parametrize("update", UPDATES.values(), ids=UPDATES)
def test_an_oddity_anywhere_in_an_update_gives_whole_rows(update):
    for number, _ in enumerate(places(update)):
        for oddity in ODDITIES:
            assert_readable(with_oddities(update, [(number, oddity)]))


several = st.lists(
    st.tuples(st.integers(0, 999), st.sampled_from(ODDITIES)), min_size=2, max_size=4
)


@settings(max_examples=150)
@given(st.sampled_from(list(UPDATES.values())), several)
def test_several_oddities_in_an_update_give_whole_rows(update, changes):
    assert_readable(with_oddities(update, changes))


ids = st.sampled_from(["0", "1", "2", "3"])
children = st.lists(ids, max_size=3)


@given(children, st.lists(children, min_size=4, max_size=4))
def test_events_named_in_any_way_give_whole_rows_in_the_end(roots, child_ids):
    events = {
        str(number): {"event_id": str(number), "child_event_ids": named}
        for number, named in enumerate(child_ids)
    }
    assert_readable({"root_event_ids": roots, "events_by_id": events})


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=4,
)


@given(anything)
def test_any_json_at_all_gives_a_whole_row(value):
    assert_readable(value)
