"""The format of a network's folder: ``state.json`` has it, and the revision that used it last.

It stands for every file of the folder that has no number of its own: Slack's inbox, the passwords,
what lies where. The ledger and the warehouse have theirs, and their services look at them.
"""

import json
import shlex
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.console.errors import CommandFailed
from local.console.formats import Format, StateBroken, StateRefused, way_out
from local.console.revision import this_revision
from local.embedded.files import write_json
from services.errors import WarehouseOfAnotherVersion

MARKER = "state.json"
FORMAT: Format[Path] = Format(1, {})
_SMALL_BYTES = 1 << 20


def read_marker(folder: Path) -> dict[str, Any]:
    """Return the content of the folder's marker file.

    Raises:
        StateBroken: It can't be read.
    """
    file = folder / MARKER
    try:
        found = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise StateBroken(f"{folder} holds a state, but no {MARKER}") from None
    except (OSError, ValueError) as error:
        raise StateBroken(f"{file} can't be read ({error})") from error
    if not isinstance(found, dict):
        raise StateBroken(f"{file} can't be read (it holds no object)")
    return found


def bring_up(folder: Path, current: Format[Path]) -> None:
    """Bring an older folder up to the present format, one step after the other.

    Its small files are copied to ``before-format-N`` first. The number is written after each step,
    so that one that is interrupted is made again.

    Raises:
        StateRefused: The folder is newer, too old, or broken.
    """
    marker = read_marker(folder)
    for number in current.steps_from(marker.get("format"), str(folder)):
        _keep_small_files(folder, folder / f"before-format-{number + 1}")
        current.steps[number](folder)
        marker = {**read_marker(folder), "format": number + 1}
        write_json(folder / MARKER, marker)
        print(f"{folder}: brought from format {number} to {number + 1}")


def _keep_small_files(folder: Path, kept: Path) -> None:
    """The first copy stands: a step that is made again may have changed some already."""
    if kept.exists():
        return
    draft = kept.with_name(f"{kept.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for file in folder.iterdir():
        if file.is_file() and file.stat().st_size <= _SMALL_BYTES:
            shutil.copy2(file, draft)
    draft.replace(kept)


@contextmanager
def refusals_explained(folder: Path) -> Generator[None]:
    """Add what to do about it to an error that refuses the folder or a service's files in it."""
    try:
        yield
    except (StateRefused, WarehouseOfAnotherVersion) as refused:
        used_by, reset = _used_by(folder), _reset(folder)
        raise CommandFailed(
            way_out(refused, used_by=used_by, here=this_revision(), reset=reset)
        ) from refused


def _reset(folder: Path) -> str:
    own = "" if folder.parent == Path(".local") else f" STATE={shlex.quote(str(folder.parent))}"
    return f"make reset AT=embedded NETWORK={folder.name}{own}"


def _used_by(folder: Path) -> str:
    try:
        return str(read_marker(folder).get("made_by", ""))
    except StateRefused:
        return ""
