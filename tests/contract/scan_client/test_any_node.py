"""The client against a node whose clock is moved and that shows faults of its own, in any order."""

import json

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from mocks.canton_scan.app import create_app
from mocks.canton_scan.clock import SECOND, ClockMove
from mocks.canton_scan.faults import Board, Fault, Kind
from mocks.canton_scan.faulty import Faulty
from mocks.canton_scan.ledger import open_ledger
from services.adapters.canton_scan import CantonScan
from services.adapters.scan_nodes import ScanNodes
from services.errors import PageRefused, SourceUnavailable
from services.model import GENESIS
from tests.contract.scan.scan_api import StoppedClock
from tests.contract.scan_client.conftest import InProcess

KINDS = [kind for kind in Kind if kind not in {Kind.RESET, Kind.TRUNCATED, Kind.NETWORK_RESET}]
FAULTS = st.builds(
    Fault,
    kind=st.sampled_from(KINDS),
    times=st.integers(1, 4),
    seconds=st.just(0.0) | st.floats(5, 40),
).filter(lambda fault: fault.kind is not Kind.SLOW or fault.seconds == 0)
MOVES = st.one_of(
    st.builds(ClockMove, advance_seconds=st.floats(0, 30)),
    st.builds(ClockMove, freeze=st.booleans()),
    st.builds(ClockMove, speed=st.floats(0.1, 10)),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(1, 4)),
        st.tuples(st.just("another reads"), st.integers(1, 4)),
        st.tuples(st.just("fault"), FAULTS),
        st.tuples(st.just("steer"), MOVES),
        st.tuples(st.just("wait"), st.floats(0, 20)),
    ),
    max_size=15,
)


class Reader:
    """A client with a position, as bronze has one."""

    def __init__(self, node):
        self.met = []
        self._after = GENESIS
        self._node = node

    def read(self, pages):
        """Some pages, or as many as come before a failure; it goes on from there the next time."""
        try:
            for page in self._node.pages(self._after, None):
                self.met += page.lines
                self._after = page.upto
                if not (pages := pages - 1):
                    return True
        except (SourceUnavailable, PageRefused):
            return False
        return True


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@example([("another reads", 2), ("fault", Fault(Kind.TWICE, times=1)), ("read", 1)], 30)
@given(STEPS, st.integers(1, 50))
def test_every_update_comes_once_and_in_order(tmp_path_factory, runner, steps, page_size):
    wall, state = StoppedClock(), tmp_path_factory.mktemp("any") / "scan.json"
    ledger = open_ledger(state, "any node", history=60, gap=SECOND, clock=wall)
    board = Board()
    node = Faulty(lambda history: create_app(history, board), ledger, board)
    client = CantonScan(
        "http://scan/api/scan", transport=InProcess(node, runner), is_simulated=True
    )
    reader, other = (
        Reader(ScanNodes([client], page_size=size, wait=lambda _: None)) for size in (page_size, 20)
    )
    for step, value in steps:
        if step == "read":
            reader.read(value)
        elif step == "another reads":
            other.read(value)
        elif step == "fault":
            board.add(value)
        elif step == "steer":
            ledger.steer(value)
        else:
            wall.now += round(value * SECOND)
    assume(ledger.count() < 5_000)
    board.clear()
    assert reader.read(10_000)
    expected = [ledger.update(index) for index in range(ledger.count())]
    assert [json.loads(line) for line in reader.met] == [json.loads(one) for one in expected]
    assert reader.met == expected
