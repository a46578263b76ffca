"""The format of ``.stack/env``, which stands for every volume that has no number of its own.

The ledger, the warehouse, S3's snapshot and Postgres have theirs, and their services look at them.
"""

from collections.abc import Mapping

from local.console.errors import CommandFailed
from local.console.formats import Format, StateBroken, StateRefused, way_out
from local.console.revision import this_revision
from local.stack.folder import FOLDER

Values = dict[str, str]
NUMBER, MADE_BY = "STACK_FORMAT", "MADE_BY"
RESET = "make reset AT=stack"
# Without one of them nobody could log in to what the volumes hold, or find them.
_NEEDED = ("COMPOSE_PROJECT", "POSTGRES_PASSWORD", "WAREHOUSE_PASSWORD", "PREFECT_AUTH")


def _as_it_is(values: Values) -> Values:
    """Return values from before there was a format number, unchanged."""
    return values


FORMAT: Format[Values] = Format(1, {0: _as_it_is})


def brought_up(kept: Values, current: Format[Values] = FORMAT) -> Values:
    """Return the kept values in the present format.

    Raises:
        CommandFailed: It is of a newer version, of one that is too old, or broken.
    """
    try:
        number, values = kept.get(NUMBER, "0"), kept
        found = int(number) if number.isdecimal() else number
        for step in current.steps_from(found, f"{FOLDER}/env"):
            values = current.steps[step](values)
        _refuse_lacking(values)
    except StateRefused as refused:
        raise refused_state(refused, kept) from refused
    return {**values, NUMBER: str(current.number)}


def _refuse_lacking(values: Mapping[str, str]) -> None:
    if lacking := [name for name in _NEEDED if not values.get(name)]:
        raise StateBroken(f"{FOLDER}/env is broken: it lacks {', '.join(lacking)}")


def refused_state(refused: StateRefused, kept: Mapping[str, str]) -> CommandFailed:
    """The one line for a state of the stack that this revision can't use."""
    used_by = kept.get(MADE_BY, "")
    return CommandFailed(way_out(refused, used_by=used_by, here=this_revision(), reset=RESET))
