"""Small files of a state, each replaced whole."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_json(file: Path, content: Mapping[str, Any], mode: int = 0o644) -> None:
    """Write an object whole or not at all."""
    write_text(file, json.dumps(content, indent=1) + "\n", mode)


def write_text(file: Path, text: str, mode: int = 0o644) -> None:
    """Write a file whole or not at all."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
