"""Numbers and names that follow from a seed alone: the same on every machine and Python version.

BLAKE2b in counter mode. `random` is left out because its methods may change between Python
versions; `hash` because it differs from process to process; floats because they round.
"""

from collections.abc import MutableSequence, Sequence
from hashlib import blake2b
from struct import unpack
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """An endless stream of numbers drawn from a key of 64 bytes.

    `below` takes 64 bits modulo the bound: the bias is under one in a billion for every bound used.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._counter = 0
        self._words = list(unpack(">8Q", key))  # most streams need no more than these

    def below(self, bound: int) -> int:
        """A number from 0 to ``bound - 1``."""
        if not self._words:
            block = blake2b(self._counter.to_bytes(8), key=self._key).digest()
            self._words.extend(unpack(">8Q", block))
            self._counter += 1
        return self._words.pop() % bound

    def between(self, low: int, high: int) -> int:
        """A number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def one_in(self, odds: int) -> bool:
        """True once in ``odds`` times."""
        return self.below(odds) == 0

    def pick(self, choices: Sequence[T]) -> T:
        """One of ``choices``, each as likely as the others."""
        return choices[self.below(len(choices))]

    def shuffle(self, items: MutableSequence[T]) -> None:
        """Bring ``items`` into a random order, in place."""
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]


class Seed:
    """Digests, names and draws of one ledger."""

    def __init__(self, text: str) -> None:
        self.text = text
        key = blake2b(text.encode(), person=b"canton-scan-mock").digest()
        self._keyed = blake2b(key=key)

    def digest(self, name: str | bytes) -> bytes:
        """64 bytes that belong to ``name``."""
        return self.hashing(name if isinstance(name, bytes) else name.encode()).digest()

    def hashing(self, start: bytes) -> blake2b:
        """The hash of names that begin like this: a copy of it takes the rest of one."""
        digest = self._keyed.copy()  # sets the key up once, not each time
        digest.update(start)
        return digest

    def hex(self, name: str, digits: int) -> str:
        """``digits`` hexadecimal digits that belong to ``name``; at most 128."""
        return self.digest(name).hex()[:digits]

    def draws(self, name: str) -> Draws:
        """A stream of numbers that belongs to ``name``."""
        return Draws(self.digest(name))
