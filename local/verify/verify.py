"""Compares every table with the truth, slice by slice of history, and lists each difference."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from local.verify import expected, found
from local.verify.expected import Rows
from local.verify.slices import (
    EARLIEST,
    LATEST,
    PAGES,
    Slice,
    minute_of,
    overlaps,
    slices,
    without,
)
from local.verify.truth import Answer, Oracle, Totals, read_truth
from services import watermarks
from services.adapters.snowflake import Session, Warehouse
from services.catalog import ACCOUNT_ACTIVITY, MAIN_TABLES, NETWORK_ACTIVITY, UPDATES
from services.model import Stretch

BRONZE, SIDES = MAIN_TABLES["bronze"], MAIN_TABLES["silver"]
PAYLOADS = "payloads in bronze, a sample"
TABLES = (BRONZE, PAYLOADS, UPDATES, SIDES, ACCOUNT_ACTIVITY, NETWORK_ACTIVITY)
_MEANWHILE = "a run committed a batch meanwhile: make verify again when none is under way"
SAMPLE = 8  # updates that are fetched once more; a Scan allows ten requests a second


@dataclass(frozen=True)
class Verdict:
    """The result of a comparison: the rows found by table, and the differences.

    Updates that people discarded, `discarded_count` of them, are missing on purpose.
    """

    row_counts: dict[str, int]
    differences: dict[str, list[str]]
    discarded_count: int = 0

    @property
    def holds(self) -> bool:
        return not any(self.differences.values())


def verify(warehouse: Warehouse, network: str, oracle: Oracle, pages: int = PAGES) -> Verdict:
    """Compare what bronze covers of a network's history, and silver and gold of it.

    Args:
        warehouse: Where the layers are.
        network: Whose.
        oracle: Who knows what is true.
        pages: How many pages of bronze are compared at once; memory grows with them alone.

    Raises:
        TruthUnknown: Nobody knows what is true.
    """
    with warehouse.session() as session:
        if behind := list(_behind(session, network)):
            return Verdict({}, {"batches": behind})
        comparison = _Comparison(session, network)
        loaded = found.batches(session, network)
        comparison.note(BRONZE, overlaps(loaded))
        comparison.sample(oracle)
        comparison.follow(oracle, list(slices(loaded, pages)))
        comparison.count_the_rest()
        if found.batches(session, network) != loaded:
            return Verdict({}, {"batches": [_MEANWHILE]})
    return Verdict(dict(comparison.row_counts), comparison.differences, comparison.discarded_count)


class _Comparison:
    """A comparison in progress: the rows found so far, and the differences."""

    def __init__(self, session: Session, network: str) -> None:
        self._session = session
        self._network = network
        self._rates = found.rates(session)
        self._discarded = found.discarded(session, network)
        self._totals = Totals()
        self.discarded_count = 0
        self.row_counts: dict[str, int] = dict.fromkeys(TABLES, 0)
        self.differences: dict[str, list[str]] = {table: [] for table in TABLES}

    def note(self, table: str, lines: Iterable[str]) -> None:
        self.differences[table] += lines

    def sample(self, oracle: Oracle) -> None:
        """Fetch a few updates once more, and compare all that bronze holds of them."""
        payloads = found.payloads(self._session, self._network, SAMPLE)
        self._compare(
            PAYLOADS,
            {(key,): {"is_as_served": True} for key in payloads},
            {
                (key,): {"is_as_served": payload == oracle.fetch(key)}
                for key, payload in payloads.items()
            },
        )

    def follow(self, oracle: Oracle, parts: Sequence[Slice]) -> None:
        """Compare slice by slice, and gold as soon as no later slice adds to a minute."""
        first = EARLIEST
        for part, end in zip(parts, _minutes_done(parts), strict=True):
            self._compare_slice(part, self._truth(oracle, part.stretch))
            if end > first:
                self._compare_minutes(first, end)
                first = end
        if not parts:
            self._compare_minutes(EARLIEST, LATEST)

    def _truth(self, oracle: Oracle, stretch: Stretch) -> list[Answer]:
        gone = [one for one in self._discarded if stretch.after < one <= stretch.upto]
        self.discarded_count += len(gone)
        parts = without(stretch, gone)
        return [one for part in parts for one in read_truth(oracle.read, part, self._totals)]

    def count_the_rest(self) -> None:
        """Note rows of bronze and silver that stand in no slice."""
        for table in (BRONZE, UPDATES, SIDES):
            rest = found.row_count(self._session, table, self._network) - self.row_counts[table]
            if rest:
                self.note(table, [f"{rest:,} rows outside of what bronze's batches cover"])

    def _compare_slice(self, part: Slice, updates: Sequence[Answer]) -> None:
        session, network = self._session, self._network
        self._compare(BRONZE, expected.bronze(updates), found.bronze(session, network, part))
        expected_rows = expected.silver_updates(updates)
        found_rows = found.silver_updates(session, network, part, expected_rows)
        self._compare(UPDATES, expected_rows, found_rows)
        expected_rows = expected.silver_sides(updates)
        self._compare(SIDES, expected_rows, found.silver_sides(session, network, part))

    def _compare_minutes(self, first: datetime, end: datetime) -> None:
        between = (self._session, self._network, first, end)
        done = self._totals.take_before(end)
        expected_rows = expected.gold_accounts(done, self._rates)
        self._compare(ACCOUNT_ACTIVITY, expected_rows, found.gold(ACCOUNT_ACTIVITY, *between))
        expected_rows = expected.gold_network(done, self._rates)
        self._compare(NETWORK_ACTIVITY, expected_rows, found.gold(NETWORK_ACTIVITY, *between))

    def _compare(self, table: str, expected_rows: Rows, found_rows: Rows) -> None:
        self.row_counts[table] += sum(int(row.get("rows", 1)) for row in found_rows.values())
        self.note(table, differences(expected_rows, found_rows))


def _minutes_done(parts: Sequence[Slice]) -> list[datetime]:
    """Return for each slice the minute before which no later slice has an update."""
    done: list[datetime] = []
    end = LATEST
    for part in reversed(parts):
        done.append(end)
        end = min(end, minute_of(part.earliest))
    return done[::-1]


def differences(expected_rows: Rows, found_rows: Rows) -> Iterator[str]:
    """A line for each row that is missing, unexpected, or has another value than expected."""
    for key in sorted({*expected_rows, *found_rows}, key=str):
        words = " ".join(map(_text, key))
        if key not in found_rows:
            yield f"{words}: is missing"
        elif key not in expected_rows:
            yield f"{words}: should not be there"
        else:
            for name, value in expected_rows[key].items():
                if found_rows[key][name] != value:
                    yield (
                        f"{words}: {name} is {_text(found_rows[key][name])},"
                        f" should be {_text(value)}"
                    )


def _text(value: Any) -> str:
    if value is None:
        return "nobody"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _behind(session: Session, network: str) -> Iterator[str]:
    """Layers that have not consumed all of the one before."""
    streams = (watermarks.BRONZE, watermarks.SILVER, watermarks.GOLD)
    marks = [watermarks.read_watermark(session, stream, network) for stream in streams]
    for before, mark in pairwise(marks):
        made = before.batch_id if before else 0
        consumed = mark.consumed_batch_id if mark else 0
        if before and consumed < made:
            yield f"{before.stream} has batch {made}, of which {consumed} were consumed: run again"


def report_lines(verdict: Verdict) -> Iterator[str]:
    """Each difference under its table; a count where there is none; what was left out."""
    if verdict.holds and not any(verdict.row_counts.values()):
        yield "nothing is loaded yet, so nothing could be wrong"
        return
    for table, differences in verdict.differences.items():
        if not differences:
            yield f"{table}: {verdict.row_counts[table]:,} rows, all as they should be"
            continue
        yield f"{table}: differences: {len(differences):,}"
        yield from (f"  {difference}" for difference in differences)
    if verdict.discarded_count:
        yield f"updates left out: {verdict.discarded_count:,}, which ops.quarantine_acts discards"
