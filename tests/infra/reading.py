"""Somebody who follows a document: types its commands, one after another, into one clean shell."""

import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path

END_SECONDS = 10


class Shell:
    """A shell that ends at the first command that fails.

    Args:
        folder: Where it begins.
        environment: All that it knows; nothing of ours comes through.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], cwd=folder, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.types("set -eo pipefail")

    def types(self, commands: str, pasted: str = "") -> str:
        """Type commands and return their output; `pasted` goes to each command that reads a line.

        Raises:
            AssertionError: One of them failed; with all that was printed.
        """
        lines = commands.splitlines()
        for number, line in reversed([*enumerate(lines, 1)]):
            if line.startswith("read "):
                lines.insert(number, pasted)
        mark = uuid.uuid4().hex
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n".join([*lines, f"echo {mark}", ""]))
        process.stdin.flush()
        printed: list[str] = []
        for line in process.stdout:
            if line.strip() == mark:
                return "".join(printed)
            printed.append(line)
        raise AssertionError(f"{commands}\nfailed:\n{''.join(printed)}")

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(END_SECONDS)
        self._process.stdout.close()
