"""Growth between samples of a place, and the complaints about growth that a month rules out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

RUNS_A_MONTH = 30 * 24
RUNS_A_DAY = 24
IDLE_LIMIT_BYTES = 900e6
MOST_FLOW_RUNS_AN_HOUR = 4  # bronze, silver, gold, and one that recovers or catches up
# What grows with the updates; everything else may grow with the runs alone.
OF_UPDATES = ("localstack", "s3", "snowflake")
FASTER = 1.5  # than in the first half: no longer linear
SLACK_BYTES = 64e6  # a page of Postgres, a log that is full soon: not worth a word
_MB = 1e6


@dataclass(frozen=True)
class Sample:
    """A place at rest after some runs.

    Attributes:
        runs: Those so far, each for an hour.
        updates: Rows of bronze.
        memory: Bytes by service; none where the services are not always there.
        disk: Bytes by service or folder.
        rows: Of Prefect's database, by table.
        deaths: How often each service died.
    """

    runs: int
    updates: int
    memory: Mapping[str, float]
    disk: Mapping[str, int]
    rows: Mapping[str, int]
    deaths: Mapping[str, int]


def written(sample: Sample) -> dict[str, Any]:
    """A sample as JSON holds it; `Sample(**…)` reads it."""
    return asdict(sample)


def complaints(samples: Sequence[Sample], keep_days: int) -> list[str]:
    """Complaints about a place: deaths, idle memory, growth that isn't linear or has no end.

    Args:
        samples: At least three, the first once everything has been used.
        keep_days: For how many days Prefect keeps runs.
    """
    first, middle, last = samples[0], samples[len(samples) // 2], samples[-1]
    found = [f"{name} died {count} times" for name, count in last.deaths.items() if count]
    if (idle := sum(last.memory.values())) > IDLE_LIMIT_BYTES:
        found.append(f"{idle / _MB:,.0f} MB idle: more than {IDLE_LIMIT_BYTES / _MB:,.0f}")
    for name, used in last.memory.items():
        grew = used - middle.memory.get(name, used)
        if grew > SLACK_BYTES:
            found.append(f"{name} idles with {grew / _MB:,.0f} MB more than half way")
    for name in last.disk:
        before, since = (_rate(name, *pair) for pair in ((first, middle), (middle, last)))
        if since > FASTER * before and _grew(name, middle, last) > SLACK_BYTES:
            found.append(f"the disk of {name} grows {since / max(before, 1e-9):.1f} times as fast")
    most = MOST_FLOW_RUNS_AN_HOUR * RUNS_A_DAY * (keep_days + 2)
    if last.rows.get("flow_run", 0) > most:
        found.append(f"{last.rows['flow_run']} flow runs are kept: more than {most}")
    return found


def _rate(name: str, earlier: Sample, later: Sample) -> float:
    """Bytes an update, or a run."""
    work = later.updates - earlier.updates if name in OF_UPDATES else later.runs - earlier.runs
    return _grew(name, earlier, later) / max(work, 1)


def _grew(name: str, earlier: Sample, later: Sample) -> float:
    return later.disk[name] - earlier.disk.get(name, 0)


def rows_of(samples: Sequence[Sample]) -> list[dict[str, str]]:
    """A row a service, and one for all: first and last, and growth by updates and by month."""
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
    """A row a table of Prefect's."""
    first, last = samples[0], samples[-1]
    return [
        {"table": name, "rows first": f"{first.rows.get(name, 0):,}", "rows last": f"{count:,}"}
        for name, count in last.rows.items()
    ]


def _span(values: Sequence[float]) -> str:
    return " → ".join(f"{value / _MB:,.0f}" for value in values)


def _per(grew: float, units: float) -> str:
    return f"{grew / _MB / units:,.0f}" if units else ""
