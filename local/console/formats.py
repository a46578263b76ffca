"""State of other revisions: one rule, and one line that refuses (docs/decisions/0016).

A store carries the number of its format. An older one is brought up step by step, a newer or a
broken one is left as it is: what was found, what this revision knows, and what to type.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from local.console.errors import CommandFailed
from services.errors import STATE_REFUSED

Content = TypeVar("Content")


class StateRefused(CommandFailed):
    """A store that this revision can't use; the message says only what was found."""


class StateBroken(StateRefused):
    """A store that no revision can use."""


# Messages of vendors whose files are broken or of another version, and what each means.
_VENDORS = {
    r"Can't locate revision identified by '(\w+)'": (
        StateRefused,
        "Prefect's database is of a newer Prefect: this one doesn't know its revision {}",
    ),
    r"sqlite3\.DatabaseError\) (.*)": (StateBroken, "Prefect's database is broken: {}"),
}


@dataclass(frozen=True)
class Format(Generic[Content]):
    """The formats of a store that this revision can read.

    Attributes:
        number: Of the present one. It rises when an older revision would misread what a newer one
            writes; what an older one merely ignores needs no new number.
        steps: By the number of an earlier format, what makes the next one of it. A step stays for
            good, and may run twice.
    """

    number: int
    steps: Mapping[int, Callable[[Content], Content]]

    def steps_from(self, found: object, what: str) -> list[int]:
        """The formats to leave behind, in order; none where the present one was found.

        Raises:
            StateRefused: A newer one was found, one that no step leads on from, or no number.
        """
        if not isinstance(found, int) or isinstance(found, bool):
            raise StateBroken(f"{what} is broken: its format is {found!r}, which is no number")
        if found > self.number:
            raise StateRefused(
                f"{what} was written by a newer version (format {found}, this one knows"
                f" {self.number})"
            )
        numbers = list(range(found, self.number))
        if any(one not in self.steps for one in numbers):
            raise StateRefused(
                f"{what} was written by an older version (format {found}, this one knows"
                f" {self.number}, and no way from there)"
            )
        return numbers


def way_out(refused: Exception, *, used_by: str, here: str, reset: str) -> str:
    """The one line that refuses: what was found, and what to type.

    Args:
        refused: What was found, and what is known here.
        used_by: The revision that used this state last, if that is known.
        here: The revision of this clone, likewise.
        reset: The command that deletes it.
    """
    if isinstance(refused, StateBroken):
        return f"{refused}. It is left as it is; to start over: {reset}"
    ways = ["update this clone (git pull)"]
    if used_by and used_by != here:
        ways.append(f"go on with revision {used_by}, which used it last (git checkout {used_by})")
    return f"{refused}. It is left as it is: {', '.join(ways)}, or start over ({reset})"


def refusal_in(lines: Iterable[str]) -> StateRefused | None:
    """The refusal of a state in the last lines of a service; None if there is none."""
    for line in reversed(list(lines)):
        _, mark, found = line.partition(STATE_REFUSED)
        if mark:
            return StateRefused(found.strip())
        for pattern, (kind, meaning) in _VENDORS.items():
            if match := re.search(pattern, line):
                return kind(meaning.format(*match.groups()))
    return None
