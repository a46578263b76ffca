"""Measure how long the pipeline takes and how much memory its process needs, on this machine.

    ./pipeline bench                    10,000, 20,000 and 50,000 updates, a run with nothing new,
                                        and what the movement rules read a second
    ./pipeline bench --sizes "1000"

Each size is a ledger of its own, in a folder that is deleted afterwards: all services start, then
``flows/pipeline.py`` runs once. Memory is the most that the flow process was seen with.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from local.embedded import world
from local.embedded.children import Children
from local.embedded.run import Run, prepare, start_data_services
from mocks.canton_scan.ledger import open_ledger
from services.coin_contracts import coin_changes
from services.movements import cc_movements

SIZES = "10000 20000 50000"
RULES_UPDATES = 5000
ROUNDS = 5  # the fastest counts: others on the machine slow the rest down
_LOOK_SECONDS = 0.02
STANDING_STILL = "1/86400"  # updates a second, once the history is there


def main() -> None:
    sizes = [int(size) for size in (os.environ.get("SIZES") or SIZES).split()]
    print(f"{'updates':>9} {'seconds':>9} {'updates/s':>10} {'flow peak MB':>13}")
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="canton-bench-") as root:
            seconds, megabytes = load(size, root)
        print(
            f"{size:>9,} {seconds:>9.1f} {size / seconds:>10,.0f} {megabytes:>13,.0f}", flush=True
        )
    print(f"\nmake run with nothing new: {nothing_new():.1f} s")
    rates = {read.__name__: rules_rate(read) for read in (cc_movements, coin_changes)}
    for name, rate in rates.items():
        print(f"{name}: {rate:,.0f} updates/s on one core")


def load(size: int, root: str) -> tuple[float, float]:
    """Seconds and peak megabytes of the flow process that loads `size` updates."""
    with opened(size, root) as this:
        return run_flow(this)


@contextmanager
def opened(size: int, root: str) -> Generator[Run]:
    this = _prepare(root, size)
    with this.state.lock(), Children(this.state.path / "logs", this.environment) as children:
        prefect = children.start(world.prefect(this.state, this.ports))
        start_data_services(this, children)
        children.wait_ready(prefect)
        yield this


def nothing_new() -> float:
    """Seconds of a whole second `make run` on a ledger that has not grown."""
    with tempfile.TemporaryDirectory(prefix="canton-bench-") as root:
        _prepare(root, 1000)
        command = ["make", "run", f"STATE={root}", f"RATE={STANDING_STILL}"]
        own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        for _ in range(2):
            began = time.monotonic()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=own)
            seconds = time.monotonic() - began
    return seconds


def rules_rate(read: Callable[[dict[str, Any]], object]) -> float:
    """Updates a second of CPU time that a function of the warehouse reads, parsed already."""
    with tempfile.TemporaryDirectory(prefix="canton-bench-") as root:
        ledger = open_ledger(Path(root) / "scan.json", world.SEED, history=RULES_UPDATES)
        updates = [json.loads(ledger.update(index)) for index in range(RULES_UPDATES)]
    seconds: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for update in updates:
            read(update)
        seconds.append(time.process_time() - began)
    return len(updates) / min(seconds)


def run_flow(this: Run, *parameters: str) -> tuple[float, float]:
    """Seconds and peak megabytes of the pipeline's flow, run as a process of its own."""
    output = this.state.path / "logs" / "pipeline.log"
    began = time.monotonic()
    command = [sys.executable, "-m", "local.embedded.leash", "flows/pipeline.py", *parameters]
    with (
        output.open("wb") as log,
        subprocess.Popen(
            command,
            env=dict(this.environment),
            stdin=subprocess.PIPE,  # the leash: closed on the way out, and when we are gone
            stdout=log,
            stderr=log,
        ) as process,
    ):
        peak = _peak_bytes(process)
    seconds = time.monotonic() - began
    if process.returncode:
        raise SystemExit(f"the pipeline failed:\n{output.read_text()[-2000:]}")
    return seconds, peak / 2**20


def _peak_bytes(process: subprocess.Popen[bytes]) -> int:
    """Wait for a process; the most memory of its own that it was seen with.

    Pages of files that it maps are not counted: how many are in memory is the kernel's choice. What
    the system counts (`ru_maxrss`) has them, and begins with the memory of the forking process.
    """
    watched, peak = psutil.Process(process.pid), 0
    while process.returncode is None:
        with suppress(psutil.Error):  # it has just ended
            memory = watched.memory_info()
            peak = max(peak, memory.rss - memory.shared)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK_SECONDS)
    return peak


def _prepare(root: str, size: int) -> Run:
    this = prepare({**os.environ, "STATE": root, "RATE": STANDING_STILL})
    open_ledger(this.state.path / "scan.json", world.SEED, history=size)
    return this


if __name__ == "__main__":
    main()
