"""State of other revisions: one rule, and one line that refuses (docs/decisions/0016).

A store carries the number of its format. Another one, or a broken one, is left as it is: what was
found, what this revision knows, and what to type.
"""

import re
from collections.abc import Iterable

from local.console.errors import CommandFailed
from local.console.programs import output_of
from services.errors import STATE_REFUSED


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


def refuse_other_format(found: object, known: int, what: str) -> None:
    """Raise `StateRefused` where a store doesn't have the format that this revision writes.

    The number rises when an older revision would misread what a newer one writes; what an older one
    merely ignores needs no new number.
    """
    if not isinstance(found, int) or isinstance(found, bool):
        raise StateBroken(f"{what} is broken: its format is {found!r}, which is no number")
    if found != known:
        version = "a newer" if found > known else "an older"
        raise StateRefused(
            f"{what} was written by {version} version (format {found}, this one knows {known})"
        )


def way_out(refused: Exception, *, used_by: str, here: str, reset: str) -> str:
    """The one line that refuses: what was found, and what to type.

    Args:
        used_by: The revision that used this state last, if that is known.
        here: The revision of this clone, likewise.
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


def this_revision() -> str:
    """The commit of this clone, short; empty if git doesn't know it, as in an archive of it."""
    # --git-dir: without it, git would answer for a repository that the archive was unpacked in.
    return output_of("git", "--git-dir=.git", "rev-parse", "--short=12", "HEAD")
