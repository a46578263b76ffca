"""The error of a re-run, as the lines of the person's own code that led to it.

Imports nothing of ours: it has to tell what is wrong there.
"""

import traceback
from collections.abc import Iterator
from pathlib import Path

OURS = ("flows", "services")


def told(error: BaseException, root: Path) -> str:
    """The frames in our folders, and the error; of an error that says everything, it alone."""
    if _is_said(error):
        return f"error: {error}"
    last = "".join(traceback.format_exception_only(error)).rstrip()
    return "\n".join([*_frames(error, root), last.replace(f"{root}/", "")])


def _is_said(error: BaseException) -> bool:
    """Tell whether an error is one of `services.errors`, whose messages are for people."""
    return any(kind.__name__ == "PipelineError" for kind in type(error).__mro__)


def _frames(error: BaseException, root: Path) -> Iterator[str]:
    folders = tuple(f"{root / folder}/" for folder in OURS)
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(folders):
            yield f"{frame.filename.removeprefix(f'{root}/')}:{frame.lineno} in {frame.name}"
            yield f"    {frame.line}"
