"""The files that were saved since the last look.

Looked at by polling: the folders hold a hundred files, and one look takes two milliseconds.
"""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.05
ENDINGS = (".py", ".sql")
_RECENT_SECONDS = 1.0

Look = dict[Path, tuple[int, int, int]]


@dataclass(frozen=True)
class Save:
    """Files that were saved together, and when (in seconds, as `time.time`)."""

    files: frozenset[Path]
    at: float


class Saves:
    """Watches folders, from now on."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._seen = self._look()

    def newest(self) -> Save | None:
        """Return the files saved since the last answer once writing has stopped; None for none."""
        seen = self._look()
        if seen == self._seen:
            return None
        changed = [mark[0] for path, mark in seen.items() if self._seen.get(path) != mark]
        now, written = time.time(), max(changed, default=0) / 1e9
        at = written if now - _RECENT_SECONDS < written <= now else now
        time.sleep(POLL_SECONDS)
        while (later := self._look()) != seen:
            seen = later
            time.sleep(POLL_SECONDS)
        files = frozenset(path for path, _ in self._seen.items() ^ seen.items())
        self._seen = seen
        return Save(files, at)

    def _look(self) -> Look:
        return {Path(entry.path): _mark(entry) for top in self._folders for entry in _files(top)}


def _files(folder: Path | str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(entry.path)
            elif entry.name.endswith(ENDINGS):
                yield entry


def _mark(entry: os.DirEntry[str]) -> tuple[int, int, int]:
    try:
        found = entry.stat()
    except FileNotFoundError:  # an editor's draft, gone already
        return (0, 0, 0)
    return found.st_mtime_ns, found.st_size, found.st_ino
