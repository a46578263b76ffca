"""Which few of many changes make something fail: Zeller's delta debugging (ddmin)."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")


def culprits(suspects: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> list[T]:
    """A smallest set of suspects that fails together: without any one of them, it no longer does.

    Halves are tried first, then what is left without each of them, then smaller parts. `fails`
    holds of all suspects; what can't be tried at all counts as not failing.
    """
    found, parts = list(suspects), 2
    while len(found) > 1:
        pieces = _split(found, parts)
        if smaller := _first(pieces, fails):
            found, parts = smaller, 2
        elif parts > 2 and (smaller := _first(_without_each(pieces), fails)):
            found, parts = smaller, parts - 1
        elif parts == len(found):
            break
        else:
            parts = min(len(found), 2 * parts)
    return found


def _split(items: Sequence[T], parts: int) -> list[list[T]]:
    bounds = [len(items) * number // parts for number in range(parts + 1)]
    return [list(items[start:end]) for start, end in pairwise(bounds)]


def _without_each(pieces: Sequence[Sequence[T]]) -> list[list[T]]:
    return [
        [one for other in pieces if other is not left_out for one in other] for left_out in pieces
    ]


def _first(sets: Sequence[list[T]], fails: Callable[[Sequence[T]], bool]) -> list[T]:
    return next((one for one in sets if fails(one)), [])
