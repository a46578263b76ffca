"""The format of a network's folder: ``state.json`` has it, and the revision that used it last.

It stands for every file of the folder that has no number of its own: Slack's inbox, the passwords,
what lies where. The ledger and the warehouse have theirs, and their services look at them.
"""

import shlex
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from local.console.errors import CommandFailed
from local.console.files import read_object
from local.console.formats import (
    StateBroken,
    StateRefused,
    refuse_other_format,
    this_revision,
    way_out,
)
from services.errors import WarehouseOfAnotherVersion

MARKER = "state.json"
FORMAT = 1


def read_marker(folder: Path) -> dict[str, Any]:
    """Return the content of the folder's marker file."""
    file = folder / MARKER
    try:
        return read_object(file)
    except FileNotFoundError:
        raise StateBroken(f"{folder} holds a state, but no {MARKER}") from None
    except (OSError, ValueError) as error:
        raise StateBroken(f"{file} can't be read ({error})") from error


def refuse_other_version(folder: Path) -> None:
    """Raise `StateRefused` where a folder is of another version, or broken."""
    refuse_other_format(read_marker(folder).get("format"), FORMAT, str(folder))


@contextmanager
def refusals_explained(folder: Path) -> Generator[None]:
    """Add what to do about it to an error that refuses the folder or a service's files in it."""
    try:
        yield
    except (StateRefused, WarehouseOfAnotherVersion) as refused:
        used_by = ""
        with suppress(StateRefused):
            used_by = str(read_marker(folder).get("made_by", ""))
        root = folder.parent
        state = "" if root == Path(".local") else f" STATE={shlex.quote(str(root))}"
        reset = f"make reset AT=embedded NETWORK={folder.name}{state}"
        raise CommandFailed(
            way_out(refused, used_by=used_by, here=this_revision(), reset=reset)
        ) from refused
