"""Several nodes of one network: the same content, each so far behind."""

import pytest

from mocks.canton_scan.clock import SECOND, ClockMove
from mocks.canton_scan.ledger import follow_ledger, open_ledger
from mocks.canton_scan.replay import Recording
from mocks.canton_scan.state import StateRefused
from tests.contract.scan.scan_api import StoppedClock


@pytest.fixture
def wall():
    return StoppedClock()


@pytest.fixture
def state(tmp_path):
    return tmp_path / "scan.json"


@pytest.fixture
def leader(state, wall):
    return open_ledger(state, "nodes", history=400, gap=SECOND, clock=wall)


def whole(history):
    return history.page(None, 100_000)


def test_a_node_that_is_behind_serves_the_same_bytes_but_the_newest(leader, state, wall):
    far, near = (follow_ledger(state, "nodes", lag=lag * SECOND, clock=wall) for lag in (120, 30))
    everything = whole(leader)
    for node, lag in ((far, 120), (near, 30)):
        served = whole(node)
        assert served == everything[: len(served)]
        assert lag / 2 < len(everything) - len(served) < lag * 2
        assert node.find("0") is None
    wall.now += 120 * SECOND
    assert whole(far) == everything, "what was hidden comes later"


def test_a_node_that_follows_without_lag_is_the_same(leader, state, wall):
    assert whole(follow_ledger(state, "nodes", clock=wall)) == whole(leader)


def test_followers_go_along_with_the_clock_and_the_rate_of_the_one_they_follow(leader, state, wall):
    node = follow_ledger(state, "nodes", clock=wall)
    leader.steer(ClockMove(advance_seconds=3600, freeze=True))
    assert whole(node) == whole(leader)
    assert len(whole(node)) > 3500
    leader.steer(ClockMove(freeze=False))
    faster = open_ledger(state, "nodes", gap=SECOND // 10, clock=wall)
    wall.now += 60 * SECOND
    assert whole(node) == whole(faster)
    assert node.rate() == 10


def test_the_clock_is_steered_at_the_node_that_keeps_the_ledger(leader, state, wall, over):
    node = over(follow_ledger(state, "nodes", lag=SECOND, clock=wall))
    refused = node.request("POST", "http://scan/_mock/clock", json={"advance_seconds": 60})
    assert refused.status_code == 400
    assert refused.json()["error"] == "this node follows another one: steer the clock of that"
    assert leader.count() == 400


def test_a_ledger_that_began_anew_under_another_seed_is_not_followed(leader, state, wall):
    node = follow_ledger(state, clock=wall)
    state.unlink()
    open_ledger(state, "other", history=400, gap=SECOND, clock=wall)
    with pytest.raises(StateRefused, match="holds the ledger of seed 'other', not 'nodes'"):
        node.page(None, 10)


def test_a_ledger_that_began_anew_is_followed_from_its_beginning(leader, state, wall):
    node = follow_ledger(state, clock=wall)
    assert node.count() == 400
    state.unlink()
    anew = open_ledger(state, "nodes", history=50, gap=SECOND, clock=wall)
    assert whole(node) == whole(anew)
    assert node.count() == 50


def test_nothing_can_be_followed_before_it_is_there(state, wall):
    with pytest.raises(StateRefused, match="No such file"):
        follow_ledger(state, "nodes", clock=wall)


def test_a_recording_is_behind_by_its_last_updates(recorded, recorded_updates, over, recording):
    behind = Recording(recording).behind(5 * SECOND)
    served = list(over(behind).walk(100))
    assert 0 < len(served) < len(recorded_updates)
    assert served == recorded_updates[: len(served)]
    assert behind.find(recorded_updates[-1]["update_id"]) is None
