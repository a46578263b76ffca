"""The error of a re-run, as the lines of the person's own code that led to it.

Imports nothing of ours: it must also report errors in our own modules.
"""

import traceback
from pathlib import Path

OURS = ("flows", "services")


def error_text(error: BaseException, root: Path) -> str:
    """The frames in our folders, then the error; only the message if that is for people."""
    # Messages of `services.errors` are for people.
    if any(kind.__name__ == "PipelineError" for kind in type(error).__mro__):
        return f"error: {error}"
    folders = tuple(f"{root / folder}/" for folder in OURS)
    lines: list[str] = []
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(folders):
            file = frame.filename.removeprefix(f"{root}/")
            lines += [f"{file}:{frame.lineno} in {frame.name}", f"    {frame.line}"]
    last = "".join(traceback.format_exception_only(error)).rstrip()
    return "\n".join([*lines, last.replace(f"{root}/", "")])
