"""The files that Python functions were made of, so that a debugger can stop in one.

A function is defined by its text alone. Where a file of one of these folders has the same text,
the function is compiled under that file's name; the file is only read, never run. Under a debugger
(``python -m debugpy … -m mocks.snowflake``) handlers run in threads of the server, which it halts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Code:
    """A function's text, and the file name that tracebacks and debuggers know it by."""

    text: str
    filename: str


def find_code(body: str, name: str, folders: Sequence[Path]) -> Code:
    """The text as it stands in a file of these folders, or under a name in angle brackets.

    Line breaks around the text don't count: ``$$`` is often followed by one.
    """
    for folder in folders:
        for file in sorted(folder.glob("*.py")):
            if (text := file.read_text()).strip() == body.strip():
                return Code(text, str(file.absolute()))
    return Code(body, f"<{name}>")
