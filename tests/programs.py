"""Programs of a test's own, in the place of the machine's."""

from pathlib import Path

import pytest


def put_first(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, script: str) -> None:
    """Put a script on the PATH, before any other program of this name."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(script)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
