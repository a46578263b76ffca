"""The ledger's clock: it grows with it, and is frozen, advanced and sped up on demand."""

import json

import pytest

from mocks.canton_scan.clock import SECOND, ClockMove, instant_text
from mocks.canton_scan.ledger import open_ledger
from tests.contract.scan.scan_api import NOON, StoppedClock

HOUR = 3600


@pytest.fixture
def wall():
    return StoppedClock()


@pytest.fixture
def reopened(tmp_path, wall, over):
    """Opens the ledger as a new process does, from its file."""

    def reopen(gap=SECOND):
        return over(open_ledger(tmp_path / "scan.json", "clocked", history=50, gap=gap, clock=wall))

    return reopen


@pytest.fixture
def node(reopened):
    return reopened()


def steer(node, **move):
    answer = node.request("POST", "http://scan/_mock/clock", json=move)
    assert answer.status_code == 200, answer.text
    return answer.json()


def count(node):
    return node.request("GET", "http://scan/_mock/ledger").json()["count"]


def shown(node):
    return node.request("GET", "http://scan/_mock/clock").json()


def test_the_ledger_grows_with_the_wall_clock_until_it_is_steered(node, wall):
    assert shown(node) == {"now": instant_text(NOON), "speed": 1.0, "is_frozen": False}
    wall.now += HOUR * SECOND
    assert 3500 < count(node) - 50 < 3700


def test_a_frozen_ledger_stands_still_and_goes_on_from_there(node, wall):
    steer(node, freeze=True)
    wall.now += HOUR * SECOND
    assert (count(node), shown(node)["now"]) == (50, instant_text(NOON))
    steer(node, freeze=False)
    wall.now += SECOND * 60
    assert shown(node)["now"] == instant_text(NOON + 60 * SECOND)
    assert 50 < count(node) < 50 + 130


def test_hours_of_ledger_pass_in_one_call(node, wall):
    before = list(node.walk(1000))
    assert steer(node, advance_seconds=6 * HOUR)["now"] == instant_text(NOON + 6 * HOUR * SECOND)
    after = list(node.walk(1000))
    assert after[: len(before)] == before
    assert 21_000 < len(after) < 22_200
    assert after[-1]["record_time"] <= instant_text(NOON + 6 * HOUR * SECOND)
    assert wall.now == NOON


def test_a_speed_up_is_a_rate_of_the_wall_clock(node, wall):
    steer(node, speed=60)
    wall.now += 60 * SECOND
    assert shown(node) == {
        "now": instant_text(NOON + HOUR * SECOND), "speed": 60.0, "is_frozen": False,
    }  # fmt: skip
    assert 3500 < count(node) - 50 < 3700


def test_a_frozen_clock_keeps_its_speed_and_can_be_advanced(node, wall):
    steer(node, speed=10, freeze=True)
    steer(node, advance_seconds=5)
    wall.now += SECOND
    assert steer(node, freeze=False) == {
        "now": instant_text(NOON + 5 * SECOND), "speed": 10.0, "is_frozen": False,
    }  # fmt: skip
    wall.now += SECOND
    assert shown(node)["now"] == instant_text(NOON + 15 * SECOND)


@pytest.mark.parametrize("gap", [SECOND, SECOND // 4])
def test_a_restart_keeps_the_clock_and_every_update(node, reopened, wall, gap):
    steer(node, advance_seconds=HOUR, freeze=True)
    before = [json.dumps(update) for update in node.walk(1000)]
    wall.now += SECOND
    again = reopened(gap)
    assert [json.dumps(update) for update in again.walk(1000)] == before
    assert shown(again)["is_frozen"]


def test_faults_and_clock_are_unknown_to_the_api(node):
    for path in ("/_mock/clock", "/v0/_mock/clock", "/_mock/faults", "/_mock/truth"):
        assert node.request("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("move", "said"),
    [
        ({"advance_seconds": -1}, "`float` >= 0"),
        ({"speed": 0}, "`float` > 0"),
        ({"freeze": "yes"}, "Expected `bool | null`"),
        ({"advance_seconds": 3_200_000_000}, "`float` <= 3153600000.0"),
        ({"stop": True}, "unknown field `stop`"),
    ],
)
def test_a_move_that_is_none_is_refused(node, move, said):
    refused = node.request("POST", "http://scan/_mock/clock", json=move)
    assert refused.status_code == 400
    assert said in refused.json()["error"]
    assert count(node) == 50


def test_time_ends_before_its_texts_do(node):
    refused = None
    for _ in range(80):
        refused = node.request(
            "POST", "http://scan/_mock/clock", json={"advance_seconds": 3_153_600_000}
        )
        if refused.status_code != 200:
            break
    assert refused.status_code == 400
    assert "the clock goes no further than 8941-" in refused.json()["error"]
    assert shown(node)["now"] < "8941"
    assert len(node.page(5)) == 5


def test_a_network_that_was_reset_has_the_same_clock(tmp_path, wall):
    ledger = open_ledger(tmp_path / "scan.json", "clocked", history=50, gap=SECOND, clock=wall)
    anew, again = ledger.after_reset(), ledger.after_reset()
    ledger.steer(ClockMove(advance_seconds=HOUR))
    assert anew.count() - 200 > 3_500
    assert anew.page(None, 50) == again.page(None, 50)


def test_a_recording_has_no_clock(recorded):
    answers = [
        recorded.request("GET", "http://scan/_mock/clock"),
        recorded.request("POST", "http://scan/_mock/clock", json={"freeze": True}),
        recorded.request("GET", "http://scan/_mock/truth"),
    ]
    assert {answer.status_code for answer in answers} == {409}
    assert "they have no clock and no plan" in answers[0].text
