"""The stack's lock: one command at a time changes a clone's stack.

A lock of the kernel (``flock``) on a file beside ``.stack``, which `make reset` deletes: it ends
with the process that holds it, however that ends. The file names that process.
"""

import fcntl
import json
import os
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from local.console.errors import CommandFailed
from local.console.variables import as_typed

FILE = Path(".stack.lock")
PATIENCE_SECONDS = 1200.0  # a first `make up` builds for minutes
REMIND_SECONDS = 60.0
_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Holder:
    """The command that changes the stack, its process, and since when (seconds since 1970)."""

    verb: str
    pid: int
    since: float

    def __str__(self) -> str:
        seconds = time.time() - self.since
        return (
            f"{as_typed(self.verb)} (process {self.pid}) has been at work here for {seconds:.0f} s"
        )


@contextmanager
def exclusive(
    verb: str,
    file: Path = FILE,
    patience_seconds: float = PATIENCE_SECONDS,
    remind_seconds: float = REMIND_SECONDS,
    pause: Callable[[float], None] = time.sleep,
) -> Generator[None]:
    """Hold the stack for `make VERB`; while another command does, name it and wait.

    Raises:
        CommandFailed: It held the stack for longer than `patience_seconds`.
    """
    with file.open("a+") as lock:
        _wait(lock, verb, patience_seconds, remind_seconds, pause)
        lock.truncate(0)
        lock.write(json.dumps(asdict(Holder(verb, os.getpid(), time.time()))))
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def holder(file: Path = FILE) -> Holder | None:
    if not file.exists():
        return None
    with file.open("a+") as lock:
        return None if _take(lock) else _read(lock)


def _wait(
    lock: IO[str],
    verb: str,
    patience_seconds: float,
    remind_seconds: float,
    pause: Callable[[float], None],
) -> None:
    began, next_word = time.monotonic(), 0.0
    while not _take(lock):
        waited = time.monotonic() - began
        found = _read(lock)
        who = found or f"a command that hasn't said its name holds {lock.name}"
        kill = f"kill {found.pid}" if found else f"kill what lsof {lock.name} lists"
        if waited >= patience_seconds:
            raise CommandFailed(f"{who}: end it ({kill}), then {as_typed(verb)} again")
        # One that has just begun writes its name in a moment.
        if waited >= (next_word if found else max(next_word, remind_seconds)):
            next_word = waited + remind_seconds
            print(
                f"{who}: {as_typed(verb)} waits for its end (Ctrl-C stops waiting, {kill} ends the"
                " other)",
                file=sys.stderr,
                flush=True,
            )
        pause(_LOOK_SECONDS)


def _take(lock: IO[str]) -> bool:
    """Tell whether this took the lock; closing the file gives it back."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(lock: IO[str]) -> Holder | None:
    lock.seek(0)
    text = lock.read()
    return Holder(**json.loads(text)) if text else None
