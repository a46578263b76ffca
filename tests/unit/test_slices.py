"""Checks of how `make verify` cuts the covered history into slices."""

from datetime import timedelta

import pytest

from local.verify.slices import Batch, slices, without
from services.landing import landing_key, revision_key
from services.model import GENESIS, Position, Stretch
from tests.updates import NETWORK, place


def test_a_released_page_stands_where_the_page_did():
    starts = [GENESIS, place(1), place(2)]
    keys = [landing_key(NETWORK, after) for after in starts]
    as_landed = Batch(1, Stretch(GENESIS, place(3)), keys)
    as_released = Batch(1, as_landed.stretch, [revision_key(keys[0], 1), keys[1], keys[2]])

    (whole,) = slices([as_released])
    assert whole.stretch == as_landed.stretch
    assert [page.stretch.after for page in whole.pages] == starts
    assert list(slices([as_released], 2)) == list(slices([as_landed], 2))


def before(position):
    """The last position before another one."""
    return Position(position.migration_id, position.record_time - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("gone", "parts"),
    [
        ([], [(place(0), place(9))]),
        ([place(4)], [(place(0), before(place(4))), (place(4), place(9))]),
        ([place(9)], [(place(0), before(place(9)))]),
        (
            [before(place(4)), place(4)],
            [(place(0), before(before(place(4)))), (place(4), place(9))],
        ),
    ],
    ids=["none", "one", "the last one", "two side by side"],
)
def test_a_stretch_without_some_updates_is_the_parts_between_them(gone, parts):
    stretch = Stretch(place(0), place(9))
    assert list(without(stretch, gone)) == [Stretch(*one) for one in parts]
