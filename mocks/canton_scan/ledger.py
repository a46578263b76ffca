"""The generated ledger: pages and single updates, made from their position when asked for."""

from pathlib import Path

from mocks.canton_scan.clock import SECOND, Clock, Micros, wall_clock
from mocks.canton_scan.draws import Seed
from mocks.canton_scan.history import Position
from mocks.canton_scan.ids import index_of
from mocks.canton_scan.network import Network
from mocks.canton_scan.plan import Plan
from mocks.canton_scan.planner import Planner
from mocks.canton_scan.render import render
from mocks.canton_scan.state import State, StateFile
from mocks.canton_scan.timeline import LIVE_MIGRATION, Timeline, first_timeline, with_rate
from mocks.canton_scan.update import update_at


class Ledger:
    """A `History` that grows with the clock. Only its timeline and the count it has shown are kept.

    The count never goes down, in this process or the next, even if the clock is set back.
    """

    def __init__(self, file: StateFile, state: State, clock: Clock = wall_clock) -> None:
        self._file = file
        self._state = state
        self._clock = clock
        self._timeline = Timeline(Seed(state.seed), state.stretches)
        self._network = Network(Seed(state.seed))
        self._planner = Planner(self._network, self._timeline)
        self.dso_party_id = self._network.dso

    def page(self, after: Position | None, size: int) -> list[bytes]:
        """See `History.page`."""
        first = 0
        if after is not None:
            first = self._timeline.count_upto(after.migration_id, after.record_time)
        return [self.update(index) for index in range(first, min(first + size, self.count()))]

    def find(self, update_id: str) -> bytes | None:
        """See `History.find`."""
        index = index_of(self._network.seed, update_id)
        return None if index is None or index >= self.count() else self.update(index)

    def now(self) -> Micros:
        """See `History.now`."""
        return self._clock()

    def count(self) -> int:
        """See `History.count`."""
        due = self._timeline.count_upto(LIVE_MIGRATION, self.now())
        if due > self._state.count:
            self._state = self._state.with_count(due)
            self._file.write(self._state)
        return self._state.count

    def head(self) -> Position:
        """See `History.head`."""
        return self.position(self.count() - 1)

    def position(self, index: int) -> Position:
        """Where the update at ``index`` stands, whether it has happened or not."""
        moment = self._timeline.moment(index)
        return Position(moment.migration_id, moment.record_time)

    def plan(self, index: int) -> Plan:
        """What the update at ``index`` means, whether it has happened or not."""
        return self._planner.plan(self._timeline.moment(index))

    def update(self, index: int) -> bytes:
        """The update at ``index``, whether it has happened or not."""
        moment = self._timeline.moment(index)
        return render(self._planner.plan(moment), update_at(self._network, moment))


def open_ledger(
    path: Path,
    seed: str,
    *,
    history: int = 20_000,
    gap: Micros = SECOND // 2,
    clock: Clock = wall_clock,
) -> Ledger:
    """The ledger that the state file keeps, or a new one whose history ends now.

    ``history`` only counts when the ledger is new. Another ``gap`` (microseconds between updates
    on average) than before applies from now on.

    Raises:
        StateRefused: The file belongs to another seed or version, or can't be read or written.
    """
    file = StateFile(path)
    state = file.read(seed)
    if state is None:
        timeline = first_timeline(Seed(seed), history, gap, clock())
        state = State(seed, timeline.stretches, history)
        file.write(state)
    elif state.stretches[-1].gap != gap:
        timeline = Timeline(Seed(seed), state.stretches)
        count = max(state.count, timeline.count_upto(LIVE_MIGRATION, clock()))
        timeline = with_rate(Seed(seed), timeline, gap, count, clock())
        state = State(seed, timeline.stretches, count)
        file.write(state)
    return Ledger(file, state, clock)
