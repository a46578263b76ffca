"""The file beside the state that keeps what whole blocks of updates left behind, a line a block.

The file is made from the ledger alone, at the first request for an old state; without it, it is
made anew. A line begins with a key of all that it follows from: where the ledger is another one by
now, or was restored and went on in another way, lines from there on are replaced.
"""

import os
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING

import msgspec

from mocks.canton_scan.left import Left, left_by
from mocks.canton_scan.mix import BLOCK

if TYPE_CHECKING:
    from mocks.canton_scan.ledger import Ledger

_VERSION = 1  # another one whenever the same updates give other lines
_KEY = 16


class Blocks:
    """Lines of the blocks of one ledger, which several views may read at once.

    Args:
        path: The file; without one it is a temporary file that ends with this process.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = Lock()
        self._file: IO[bytes] | None = None
        self._ends = [0]  # of the lines, in bytes

    def upto(self, ledger: "Ledger", count: int) -> Iterator[Left]:
        """Yield what each whole block of the first ``count`` updates left, and the rest."""
        for number in range(count // BLOCK):
            yield self.block(ledger, number)
        if count % BLOCK:
            yield left_by(ledger, count // BLOCK * BLOCK, count)

    def block(self, ledger: "Ledger", number: int) -> Left:
        """Return what a block that has happened left; lines that are missing so far are made."""
        with self._lock:
            file = self._file = self._file or self._opened()
            start, end = self._ends[number : number + 2] if number + 1 < len(self._ends) else (0, 0)
            line = os.pread(file.fileno(), end - start, start)
            if line[:_KEY] != _key(ledger, number):
                line = self._made(file, ledger, number)
        return msgspec.json.decode(line[_KEY:], type=Left)

    def _opened(self) -> IO[bytes]:
        file = self._path.open("a+b") if self._path else tempfile.TemporaryFile()  # noqa: SIM115
        weakref.finalize(self, file.close)  # it is open as long as this is
        file.seek(0)
        for line in file:
            if line.endswith(b"\n"):
                self._ends.append(self._ends[-1] + len(line))
        return file

    def _made(self, file: IO[bytes], ledger: "Ledger", number: int) -> bytes:
        """The line of a block, made now with those before it; those after it are of no more use."""
        kept = min(number, len(self._ends) - 1)
        while kept and self._key_at(file, kept - 1) != _key(ledger, kept - 1):
            kept -= 1
        del self._ends[kept + 1 :]
        line = b""
        for one in range(kept, number + 1):
            left = left_by(ledger, one * BLOCK, (one + 1) * BLOCK)
            line = _key(ledger, one) + msgspec.json.encode(left) + b"\n"
            file.seek(self._ends[-1])
            file.truncate()
            file.write(line)
            file.flush()
            self._ends.append(self._ends[-1] + len(line))
        return line

    def _key_at(self, file: IO[bytes], number: int) -> bytes:
        return os.pread(file.fileno(), _KEY, self._ends[number])


def _key(ledger: "Ledger", number: int) -> bytes:
    """A digest of all that decides what a block left."""
    planner, end = ledger.planner, (number + 1) * BLOCK
    stretches = [one for one in planner.timeline.stretches if one.first_index < end]
    name = f"{_VERSION} {number} {planner.epochs} {planner.huge} {stretches}"
    return ledger.seed.hex(name, _KEY).encode()
