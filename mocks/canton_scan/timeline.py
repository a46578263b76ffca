"""The position of each update of the ledger in time: a pure function, in both directions.

A timeline is a few stretches, each with one migration and one average rate. Within a stretch the
updates come in blocks of 64: a block covers 64 times the average gap, and its updates fall at
random distinct instants inside it, so that they come in bursts and lulls as on the real network.
Finding an instant or an index costs one division and one block, however long the history is.
"""

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from mocks.canton_scan.clock import SECOND, Micros
from mocks.canton_scan.draws import Seed

OLD_MIGRATION, LIVE_MIGRATION = 3, 4

_BLOCK = 64
_OVERLAP: Micros = 60 * SECOND
_NEVER = 2**63  # the index at which the last stretch ends


@dataclass(frozen=True)
class Stretch:
    """Updates ``first_index`` onwards, one every ``gap`` microseconds on average."""

    migration_id: int
    first_index: int
    starts_at: Micros
    gap: Micros


@dataclass(frozen=True, slots=True)
class Moment:
    """The position of one update: `index` counts from genesis, in the order of the API."""

    index: int
    migration_id: int
    record_time: Micros


class Timeline:
    """Stretches in the order of the API; a stretch ends where the next one begins."""

    def __init__(self, seed: Seed, stretches: tuple[Stretch, ...]) -> None:
        self.stretches = stretches
        self._seed = seed
        self._first_indexes = [stretch.first_index for stretch in stretches]
        self._ends = [*self._first_indexes[1:], _NEVER]
        self._offsets = lru_cache(maxsize=256)(self._draw_offsets)
        self._moments = lru_cache(maxsize=256)(self._moment)  # neighbours need each other
        live = next(one for one in stretches if one.migration_id == LIVE_MIGRATION)
        self._live_since = self.moment(live.first_index).record_time

    def _moment(self, index: int) -> Moment:
        stretch = self.stretches[bisect_right(self._first_indexes, index) - 1]
        block, rank = divmod(index - stretch.first_index, _BLOCK)
        starts_at = stretch.starts_at + block * stretch.gap * _BLOCK
        offset = self._offsets(stretch.first_index, stretch.gap, block)[rank]
        return Moment(index, stretch.migration_id, starts_at + offset)

    def moment(self, index: int) -> Moment:
        """Return the moment of the update at ``index``."""
        return self._moments(index)

    def is_overtaken(self, moment: Moment) -> bool:
        """Tell whether a newer migration had already begun at this record time."""
        return moment.migration_id < LIVE_MIGRATION and moment.record_time > self._live_since

    def count_upto(self, migration_id: int, record_time: Micros) -> int:
        """Count the updates not after this position: the index of the first one after it."""
        count = 0
        for stretch, end in zip(self.stretches, self._ends, strict=True):
            if (stretch.migration_id, stretch.starts_at) > (migration_id, record_time):
                break
            is_past = stretch.migration_id < migration_id
            count = end if is_past else min(end, self._count_upto_within(stretch, record_time))
        return count

    def _count_upto_within(self, stretch: Stretch, record_time: Micros) -> int:
        block, rest = divmod(record_time - stretch.starts_at, stretch.gap * _BLOCK)
        passed = bisect_right(self._offsets(stretch.first_index, stretch.gap, block), rest)
        return stretch.first_index + block * _BLOCK + passed

    def _draw_offsets(self, first_index: int, gap: Micros, block: int) -> list[Micros]:
        draws = self._seed.draws(f"instants/{first_index}/{block}")
        free = gap * _BLOCK - _BLOCK  # each instant is moved on by its rank: no two are the same
        instants = sorted(draws.below(free) for _ in range(_BLOCK))
        return [instant + rank for rank, instant in enumerate(instants)]


def first_timeline(seed: Seed, history: int, gap: Micros, live_from: Micros) -> Timeline:
    """A ledger whose first ``history`` updates (at least 10) end exactly at ``live_from``.

    Three in ten belong to migration 3. Its record times go on for up to a minute after migration 4
    has begun, and the first update of migration 4 has the very record time of one of migration 3:
    a position that forgets the migration loses updates there.
    """
    old_count = history * 3 // 10
    overlap = min(_OVERLAP // gap + 1, old_count)
    shapes = Timeline(
        seed,
        (Stretch(OLD_MIGRATION, 0, 0, gap), Stretch(LIVE_MIGRATION, old_count, 0, gap)),
    )
    live_starts = live_from - shapes.moment(history - 1).record_time
    switch = live_starts + shapes.moment(old_count).record_time
    old_starts = switch - shapes.moment(old_count - overlap).record_time
    return Timeline(
        seed,
        (
            Stretch(OLD_MIGRATION, 0, old_starts, gap),
            Stretch(LIVE_MIGRATION, old_count, live_starts, gap),
        ),
    )


def with_rate(seed: Seed, timeline: Timeline, gap: Micros, count: int, now: Micros) -> Timeline:
    """The same first ``count`` updates, and from ``now`` on others at another rate."""
    last = timeline.moment(count - 1).record_time
    stretch = Stretch(LIVE_MIGRATION, count, max(now, last) + 1, gap)
    return Timeline(seed, (*timeline.stretches, stretch))
