"""The files that Python functions were made of, so that a debugger can stop in one.

A function is defined by its text alone. Where a file of one of these folders has the same text,
the function is compiled under that file's name; the file is only read, never run. And a debugger of
this process (``python -m debugpy … -m mocks.snowflake``) is told of DuckDB's threads, which are
none of Python's.
"""

import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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


def followed(call: Callable[..., Any]) -> Callable[..., Any]:
    """The same call, known to the debugger of this process; without one, the call itself."""
    debugger = sys.modules.get("debugpy")
    if debugger is None:
        return call
    known = threading.local()

    def follow(*values: Any) -> Any:
        if not hasattr(known, "is_told") and debugger.is_client_connected():
            debugger.debug_this_thread()
            known.is_told = True
        return call(*values)

    return follow
