"""The error of a re-run, as the lines of the person's own code that led to it.

Imports nothing of ours: it must also report errors in our own modules.
"""

import traceback
from collections.abc import Iterator
from pathlib import Path

OURS = ("flows", "services")


def error_text(error: BaseException, root: Path) -> str:
    """The frames in our folders, then the error; only the message if that is for people."""
    if _is_for_people(error):
        return f"error: {error}"
    last = "".join(traceback.format_exception_only(error)).rstrip()
    return "\n".join([*_frames(error, root), last.replace(f"{root}/", "")])


def _is_for_people(error: BaseException) -> bool:
    """Tell whether an error is one of `services.errors`, whose messages are for people."""
    return any(kind.__name__ == "PipelineError" for kind in type(error).__mro__)


def _frames(error: BaseException, root: Path) -> Iterator[str]:
    folders = tuple(f"{root / folder}/" for folder in OURS)
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(folders):
            yield f"{frame.filename.removeprefix(f'{root}/')}:{frame.lineno} in {frame.name}"
            yield f"    {frame.line}"
