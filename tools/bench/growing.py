"""Growth between samples of a place, and the complaints about growth that a month rules out."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

UPDATES_A_SECOND = 2  # by which the mocked ledger grows
RUNS_A_MONTH = 30 * 24
RUNS_A_DAY = 24
UPDATES_AN_HOUR = UPDATES_A_SECOND * 3600
MOST_FLOW_RUNS_AN_HOUR = 4  # bronze, silver, gold, and one that recovers or catches up
FASTER = 1.5  # than in the first half: no longer linear
SLACK_BYTES = 64e6  # what a service first caches, a page of Postgres: not worth a word
_MB = 1e6


@dataclass(frozen=True)
class Bounds:
    """The most that a place may need, and may grow by.

    Attributes:
        memory: Bytes of all services together.
        memory_slack: Bytes of memory by which one service may need more than half way.
        an_update: Bytes of disk for each update, by service or folder.
        a_run: Bytes of disk for each hourly run that is still kept, by service or folder.
        rows_a_run: Rows for each hourly run that is still kept, by table of Prefect's database.
        slack: Bytes of disk that are free on top: a segment of a journal, a log that is full soon.
        free: The most of a file, between 0 and 1, that its engine may keep free, by service: it
            writes anew what it merges and fills the old blocks later, so the file grows in leaps.
    """

    memory: float = math.inf
    memory_slack: float = SLACK_BYTES
    an_update: Mapping[str, float] = field(default_factory=dict)
    a_run: Mapping[str, float] = field(default_factory=dict)
    rows_a_run: Mapping[str, float] = field(default_factory=dict)
    slack: float = SLACK_BYTES
    free: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Sample:
    """A place at rest after some runs.

    Attributes:
        runs: The runs so far, each for an hour.
        updates: Rows of bronze.
        memory: Bytes by service: at rest, or the most in the last run where none is left after it.
        disk: Bytes by service or folder.
        rows: Rows of Prefect's database, by table.
        deaths: The number of deaths of each service.
    """

    runs: int
    updates: int
    memory: Mapping[str, float]
    disk: Mapping[str, int]
    rows: Mapping[str, int]
    deaths: Mapping[str, int]


def complaints(samples: Sequence[Sample], keep_days: int, bounds: Bounds) -> list[str]:
    """Complaints about a place: deaths, memory, growth that is fast, isn't linear or has no end.

    Args:
        samples: At least three, the first once everything has been used.
        keep_days: For how many days Prefect keeps runs.
    """
    return [
        *(f"{name} died {count} times" for name, count in samples[-1].deaths.items() if count),
        *_of_memory(samples, bounds),
        *_of_speed(samples, bounds),
        *_of_amount(samples[0], samples[-1], keep_days, bounds),
        *_of_flow_runs(samples[-1], keep_days),
    ]


def _of_memory(samples: Sequence[Sample], bounds: Bounds) -> Iterator[str]:
    middle, last = samples[len(samples) // 2], samples[-1]
    if (needed := sum(last.memory.values())) > bounds.memory:
        yield f"{needed / _MB:,.0f} MB of memory: more than {bounds.memory / _MB:,.0f}"
    for name, used in last.memory.items():
        grew = used - middle.memory.get(name, used)
        if grew > bounds.memory_slack:
            yield f"{name} needs {grew / _MB:,.0f} MB of memory more than half way"


def _of_speed(samples: Sequence[Sample], bounds: Bounds) -> Iterator[str]:
    first, middle, last = samples[0], samples[len(samples) // 2], samples[-1]
    for name in last.disk:
        before = _grew(name, first, middle) / _work(name, first, middle, bounds)
        grew = _grew(name, middle, last) - bounds.free.get(name, 0) * last.disk[name]
        since = grew / _work(name, middle, last, bounds)
        if since > FASTER * before and grew > SLACK_BYTES:
            yield f"the disk of {name} grows {since / max(before, 1e-9):.1f} times as fast"


def _of_amount(first: Sample, last: Sample, keep_days: int, bounds: Bounds) -> Iterator[str]:
    """Complaints about growth beyond the bounds, however even it is.

    A run is kept for `keep_days`, and then until the next day's deletion. One that loads a day of
    the ledger counts as 24: each page is a task run, with its logs and events.
    """
    updates = max(1, last.updates - first.updates)
    made = max(1, last.runs - first.runs)
    hours_a_run = max(1, updates / made / UPDATES_AN_HOUR)
    runs = min(made, RUNS_A_DAY * (keep_days + 1)) * hours_a_run
    for units, unit, most in (
        (updates, "an update", bounds.an_update),
        (runs, "a run", bounds.a_run),
    ):
        for name, bound in most.items():
            grew = _grew(name, first, last)
            if grew > bound * units + bounds.slack:
                yield (
                    f"the disk of {name} grew by {grew / units:,.0f} bytes {unit}: more than"
                    f" {bound:,.0f}"
                )
    for table, bound in bounds.rows_a_run.items():
        grew = last.rows.get(table, 0) - first.rows.get(table, 0)
        if grew > bound * runs:
            yield f"{table} grew by {grew / runs:,.0f} rows a run: more than {bound:,.0f}"


def _of_flow_runs(last: Sample, keep_days: int) -> Iterator[str]:
    most = MOST_FLOW_RUNS_AN_HOUR * RUNS_A_DAY * (keep_days + 2)
    if (kept := last.rows.get("flow_run", 0)) > most:
        yield f"{kept} flow runs are kept: more than {most}"


def _work(name: str, earlier: Sample, later: Sample, bounds: Bounds) -> int:
    """Updates or runs between two samples, whichever the service grows by."""
    is_of_updates = name in bounds.an_update
    work = later.updates - earlier.updates if is_of_updates else later.runs - earlier.runs
    return max(work, 1)


def _grew(name: str, earlier: Sample, later: Sample) -> float:
    return later.disk[name] - earlier.disk.get(name, 0)


def rows_of(samples: Sequence[Sample]) -> list[dict[str, str]]:
    first, last = samples[0], samples[-1]
    names = sorted({*last.disk, *last.memory})
    return [_row(name, (name,), first, last) for name in names] + [_row("all", names, first, last)]


def _row(title: str, names: Sequence[str], first: Sample, last: Sample) -> dict[str, str]:
    memory = [sum(one.memory.get(name, 0) for name in names) for one in (first, last)]
    disk = [sum(one.disk.get(name, 0) for name in names) for one in (first, last)]
    millions = (last.updates - first.updates) / 1e6
    months = (last.runs - first.runs) / RUNS_A_MONTH
    grew = disk[1] - disk[0]
    return {
        "what": title,
        "memory, MB": _span(memory),
        "disk, MB": _span(disk),
        "memory, MB a million updates": _per(memory[1] - memory[0], millions),
        "disk, MB a million updates": _per(grew, millions),
        "disk, MB a month": _per(grew, months),
    }


def counts_of(samples: Sequence[Sample]) -> list[dict[str, str]]:
    first, last = samples[0], samples[-1]
    return [
        {"table": name, "rows first": f"{first.rows.get(name, 0):,}", "rows last": f"{count:,}"}
        for name, count in last.rows.items()
    ]


def _span(values: Sequence[float]) -> str:
    return " → ".join(f"{value / _MB:,.0f}" for value in values)


def _per(grew: float, units: float) -> str:
    return f"{grew / _MB / units:,.0f}" if units else ""
