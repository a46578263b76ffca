"""Checks of how `make verify` cuts the covered history into slices."""

from local.verify.slices import Batch, slices
from services.landing import landing_key, revision_key
from services.model import GENESIS, Stretch
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
