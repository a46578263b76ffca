"""Small files of a state, each replaced whole."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_private(file: Path, text: str, mode: int = 0o600) -> None:
    """Write a file whole or not at all, with these rights whatever the umask.

    Its folder is made for its owner alone.
    """
    file.parent.mkdir(exist_ok=True, mode=0o700)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    with draft.open("w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.chmod(mode)
    draft.replace(file)


def write_json(file: Path, content: Mapping[str, Any], mode: int = 0o644) -> None:
    write_private(file, json.dumps(content, indent=1) + "\n", mode)


def read_object(file: Path) -> dict[str, Any]:
    """A file's object; `ValueError` where it holds none."""
    found = json.loads(file.read_bytes())
    if not isinstance(found, dict):
        raise ValueError("it holds no object")  # noqa: TRY004 -- as for a file that isn't JSON
    return found
