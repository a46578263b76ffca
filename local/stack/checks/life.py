"""Checks of a started stack: deaths, paused services, a filling disk, locks, waiting runs."""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from local.console.files import write_private
from local.console.finding import Finding, warn, well
from local.stack.checks.here import Check, Here
from local.stack.deaths import Death, read_deaths
from local.stack.engine import FLOW_RUN, ContainerState, container_states, logged
from local.stack.folder import FOLDER
from local.stack.lock import Holder, holder
from local.stack.running import StackPlace
from services.errors import PipelineError

GATE, SERVER, WAREHOUSE = "docker-gate", "prefect-server", "snowflake"
RECENT = timedelta(days=1)  # an older death has been seen by now
LONG_LOCK_SECONDS = 900
LONG_WAITED = timedelta(minutes=5)
LONG_TRANSACTION = timedelta(minutes=10)  # those of a commit take seconds
_RECORD = FOLDER / "disk.json"
_RECORD_EVERY, _LEAST_SPAN = 600, 3600
_DAY, _GIB = 86400, 2**30
_WEEK, _KEPT = 7 * _DAY, 8 * _DAY  # who looks once a week has a week to go by


def check_services(here: Here) -> Iterator[Finding]:
    """Services that are paused, that died, or that ran out of memory."""
    states = container_states(here.stack.project) if here.engine else []
    if not states:
        return
    gate = [one.name for one in states if one.service == GATE]
    deaths = list(read_deaths(logged(gate[0], RECENT) if gate else ()))
    yield from judged_services(states, deaths, here.now())


def judged_services(
    states: Iterable[ContainerState], deaths: Iterable[Death], now: datetime
) -> Iterator[Finding]:
    """A finding for each service with something to know of; one for all where there is none."""
    containers, recent = list(states), [one for one in deaths if now - one.at < RECENT]
    found = [
        warn("services", f"{one.service} is paused", "make up lets it go on")
        for one in containers
        if one.state == "paused"
    ]
    for name in sorted({one.service for one in containers} | {one.service for one in recent}):
        own = [one for one in recent if one.service == name]
        state = next((one for one in containers if one.service == name != FLOW_RUN), None)
        found += _judged_deaths(name, state, own, now)
    yield from found or [well("services", "none is paused, and none died lately")]


def _judged_deaths(
    service: str, state: ContainerState | None, deaths: Sequence[Death], now: datetime
) -> Iterator[Finding]:
    """Judge a service's deaths from the gate's log, or else those that the engine still knows.

    The engine counts from when the container was last started by hand, which may be weeks ago.
    """
    ended_at = state.ended_at if state else None
    is_recent = ended_at is not None and now - ended_at < RECENT
    restarts = state.restarts if state and is_recent else 0
    was_killed = bool(state and is_recent and state.is_out_of_memory)
    out_of_memory = sum(one.is_out_of_memory for one in deaths)
    logged_deaths = len(deaths) - out_of_memory
    died, lacked_memory = logged_deaths or restarts, max(out_of_memory, int(was_killed))
    if not died and not lacked_memory:
        return
    parts = [
        f"died {_times(died)}" if died else "",
        f"ran out of memory {_times(lacked_memory)}" if lacked_memory else "",
    ]
    within = " within a day" if logged_deaths or not restarts else ""
    times = [one.at for one in deaths]
    times += [ended_at] if ended_at and (restarts or was_killed) else []
    last = f"{max(times, default=now):%H:%M:%S} UTC"
    result = f"{service} {' and '.join(filter(None, parts))}{within}, last at {last}"
    hint = f"./pipeline logs {service} tells what it did"
    if service == FLOW_RUN:
        hint = "make up FLOW_MEMORY=… gives a run more, up to 4g; .stack/env has what it is now"
    elif lacked_memory:
        hint += "; mem_limit in docker-compose.yml is what it may have, make up takes it over"
    yield warn("services", result, hint)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def check_filling(here: Here) -> Iterator[Finding]:
    """A disk that fills within a week, as it went since the stack was looked at before."""
    folder = Path(here.engine.folder) if here.engine else None
    if folder is None or not folder.exists():  # on a Mac it is in another machine
        return
    if not here.of_this_stack("container"):
        return
    yield judged_filling(folder, note_disk(folder, here.clock()))


def note_disk(folder: Path, now: float, file: Path = _RECORD) -> list[tuple[float, int]]:
    """The times and free bytes noted within 8 days, the present ones last; kept in `file`."""
    kept: list[tuple[float, int]] = []
    if file.exists():
        kept = [(at, free) for at, free in json.loads(file.read_text()) if 0 <= now - at < _KEPT]
    present = (now, shutil.disk_usage(folder).free)
    if not kept or now - kept[-1][0] >= _RECORD_EVERY:
        write_private(file, json.dumps([*kept, present]))
    return [*kept, present]


def judged_filling(folder: Path, noted: list[tuple[float, int]]) -> Finding:
    """Warn if a disk fills within a week at the rate of the last day, or since the first note.

    Args:
        folder: Where the engine keeps its data.
        noted: Times and free bytes, oldest first.
    """
    now, free = noted[-1]
    began, before = next((one for one in reversed(noted) if now - one[0] >= _DAY), noted[0])
    lost, seconds = before - free, now - began
    if seconds < _LEAST_SPAN or lost <= 0 or free / lost * seconds >= _WEEK:
        return well("disk growth", f"{folder} lasts a week, as far as is known")
    days, a_day = free / lost * seconds / _DAY, lost / seconds * _DAY / _GIB
    result = (
        f"{folder} is full in {days:.1f} days at the rate of the last {seconds / 3600:.0f} hours"
        f" ({a_day:.1f} GiB a day)"
    )
    type_this = "docker system df tells what takes it; make reset deletes this stack's data"
    return warn("disk growth", result, type_this)


def check_lock(here: Here) -> Iterator[Finding]:
    if found := judged_lock(holder(), here.clock()):
        yield found


def judged_lock(found: Holder | None, now: float) -> Finding | None:
    if found is None or now - found.since < LONG_LOCK_SECONDS:
        return None
    return warn("lock", str(found), f"kill {found.pid} ends it, then make {found.verb}")


def check_long_locks(here: Here) -> Iterator[Finding]:
    """Transactions of the warehouse that have held a table's lock for long."""
    if not _is_running(WAREHOUSE, here):
        return
    try:
        with StackPlace(here.stack).warehouse().session() as session:
            rows = session.query("show locks")
    except PipelineError as error:
        result = f"the warehouse doesn't list its locks ({error})"
        yield warn("locks", result, f"./pipeline logs {WAREHOUSE}")
        return
    yield from judged_long_locks(rows, here.now())


def judged_long_locks(rows: Iterable[Mapping[str, Any]], now: datetime) -> Iterator[Finding]:
    """A finding for each transaction that holds locks for long; one for all where none does."""
    locks: dict[int, tuple[datetime, list[str]]] = {}
    for row in rows:
        began: datetime = row["transaction_started_on"]
        began = began if began.tzinfo else began.replace(tzinfo=UTC)
        if row["status"] == "HOLDING" and now - began > LONG_TRANSACTION:
            locks.setdefault(row["transaction"], (began, []))[1].append(row["resource"])
    for number, (began, tables) in locks.items():
        minutes = (now - began).total_seconds() / 60
        result = f"a transaction has locked {', '.join(sorted(tables))} for {minutes:.0f} minutes"
        aborts = f"make sql Q='select system$abort_transaction({number})' rolls it back"
        yield warn("locks", result, aborts)
    if not locks:
        yield well("locks", "none is held for long")


def _is_running(service: str, here: Here) -> bool:
    states = container_states(here.stack.project) if here.engine else []
    return any(one.service == service and one.state == "running" for one in states)


def check_waiting_runs(here: Here) -> Iterator[Finding]:
    if not _is_running(SERVER, here):
        return
    try:
        count, oldest = StackPlace(here.stack).prefect().waiting_runs(here.now() - LONG_WAITED)
    except httpx.HTTPError as error:
        yield warn("runs", f"Prefect's server tells nothing ({error})", f"./pipeline logs {SERVER}")
        return
    if not oldest:
        yield well("runs", "none waits for long")
    for run in oldest:
        yield judged_waiting(count, run["name"], run["expected_start_time"])


def judged_waiting(count: int, oldest: str, since: str) -> Finding:
    """A warning for runs that wait, with the name of the oldest and when it should have begun."""
    runs = f"{count} runs have" if count > 1 else "a run has"
    result = f"{runs} waited for more than 5 minutes, {oldest} since {since[11:19]} UTC"
    return warn(
        "runs", result, "./pipeline logs prefect-worker tells why; make status shows what runs"
    )


LIFE: tuple[Check, ...] = (
    check_services,
    check_filling,
    check_lock,
    check_long_locks,
    check_waiting_runs,
)
