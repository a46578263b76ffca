"""Growth of a place: a month of hourly runs, or millions of updates, one run after the other.

    ./pipeline bench-month                        720 runs, each of 5 minutes of ledger: hours
    ./pipeline bench-month --at embedded          the same of the state of make run
    ./pipeline bench-month --runs 48 --step 1h    two days as they are
    ./pipeline bench-month --updates 2000000 --step 1d    until the ledger has so many

It works in a copy of the clone, `.bench/month` or `.bench/month-embedded`, with names, ports and
data of its own. Each run is for an hour, and builds all layers, once a day as the schedules do it:
bronze, then silver and gold by events. After 24, what Prefect keeps is made a day older, for its
clock is the machine's. Every eighth part of the way the place is looked at; the stack is left
alone for a minute before. In the end `make verify` holds all layers against the ledger, and
violated bounds are listed. Stopped half way, the same command goes on; `RUNS` and `STEP` may be
others then. All of it is deleted after a run that was well.
"""

import json
import math
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from local.stack.choices import HISTORY
from services.tables import print_table
from tests.clone import ROOT, Clone, copy_tree
from tools.bench.growing import (
    RUNS_A_DAY,
    UPDATES_A_SECOND,
    Sample,
    complaints,
    counts_of,
    rows_of,
)
from tools.bench.places import Growing, GrowingStack, GrowingState

FOLDERS = {"stack": ROOT / ".bench" / "month", "embedded": ROOT / ".bench" / "month-embedded"}
RUNS, STEP = "720", "5m"
SAMPLES = 8
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def main() -> int:
    """Continue up to the total number of runs; 1 if the place exceeded its bounds."""
    step = os.environ.get("STEP") or STEP
    total = total_runs(os.environ, step)
    place, clone = selected_place(os.environ.get("AT") or GrowingStack.name)
    journal = Journal(clone.path / "journal.jsonl")
    place.start()
    for run in range(journal.runs + 1, total + 1):
        began = time.monotonic()
        place.pass_an_hour(step)
        if run % RUNS_A_DAY == 0:
            place.pass_for_prefect(days=1)
        seconds = time.monotonic() - began
        is_due = run in {1, total} or run % max(1, total // SAMPLES) == 0
        journal.write(run, seconds, place.sample(run) if is_due else None)
        print(journal.last_line(total), flush=True)
    return _judge(place, clone, journal)


def selected_place(at: str) -> tuple[Growing, Clone]:
    if at not in FOLDERS:
        raise SystemExit(f"AT={at}: expected {' or '.join(FOLDERS)}")
    clone = Clone(FOLDERS[at], {"AT": at})
    place = GrowingStack(clone) if at == GrowingStack.name else GrowingState(clone)
    if (clone.path / place.mark).exists():
        print(f"going on in {clone.path}, with the code as it was copied there", flush=True)
    else:
        shutil.rmtree(clone.path, ignore_errors=True)
        clone.path.mkdir(parents=True)
        copy_tree(clone.path)
    return place, clone


def total_runs(environment: Any, step: str) -> int:
    if updates := environment.get("UPDATES"):
        return math.ceil((int(updates) - int(HISTORY)) / (UPDATES_A_SECOND * step_seconds(step)))
    return int(environment.get("RUNS") or RUNS)


def step_seconds(step: str) -> float:
    """The span of time that `./pipeline clock --advance` takes."""
    if not (span := re.fullmatch(r"([\d.]+)([smhd]?)", step)):
        raise SystemExit(f"STEP={step}: expected 300, 5m, 1h or 1d")
    return float(span[1]) * _SECONDS[span[2]]


class Journal:
    """The journal of a benchmark: a line a run."""

    def __init__(self, file: Path) -> None:
        """The lines of an earlier command, which was stopped, count."""
        self._file = file
        lines = file.read_text().splitlines() if file.exists() else []
        self._entries: list[dict[str, Any]] = [json.loads(line) for line in lines]

    @property
    def runs(self) -> int:
        return self._entries[-1]["run"] if self._entries else 0

    @property
    def samples(self) -> list[Sample]:
        return [Sample(**one["sample"]) for one in self._entries if one["sample"]]

    def write(self, run: int, seconds: float, sample: Sample | None) -> None:
        entry = {"run": run, "seconds": seconds, "sample": sample and asdict(sample)}
        self._entries.append(entry)
        with self._file.open("a") as file:
            file.write(f"{json.dumps(entry)}\n")

    def last_line(self, total: int) -> str:
        last = self._entries[-1]
        now, seconds = time.strftime("%H:%M:%S"), last["seconds"]
        parts = [f"{now} | run {last['run']} of {total}: {seconds:.0f} s"]
        if sample := last["sample"]:
            deaths = sample["deaths"].items()
            parts += [
                f"{sample['updates']:,} updates in all",
                f"{sum(sample['memory'].values()) / 1e6:,.0f} MB of memory",
                f"{sum(sample['disk'].values()) / 1e6:,.0f} MB on disk",
                *(f"{name} died {count} times" for name, count in deaths if count),
            ]
        return ", ".join(parts)


def _judge(place: Growing, clone: Clone, journal: Journal) -> int:
    samples = journal.samples
    last = samples[-1]
    print_table(rows_of(samples), f"after {last.runs} runs, {last.updates:,} updates")
    print_table(counts_of(samples), "Prefect")
    verify = ["make", "verify", f"AT={place.name}"]
    verified = subprocess.run(verify, cwd=clone.path, check=False).returncode
    found = complaints(samples, place.keep_days, place.bounds)
    print("\n".join(found))
    if verified or found:
        print(
            f"not well; all of it is left as it is: cd {clone.path};"
            f" make reset AT={place.name} deletes its data"
        )
        return 1
    images = ["IMAGES=1"] if place.name == GrowingStack.name else []
    clone.makes("reset", f"AT={place.name}", "YES=1", *images)
    shutil.rmtree(clone.path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
