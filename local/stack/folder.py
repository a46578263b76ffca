"""``.stack/``: names, ports and passwords of this clone's stack; no other user reads them."""

from pathlib import Path

from local.console.errors import CommandFailed

FOLDER = Path(".stack")
_RESTORING = FOLDER / "restoring"


def is_restoring() -> bool:
    """Tell whether a `./pipeline restore` was stopped, or failed, before its end."""
    return _RESTORING.exists()


def mark_restoring(*, is_restoring: bool) -> None:
    if is_restoring:
        _RESTORING.touch()
    else:
        _RESTORING.unlink(missing_ok=True)


def refuse_half_restored() -> None:
    """Raise `CommandFailed` where a restore didn't come to its end."""
    if is_restoring():
        raise CommandFailed(
            "a ./pipeline restore was stopped half way: type it again, or bring back what was there"
            " with ./pipeline restore before-restore"
        )
