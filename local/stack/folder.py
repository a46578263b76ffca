"""``.stack/``: names, ports and passwords of this clone's stack; no other user reads them.

``.stack/env`` has a format, which stands for every volume that has no number of its own. The
ledger, the warehouse, S3's snapshot and Postgres have theirs, and their services look at them.
"""

from collections.abc import Mapping
from pathlib import Path

from local.console.errors import CommandFailed
from local.console.formats import (
    StateBroken,
    StateRefused,
    refuse_other_format,
    this_revision,
    way_out,
)

FOLDER = Path(".stack")
RESTORING = FOLDER / "restoring"  # there while a `./pipeline restore` exchanges what is there
FORMAT = 1
NUMBER, MADE_BY = "STACK_FORMAT", "MADE_BY"
RESET = "make reset AT=stack"
# Without one of them nobody could log in to what the volumes hold, or find them.
_NEEDED = ("COMPOSE_PROJECT", "POSTGRES_PASSWORD", "WAREHOUSE_PASSWORD", "PREFECT_AUTH")


def refuse_half_restored() -> None:
    """Raise `CommandFailed` where a restore didn't come to its end."""
    if RESTORING.exists():
        raise CommandFailed(
            "a ./pipeline restore was stopped half way: type it again, or bring back what was there"
            " with ./pipeline restore before-restore"
        )


def refuse_other_version(kept: Mapping[str, str]) -> None:
    """Raise `CommandFailed` where another version kept these values, or they are broken."""
    number = kept.get(NUMBER, str(FORMAT))  # the first version wrote none
    try:
        refuse_other_format(int(number) if number.isdecimal() else number, FORMAT, f"{FOLDER}/env")
        if lacking := [name for name in _NEEDED if not kept.get(name)]:
            raise StateBroken(f"{FOLDER}/env is broken: it lacks {', '.join(lacking)}")
    except StateRefused as refused:
        raise refused_state(refused, kept) from refused


def refused_state(refused: StateRefused, kept: Mapping[str, str]) -> CommandFailed:
    """The one line for a state of the stack that this revision can't use."""
    used_by = kept.get(MADE_BY, "")
    return CommandFailed(way_out(refused, used_by=used_by, here=this_revision(), reset=RESET))
