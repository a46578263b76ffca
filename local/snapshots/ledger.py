"""The mocked ledger's state: its seed, its timeline, and a clock that goes on from where it was."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import structs

from local.console.errors import CommandFailed
from local.snapshots.manifest import LedgerState
from mocks.canton_scan import dso_party_id
from mocks.canton_scan.clock import SECOND, ClockSetting, instant_text
from mocks.canton_scan.state import State, StateFile, StateRefused
from services.accept import network_of

PART = "ledger.json"


def described(content: bytes) -> LedgerState:
    """Return the mocked ledger that a state file describes, with its clock read now."""
    try:
        state = msgspec.json.decode(content, type=State)
    except msgspec.MsgspecError as error:
        raise CommandFailed(f"the mocked ledger's state can't be read: {error}") from error
    now = _now()
    clock = state.clock or ClockSetting(now, now)
    shown = state.now(now)
    return LedgerState(
        seed=state.seed,
        rate=SECOND / state.stretches[-1].gap,
        now=instant_text(shown),
        shown=shown,
        speed=clock.speed,
        is_frozen=clock.is_frozen,
        era=state.era.value,
    )


def network(ledger: LedgerState) -> str:
    return network_of(dso_party_id(seed=ledger.seed, era=ledger.era))


def check(file: Path) -> None:
    """Raise `CommandFailed` where the mock of this version wouldn't read a state file."""
    with _refusals_explained():
        StateFile(file).read(None)


def set_back(file: Path, ledger: LedgerState) -> None:
    """Let the clock of a state file show what it showed then, and go on from there.

    Raises:
        CommandFailed: Another version's mock wrote the file.
    """
    with _refusals_explained():
        clock = ClockSetting(ledger.shown, _now(), ledger.speed, ledger.is_frozen)
        if state := StateFile(file).read(None):
            StateFile(file).write(structs.replace(state, clock=clock))


@contextmanager
def _refusals_explained() -> Generator[None]:
    try:
        yield
    except StateRefused as refused:
        raise CommandFailed(f"the mocked ledger of the snapshot: {refused}") from refused


def _now() -> int:
    return time.time_ns() // 1000
