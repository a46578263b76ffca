"""What a volume of updates asks of each part: pages, bytes, seconds. Nothing is chosen here."""

from dataclasses import dataclass

from infra.growth.figures import Facts

HOURS_A_DAY = 24
SECONDS_A_DAY = 86_400
DAYS_A_YEAR = 365
DAYS_A_MONTH = DAYS_A_YEAR / 12
HOURS_A_MONTH = HOURS_A_DAY * DAYS_A_MONTH
GB = 1e9
TB = 1e12


@dataclass(frozen=True)
class Volume:
    """So many updates a day, and what is known about each."""

    updates_a_day: float
    facts: Facts

    @property
    def pages_a_day(self) -> float:
        """Requests to the Scan, objects in S3, files of COPY."""
        return self.updates_a_day / self.facts.page_size

    @property
    def json_gb_a_day(self) -> float:
        """What the Scan sends, uncompressed."""
        return self.updates_a_day * self.facts.update_bytes / GB

    @property
    def file_mb(self) -> float:
        """An object in S3."""
        return self.facts.page_size * self.facts.update_bytes * self.facts.stored_share / 1e6

    @property
    def stored_gb_a_day(self) -> float:
        """What S3 gets."""
        return self.json_gb_a_day * self.facts.stored_share

    @property
    def warehouse_gb_a_day(self) -> float:
        """What Snowflake's tables grow by."""
        derived = self.updates_a_day * self.facts.silver_bytes / GB
        return self.json_gb_a_day * self.facts.warehouse_share + derived

    @property
    def prefect_gb_a_year(self) -> float:
        """What Prefect's database grows by."""
        return self.pages_a_day * DAYS_A_YEAR * self.facts.prefect_page_bytes / GB


def land_page_seconds(facts: Facts) -> float:
    """One page from the Scan to S3: the Scan's time, and ours as measured on the mock."""
    on_mock = facts.page_size / facts.landed_updates_a_second
    return facts.scan_page_seconds + on_mock - facts.mock_page_seconds


def start_seconds(facts: Facts) -> float:
    """From the moment a task is asked for until the flow in it runs."""
    return facts.task_start_seconds + facts.flow_start_seconds


def bronze_seconds(facts: Facts, pages: float, readers: int = 1) -> float:
    """A run of bronze: only landing can be shared among readers; one commits.

    Args:
        facts: What is known.
        pages: That it lands and commits.
        readers: How many land at once; the pipeline as it is has one.
    """
    landing = pages * land_page_seconds(facts) / readers
    return start_seconds(facts) + landing + pages * facts.commit_page_seconds


@dataclass(frozen=True)
class Computing:
    """Seconds that an XSMALL warehouse works on one window, a statement each."""

    copy: float
    compare: float
    silver: float
    gold: float

    @property
    def total(self) -> float:
        """All of them."""
        return self.copy + self.compare + self.silver + self.gold

    @property
    def longest(self) -> float:
        """The statement that a timeout would hit first."""
        return max(self.copy, self.compare, self.silver, self.gold)


def computing(volume: Volume, windows_a_day: float, history_days: float) -> Computing:
    """The warehouse's work on one window.

    Silver deletes a batch's ids before it inserts them, in both of its tables. Ids are hashes: no
    part of a table can be left out, so this grows with all of history, not with the window.
    """
    facts = volume.facts
    updates = volume.updates_a_day / windows_a_day
    rows = volume.updates_a_day * history_days * (1 + facts.movements_an_update)
    return Computing(
        copy=updates / facts.copy_updates_a_second,
        compare=rows / facts.compared_rows_a_second,
        silver=updates / facts.silver_updates_a_second,
        gold=updates / facts.gold_updates_a_second,
    )
