"""The one file that has to be kept: which ledger it is, and how much of it has been shown."""

import os
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from mocks.canton_scan.clock import ClockSetting, Micros
from mocks.canton_scan.eras import Era
from mocks.canton_scan.splits import Epochs
from mocks.canton_scan.timeline import Stretch

FORMAT = 5  # another one whenever the same seed gives other bytes


class StateRefused(Exception):
    """The state file can't be used; the message is one line for a person."""


class StateUnreadable(StateRefused):
    """The state file is of another version, or broken."""


class State(Struct, frozen=True):
    """A ledger in a few numbers: its seed and era, its timeline's stretches, and updates shown.

    Without a `clock` of its own it goes by the wall's. Without `epochs` it is of a version whose
    ledgers had none.
    """

    seed: str
    stretches: Annotated[tuple[Stretch, ...], Meta(min_length=1)]
    count: Annotated[int, Meta(ge=1)]
    format: int = FORMAT
    clock: ClockSetting | None = None
    era: Era = Era.MIXED
    huge: int | None = None
    epochs: Epochs | None = None

    def now(self, wall: Micros) -> Micros:
        """Return the time that the ledger's clock shows at a wall time."""
        return wall if self.clock is None else self.clock.at(wall)


class _Heading(Struct):
    format: Any = None


class StateFile:
    """Reads and replaces the file; a crash at any moment leaves the old or the new one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def stamp(self) -> tuple[int, int]:
        """Something else whenever the file was replaced.

        Raises:
            StateRefused: It is not there.
        """
        try:
            found = self.path.stat()
        except OSError as error:
            raise StateRefused(f"state file {self.path} can't be read: {error}") from error
        return found.st_mtime_ns, found.st_ino

    def read(self, seed: str | None) -> State | None:
        """Return the state in the file, of this seed if one is named; None if there is no file yet.

        Raises:
            StateUnreadable: It is damaged, or of another version.
            StateRefused: It can't be read, or belongs to another seed.
        """
        try:
            data = self.path.read_bytes()
            version = msgspec.json.decode(data, type=_Heading).format
            if version != FORMAT:
                raise StateUnreadable(self._other_version(version))
            state = msgspec.json.decode(data, type=State)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateRefused(f"state file {self.path} can't be read: {error}") from error
        except (UnicodeDecodeError, msgspec.DecodeError) as error:
            raise StateUnreadable(f"state file {self.path} can't be read: {error}") from error
        if seed is not None and state.seed != seed:
            raise StateRefused(
                f"state file {self.path} holds the ledger of seed {state.seed!r}, not {seed!r}: "
                "pass that seed, or remove the file to start a new ledger"
            )
        return state

    def _other_version(self, version: Any) -> str:
        return f"state file {self.path} has format {version}, this mock reads format {FORMAT}"

    def write(self, state: State) -> None:
        """Replace the file.

        Raises:
            StateRefused: It can't be written.
        """
        temporary = self.path.with_name(self.path.name + ".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                file.write(msgspec.json.encode(state))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except OSError as error:
            raise StateRefused(f"state file {self.path} can't be written: {error}") from error
