"""What is turned at a volume: how often runs start, how many pages each takes, the warehouse.

The least of each that is enough, with room for the busiest hour.
"""

from dataclasses import dataclass
from typing import get_args

from infra.growth.work import (
    HOURS_A_DAY,
    Computing,
    Volume,
    bronze_seconds,
    computing,
    land_page_seconds,
    start_seconds,
)
from infra.settings import Settings, SnowflakeSettings

INTERVALS_MINUTES = (60, 30, 20, 15, 10, 5)
MOST_READERS = 16
BUSY = 0.8  # of an interval that a run of bronze may take: the rest is for catching up
COMPUTING = 0.25  # of an interval that the warehouse may work
STATEMENT = 0.5  # of the timeout that a statement may take
SIZES: tuple[str, ...] = get_args(SnowflakeSettings.model_fields["warehouse_size"].annotation)
LEAST_SECONDS = 60  # that each start of a warehouse is paid for
TASKS_A_WINDOW = 3  # bronze, silver, gold
BUDGET_STEP = 100


class VolumeTooLarge(Exception):
    """Nothing that can be turned is enough."""


@dataclass(frozen=True)
class Plan:
    """How a volume is run.

    Args:
        volume: Of updates.
        interval_minutes: Between two runs of bronze.
        budget_pages: What a run may land.
        readers: How many land at once. More than one has to be built.
        size: Of the warehouse.
        suspend_seconds: Idle time after which it stops.
        history_days: How much silver holds already.
    """

    volume: Volume
    interval_minutes: int
    budget_pages: int
    readers: int
    size: str
    suspend_seconds: float
    history_days: float

    @property
    def windows_a_day(self) -> float:
        """Runs of bronze, and batches of each layer."""
        return HOURS_A_DAY * 60 / self.interval_minutes

    @property
    def pages(self) -> float:
        """Of one window, on average."""
        return self.volume.pages_a_day / self.windows_a_day

    @property
    def tasks_a_day(self) -> float:
        """Fargate tasks: one a layer and window, and one for each reader beside the first."""
        return self.windows_a_day * (TASKS_A_WINDOW + self.readers - 1)

    @property
    def bronze_seconds(self) -> float:
        """A run of bronze, from the start of its task."""
        return bronze_seconds(self.volume.facts, self.pages, self.readers)

    @property
    def busy(self) -> float:
        """The part of the interval that bronze's run takes; over 1 it falls behind for ever."""
        return self.bronze_seconds / (self.interval_minutes * 60)

    @property
    def computing(self) -> Computing:
        """XSMALL's seconds a window."""
        return computing(self.volume, self.windows_a_day, self.history_days)

    @property
    def computed_seconds(self) -> float:
        """The seconds that our warehouse works on a window: each size is twice the one before."""
        return self.computing.total / credits_an_hour(self.size)

    @property
    def idle_seconds(self) -> float:
        """What is paid for between statements: the warehouse waits before it stops.

        It is woken by the run that reads the position, by its commit, by silver and by gold.
        """
        facts = self.volume.facts
        landing = self.pages * land_page_seconds(facts) / self.readers
        start = start_seconds(facts)
        last = max(0.0, self.interval_minutes * 60 - landing - 2 * start - self.computed_seconds)
        wait = max(self.suspend_seconds, LEAST_SECONDS)
        return sum(min(gap, wait) for gap in (landing, start, start, last))

    @property
    def credits_a_day(self) -> float:
        """Of the warehouse."""
        seconds = min(self.computed_seconds + self.idle_seconds, self.interval_minutes * 60)
        return self.windows_a_day * seconds / 3600 * credits_an_hour(self.size)

    @property
    def catch_up_hours(self) -> float:
        """How long it takes to catch up after a day without runs; infinite if it never does."""
        runs = 60 / self.interval_minutes
        spare = (self.pages_at_most - self.pages) * runs
        return self.volume.pages_a_day / spare if spare > 0 else float("inf")

    @property
    def pages_at_most(self) -> float:
        """What one run can commit before the next is due."""
        facts = self.volume.facts
        free = self.interval_minutes * 60 - start_seconds(facts)
        landing = land_page_seconds(facts) / self.readers
        return min(
            self.budget_pages,
            facts.max_files,
            facts.budget_seconds / landing,
            free / (landing + facts.commit_page_seconds),
        )


def credits_an_hour(size: str) -> int:
    """Of a warehouse, and how many times XSMALL it is: both double from size to size."""
    return 2 ** SIZES.index(size)


def plan_as_set(volume: Volume, settings: Settings, history_days: float) -> Plan:
    """The settings as they stand: hourly, with the default budget and one reader."""
    return Plan(
        volume=volume,
        interval_minutes=INTERVALS_MINUTES[0],
        budget_pages=int(volume.facts.budget_pages),
        readers=1,
        size=settings.snowflake.warehouse_size,
        suspend_seconds=settings.snowflake.suspend_after_seconds,
        history_days=history_days,
    )


def plan_for(volume: Volume, settings: Settings, history_days: float) -> Plan:
    """The least that carries a volume.

    Raises:
        VolumeTooLarge: Nothing does.
    """
    interval = choose_interval(volume)
    pages = volume.pages_a_day * interval / (HOURS_A_DAY * 60)
    return Plan(
        volume=volume,
        interval_minutes=interval,
        budget_pages=choose_budget(volume, pages),
        readers=choose_readers(volume, interval, pages),
        size=choose_size(volume, interval, settings.snowflake, history_days),
        suspend_seconds=settings.snowflake.suspend_after_seconds,
        history_days=history_days,
    )


def choose_interval(volume: Volume) -> int:
    """The longest one whose busiest window is one COPY."""
    for minutes in INTERVALS_MINUTES:
        pages = volume.pages_a_day * minutes / (HOURS_A_DAY * 60)
        if pages * volume.facts.peak <= volume.facts.max_files:
            return minutes
    raise VolumeTooLarge(f"{volume.updates_a_day:,.0f} a day: COPY takes too few files")


def choose_budget(volume: Volume, pages: float) -> int:
    """The busiest window's pages, in hundreds; the default where that is enough."""
    facts = volume.facts
    hundreds = -(-pages * facts.peak // BUDGET_STEP)
    return int(min(facts.max_files, max(facts.budget_pages, hundreds * BUDGET_STEP)))


def choose_readers(volume: Volume, interval: int, pages: float) -> int:
    """The fewest with which a run leaves time to catch up."""
    for readers in range(1, MOST_READERS + 1):
        if bronze_seconds(volume.facts, pages, readers) <= BUSY * interval * 60:
            return readers
    raise VolumeTooLarge(f"{volume.updates_a_day:,.0f} a day: one run can't commit it in time")


def choose_size(
    volume: Volume, interval: int, settings: SnowflakeSettings, history_days: float
) -> str:
    """The smallest warehouse that is done long before the next window."""
    work = computing(volume, HOURS_A_DAY * 60 / interval, history_days)
    for size in SIZES:
        times = credits_an_hour(size)
        is_done = work.total / times <= COMPUTING * interval * 60
        if is_done and work.longest / times <= STATEMENT * settings.statement_timeout_seconds:
            return size
    raise VolumeTooLarge(f"{volume.updates_a_day:,.0f} a day: no warehouse of ours is fast enough")
