"""The one file that the mock keeps: which ledger it is, and how much of it has been shown."""

import os
from pathlib import Path
from typing import Annotated, Any, Self

import msgspec
from msgspec import Meta, Struct, structs

from mocks.canton_scan.timeline import Stretch

FORMAT = 1


class StateRefused(Exception):
    """The state file can't be used; the message is one line for a person."""


class State(Struct, frozen=True):
    """A ledger in a few numbers: its seed, the stretches of its timeline, and updates shown."""

    seed: str
    stretches: Annotated[tuple[Stretch, ...], Meta(min_length=1)]
    count: Annotated[int, Meta(ge=1)]
    format: int = FORMAT

    def with_count(self, count: int) -> Self:
        """The same ledger with more updates shown."""
        return structs.replace(self, count=count)


class _Heading(Struct):
    format: Any = None


class StateFile:
    """Reads and replaces the file; a crash at any moment leaves the old or the new one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, seed: str) -> State | None:
        """What the file holds; None if there is none yet.

        Raises:
            StateRefused: It can't be read, is damaged, or belongs to another seed or version.
        """
        try:
            data = self._path.read_bytes()
            version = msgspec.json.decode(data, type=_Heading).format
            if version != FORMAT:
                raise StateRefused(self._other_version(version))
            state = msgspec.json.decode(data, type=State)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            raise StateRefused(f"state file {self._path} can't be read: {error}") from error
        if state.seed != seed:
            raise StateRefused(
                f"state file {self._path} holds the ledger of seed {state.seed!r}, not {seed!r}: "
                "pass that seed, or remove the file to start a new ledger"
            )
        return state

    def _other_version(self, version: Any) -> str:
        return (
            f"state file {self._path} has format {version}, this mock reads format {FORMAT}: "
            "use the version that wrote it, or remove the file to start a new ledger"
        )

    def write(self, state: State) -> None:
        """Replace the file.

        Raises:
            StateRefused: It can't be written.
        """
        temporary = self._path.with_name(self._path.name + ".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                file.write(msgspec.json.encode(state))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
        except OSError as error:
            raise StateRefused(f"state file {self._path} can't be written: {error}") from error
