"""The rules' time grows with an update's events, not with their square, whatever the events are.

Old rules took 16 s of CPU time for 2,000 unlocks; each of these takes a tenth of a second.
"""

import time
from itertools import pairwise

import pytest

from services.movements import cc_movements
from tests.coin.building import LOCKED, Out, Settlement, ended, old, transferred, unlocked
from tests.updates import ALICE, DSO, amulet, exercised, party, transaction

EVENTS = 4000
SECONDS = 3
FAKE = party("another DSO")


def nested():
    """Choices of another DSO party, each below the one before; a coin below the last."""
    update = transaction(exercised("AmuletRules_Transfer"), amulet(ALICE, "1.0", dso=FAKE))
    (first, choice), (_, coin) = update["events_by_id"].items()
    names = [f"{first}{number}" for number in range(EVENTS)]
    events = {
        name: choice | {"event_id": name, "child_event_ids": [below]}
        for name, below in pairwise(names)
    }
    events[names[-1]] = coin | {"event_id": names[-1]}
    return update | {"root_event_ids": names[:1], "events_by_id": events}


def side_by_side(number):
    return [unlocked(ALICE, str(one + 1)) for one in range(number)]


SHAPES = {
    "unlocks, each a root": lambda: transaction(*side_by_side(EVENTS // 2)),
    "coins below a choice that nobody knows": lambda: transaction(
        exercised("AmuletRules_Rain", {}, {}, *[amulet(ALICE, "1.0")] * EVENTS)
    ),
    "coins below an unlock": lambda: transaction(
        exercised(
            "LockedAmulet_UnlockV2", {}, {}, *[amulet(ALICE, "1.0")] * EVENTS, acting=[ALICE],
            template=LOCKED, consuming=True,
        )
    ),
    "prices paid in one transfer": lambda: transaction(
        transferred(
            paid := Settlement(
                ALICE, [Out(DSO, "1.0")] * (EVENTS // 2), [old(ALICE, str(EVENTS // 2))]
            )
        ),
        *[ended(paid.name(place), DSO) for place in range(EVENTS // 2)],
    ),
    "choices of another DSO party in each other": nested,
}  # fmt: skip


@pytest.mark.parametrize("make", SHAPES.values(), ids=SHAPES)
def test_an_update_of_many_events_takes_no_more_than_its_share(make):
    update = make()
    assert len(update["events_by_id"]) >= EVENTS
    began = time.process_time()
    rows = cc_movements(update)
    assert time.process_time() - began < SECONDS
    assert rows
