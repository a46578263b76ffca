"""A clone of its own for each stack that is tested, with names and ports of its own."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 900


@dataclass(frozen=True)
class Clone:
    """A copy of this working tree, where somebody types `make`, with more in the environment."""

    path: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        """What a command printed, and how it ended."""
        return self.run("make", *words)

    def makes(self, *words: str) -> str:
        """What a command printed that went well."""
        done = self.make(*words)
        assert done.returncode == 0, f"make {' '.join(words)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Any other command there."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        return subprocess.run(
            command, cwd=self.path, env={**own, **self.environment}, capture_output=True,
            text=True, check=False, timeout=PATIENCE_SECONDS,
        )  # fmt: skip

    def rows(self, query: str) -> list[dict[str, Any]]:
        """What the warehouse answers."""
        return [
            json.loads(line) for line in self.makes("sql", f"Q={query}", "FORMAT=json").splitlines()
        ]

    @property
    def settings(self) -> dict[str, str]:
        """The stack's names, ports and passwords."""
        lines = (self.path / ".stack" / "env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


@contextmanager
def made_clone(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Clone]:
    """The working tree as it is, copied to a folder; its stack is gone at the end."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    found = Clone(folder, environment or {})
    try:
        yield found
    finally:
        found.make("reset", "YES=1")
