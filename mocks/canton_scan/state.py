"""The one file that the mock keeps: which ledger it is, and how much of it has been shown."""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from mocks.canton_scan.timeline import Stretch

FORMAT = 1


class StateRefused(Exception):
    """The state file can't be used; the message is one line for a person."""


@dataclass(frozen=True)
class State:
    """A ledger in a few numbers: its seed, the stretches of its timeline, and updates shown."""

    seed: str
    stretches: tuple[Stretch, ...]
    count: int

    def with_count(self, count: int) -> Self:
        """The same ledger with more updates shown."""
        return replace(self, count=count)


class StateFile:
    """Reads and replaces the file; a crash at any moment leaves the old or the new one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, seed: str) -> State | None:
        """What the file holds; None if there is none yet.

        Raises:
            StateRefused: It can't be read, or belongs to another seed or version.
        """
        try:
            kept = json.loads(self._path.read_text())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise StateRefused(f"state file {self._path} can't be read: {error}") from error
        return self._parse(kept, seed)

    def _parse(self, kept: Any, seed: str) -> State:
        version = kept.get("format") if isinstance(kept, dict) else None
        if version != FORMAT:
            raise StateRefused(
                f"state file {self._path} has format {version}, this mock reads format {FORMAT}: "
                "use the version that wrote it, or remove the file to start a new ledger"
            )
        if kept["seed"] != seed:
            raise StateRefused(
                f"state file {self._path} holds the ledger of seed {kept['seed']!r}, not {seed!r}: "
                "pass that seed, or remove the file to start a new ledger"
            )
        stretches = tuple(Stretch(**stretch) for stretch in kept["stretches"])
        return State(seed, stretches, kept["count"])

    def write(self, state: State) -> None:
        """Replace the file.

        Raises:
            StateRefused: It can't be written.
        """
        temporary = self._path.with_name(self._path.name + ".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("w") as file:
                json.dump({"format": FORMAT, **asdict(state)}, file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
        except OSError as error:
            raise StateRefused(f"state file {self._path} can't be written: {error}") from error
