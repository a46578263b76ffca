"""The generated ledger: pages and single updates, made from their position on request."""

from pathlib import Path

from msgspec import structs

from mocks.canton_scan import wire
from mocks.canton_scan.blocks import Blocks
from mocks.canton_scan.clock import (
    LATEST,
    SECOND,
    Clock,
    ClockMove,
    ClockSetting,
    Micros,
    instant_text,
    wall_clock,
)
from mocks.canton_scan.eras import Era, seed_of
from mocks.canton_scan.history import Position
from mocks.canton_scan.ids import index_of
from mocks.canton_scan.keeper import Followed, Keeper, MemoryKeeper, Owned
from mocks.canton_scan.network import Network
from mocks.canton_scan.plan import Plan, Quiet, Renewal
from mocks.canton_scan.planner import Planner
from mocks.canton_scan.render import render
from mocks.canton_scan.splits import Epochs, epochs_after
from mocks.canton_scan.state import State, StateFile, StateRefused
from mocks.canton_scan.timeline import LIVE_MIGRATION, Moment, Timeline, first_timeline, with_rate
from mocks.canton_scan.update import update_at

SEED = "local"  # unless another one is named
GAP: Micros = SECOND // 2
BRIEF_HISTORY = 200
HOUR: Micros = 3600 * SECOND


class Ledger:
    """A `History` that grows with a clock. Only its timeline and the count it has shown are kept.

    The count never goes down, in this process or the next, even if the clock is set back.

    Args:
        keeper: Holds the state.
        clock: The wall's clock.
        lag: How far this node is behind, in microseconds.
        blocks: What its updates left behind; looked for again without them.
    """

    def __init__(
        self,
        keeper: Keeper,
        clock: Clock = wall_clock,
        lag: Micros = 0,
        blocks: Blocks | None = None,
    ) -> None:
        self._keeper = keeper
        self._clock = clock
        self._lag = lag
        self.blocks = blocks or Blocks()
        state = keeper.state()
        self.seed = seed_of(state.seed, state.era)
        self.network = Network(self.seed, state.era)
        self.dso_party_id = self.network.dso
        self._stretches = state.stretches
        self._planner = self._planned(state)

    @property
    def planner(self) -> Planner:
        """Decides what happens at each place of the timeline."""
        stretches = self._keeper.state().stretches
        if stretches != self._stretches:  # the node that is followed began another one
            self._stretches = stretches
            self._planner = self._planned(self._keeper.state())
        return self._planner

    def _planned(self, state: State) -> Planner:
        timeline = Timeline(self.seed, state.stretches)
        epochs = state.epochs or epochs_after(state.count)
        return Planner(self.network, timeline, state.huge, epochs)

    @property
    def timeline(self) -> Timeline:
        """The timeline that gives each update its record time."""
        return self.planner.timeline

    def page(self, after: Position | None, size: int) -> list[bytes]:
        """See `History.page`."""
        first = self.index_after(after)
        return [self.update(index) for index in range(first, min(first + size, self.count()))]

    def index_after(self, after: Position | None) -> int:
        """The index of the first update after a position, whether it has happened or not."""
        if after is None:
            return 0
        return self.timeline.count_upto(after.migration_id, after.record_time)

    def find(self, update_id: str) -> bytes | None:
        """See `History.find`."""
        index = index_of(self.seed, update_id)
        return None if index is None or index >= self.count() else self.update(index)

    def now(self) -> Micros:
        """See `History.now`."""
        return self._keeper.state().now(self._clock()) - self._lag

    def count(self) -> int:
        """See `History.count`."""
        due = self.timeline.count_upto(LIVE_MIGRATION, self.now())
        return max(due, 1) if self._lag else self._keeper.show(due)

    def head(self) -> Position:
        """See `History.head`."""
        return self.position(self.count() - 1)

    def position(self, index: int) -> Position:
        """Return the position of the update at ``index``, whether it has happened or not."""
        moment = self.timeline.moment(index)
        return Position(moment.migration_id, moment.record_time)

    def plan(self, index: int) -> Plan:
        """Return the plan of the update at ``index``, whether it has happened or not."""
        planner = self.planner
        return planner.plan(planner.timeline.moment(index))

    def update(self, index: int) -> bytes:
        """The update at ``index``, whether it has happened or not."""
        return wire.encode(self.written(index))

    def written(self, index: int) -> wire.Transaction | wire.Reassignment:
        """The same, before it is encoded."""
        planner = self.planner  # once: each time, a node that follows looks at its keeper's file
        moment = planner.timeline.moment(index)
        return self.rendered(moment, planner.plan(moment))

    def rendered(self, moment: Moment, plan: Plan) -> wire.Transaction | wire.Reassignment:
        """The update at this moment, of which this is the plan."""
        generation = None if isinstance(plan, Quiet | Renewal) else plan.generation
        return render(plan, update_at(self.network, moment, generation))

    def clock(self) -> ClockSetting:
        """Return the setting of the ledger's clock; by default it shows the wall time."""
        wall = self._clock()
        return self._keeper.state().clock or ClockSetting(wall, wall)

    def steer(self, move: ClockMove) -> None:
        """Move its clock; what it has shown stays shown.

        Raises:
            StateRefused: It follows another node, the state can't be written, or time ends.
        """
        self.count()
        moved = move.applied(self.clock(), self._clock())
        if moved.shown >= LATEST:
            raise StateRefused(f"the clock goes no further than {instant_text(LATEST)}")
        self._keeper.set_clock(moved)

    def rate(self) -> float:
        """Updates a second (of its clock) on average."""
        return SECOND / self._keeper.state().stretches[-1].gap

    def behind(self, lag: Micros) -> "Ledger":
        """See `History.behind`."""
        return Ledger(self._keeper, self._clock, self._lag + lag, self.blocks)

    def after_reset(self) -> "Ledger":
        """See `History.after_reset`."""
        state = self._keeper.state()
        hour = self.now() // HOUR * HOUR  # all nodes agree on it, but for those at its turn
        return brief_ledger(
            f"{state.seed}, reset",
            ends_at=hour,
            gap=state.stretches[-1].gap,
            clock=self.now,
            era=state.era,
        )


def open_ledger(  # noqa: PLR0913 -- what a ledger begins with
    path: Path,
    seed: str | None = None,
    *,
    history: int = 20_000,
    gap: Micros | None = None,
    clock: Clock = wall_clock,
    era: Era = Era.MIXED,
    huge: int | None = None,
    epochs: Epochs | None = None,
) -> Ledger:
    """The ledger that the state file keeps, or a new one whose history ends now.

    Without a ``seed`` it is the one that is kept, whichever that is. ``history``, ``era``, ``huge``
    (where an update of 23 MB stands) and ``epochs`` only count when the ledger is new. Another
    ``gap`` (microseconds between updates on average) than before applies from now on.

    Raises:
        StateRefused: The file belongs to another seed or version, or can't be read or written.
    """
    file = StateFile(path)
    state = file.read(seed)
    if state is None:
        seed = seed or SEED
        timeline = first_timeline(seed_of(seed, era), history, gap or GAP, clock())
        epochs = epochs or Epochs()
        state = State(seed, timeline.stretches, history, era=era, huge=huge, epochs=epochs)
        file.write(state)
    elif state.epochs is None:
        state = structs.replace(state, epochs=epochs_after(state.count))
        file.write(state)
    if gap and state.stretches[-1].gap != gap:
        drawn = seed_of(state.seed, state.era)
        timeline, now = Timeline(drawn, state.stretches), state.now(clock())
        count = max(state.count, timeline.count_upto(LIVE_MIGRATION, now))
        timeline = with_rate(drawn, timeline, gap, count, now)
        state = structs.replace(state, stretches=timeline.stretches, count=count)
        file.write(state)
    return Ledger(Owned(file, state), clock, blocks=Blocks(path.with_name(f"{path.name}.left")))


def brief_ledger(
    seed: str,
    *,
    ends_at: Micros,
    gap: Micros = GAP,
    clock: Clock = wall_clock,
    era: Era = Era.MIXED,
) -> Ledger:
    """A ledger that began with a few updates up to an instant, kept in memory alone."""
    stretches = first_timeline(seed_of(seed, era), BRIEF_HISTORY, gap, ends_at).stretches
    state = State(seed, stretches, BRIEF_HISTORY, era=era, epochs=Epochs())
    return Ledger(MemoryKeeper(state), clock)


def follow_ledger(
    path: Path, seed: str | None = None, *, lag: Micros = 0, clock: Clock = wall_clock
) -> Ledger:
    """The ledger that another node keeps in this state file, so far behind it.

    Raises:
        StateRefused: There is none yet, or it belongs to another seed or version.
    """
    return Ledger(Followed(StateFile(path), seed), clock, lag)
