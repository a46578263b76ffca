"""Whatever happens to clock, rate and process in between, a reader meets every update once."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mocks.canton_scan.clock import SECOND, ClockMove
from mocks.canton_scan.ledger import follow_ledger, open_ledger
from tests.contract.scan.scan_api import StoppedClock

SIZES = st.integers(1, 40)
SPANS = st.floats(0, 30)
MOVES = st.one_of(
    st.builds(ClockMove, advance_seconds=SPANS),
    st.builds(ClockMove, freeze=st.booleans()),
    st.builds(ClockMove, speed=st.floats(0.01, 10)),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), SIZES),
        st.tuples(st.just("read behind"), SIZES),
        st.tuples(st.just("steer"), MOVES),
        st.tuples(st.just("wait"), SPANS),
        st.tuples(st.just("restart"), st.sampled_from([None, SECOND, SECOND // 3])),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_every_update_comes_once_and_in_order(tmp_path_factory, steps):
    state, wall = tmp_path_factory.mktemp("walk") / "scan.json", StoppedClock()
    ledger = open_ledger(state, "walked", history=60, gap=SECOND, clock=wall)
    served, after = [], None
    for step, value in steps:
        if step == "read":
            served += (page := ledger.page(after, value))
        elif step == "read behind":
            behind = follow_ledger(state, lag=10 * SECOND, clock=wall)
            served += (page := behind.page(after, value))
        elif step == "steer":
            ledger.steer(value)
        elif step == "wait":
            wall.now += round(value * SECOND)
        else:
            ledger = open_ledger(state, gap=value, clock=wall)
        if step.startswith("read") and page:
            after = ledger.position(len(served) - 1)
    served += ledger.page(after, 100_000)
    assert served == [ledger.update(index) for index in range(ledger.count())]
