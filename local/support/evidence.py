"""The files of a report with their texts, each gathered even if others can't be."""

import subprocess
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from local.console.errors import CommandFailed
from local.console.masking import masked
from services.errors import PipelineError

LAST_LINES = 300
_MOST_LINE = 2_000  # characters; a page of updates may be a line
_MOST_FILE = 400_000
MOST_CHARACTERS = 12_000_000  # of all files; a tenth of it once it is packed

Gather = Callable[[], str]


@dataclass
class Evidence:
    """The files of a report, masked and bounded, and what could not be had.

    Attributes:
        secrets: Values that must not be in any of them.
        most_characters: That all of them may have.
    """

    secrets: Collection[str] = ()
    most_characters: int = MOST_CHARACTERS
    files: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    _size: int = 0

    def add(self, name: str, gather: Gather) -> None:
        """Keep what `gather` answers; why not, where it can't."""
        self.attempt(name, lambda: self._keep(name, gather()))

    def attempt(self, name: str, fill: Callable[[], None]) -> None:
        """Let something fill the report; why it couldn't, where it stops."""
        try:
            fill()
        except (CommandFailed, PipelineError, httpx.HTTPError) as error:
            self.miss(name, str(error))
        except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
            self.miss(name, f"{type(error).__name__}: {error}")

    def miss(self, name: str, why: str) -> None:
        self.missing[name] = masked(why, self.secrets)

    def _keep(self, name: str, text: str) -> None:
        kept = _cut(masked(_bounded(text), self.secrets), _MOST_LINE)
        if self._size + len(kept) > self.most_characters:
            self.miss(name, "the report is large enough without it")
            return
        self._size += len(kept)
        self.files[name] = kept


def _bounded(text: str) -> str:
    """The last lines, whole, so that no secret loses the half by which it is found."""
    kept = text[-_MOST_FILE:]
    if len(text) > _MOST_FILE:
        kept = kept.partition("\n")[2] or _cut(text, _MOST_FILE)
    return kept


def _cut(text: str, most: int) -> str:
    lines = [
        line if len(line) <= most else f"{line[:most]}… ({len(line)} characters)"
        for line in text.splitlines()
    ]
    return "\n".join(lines) + "\n"


def last_lines(file: Path, count: int = LAST_LINES) -> str:
    with file.open("rb") as stream:
        stream.seek(max(file.stat().st_size - 4 * _MOST_FILE, 0))
        return "\n".join(stream.read().decode(errors="replace").splitlines()[-count:])


def files_of(folder: Path, pattern: str) -> Iterator[Path]:
    return iter(sorted(one for one in folder.glob(pattern) if one.is_file()))
