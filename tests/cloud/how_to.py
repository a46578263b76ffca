"""Carries out what a how-to says in a copy of the clone.

The line before a block of code says where the block goes, to a reader and to the test alike:
"`FILE`, after the line with `TEXT`:" (or "before") is the first line that holds TEXT. A file of its
own, which the text names, has the comment ``<!-- new FILE -->``; ``NNNN`` in its name is the number
after the last one in its folder.
"""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.clone import copy_tree

_STEP = re.compile(
    r"^(?:<!-- new (?P<new>\S+) -->\n|"
    r"`(?P<file>[^`\n]+)`, (?P<where>after|before) the line with `(?P<text>[^`\n]+)`:\n\n)"
    r"```\w*\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_TESTS = re.compile(r'^make test T="([^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Copy:
    """A copy of the clone, in which pages are followed."""

    path: Path

    def follow(self, page: Path) -> set[str]:
        """Change what the page says; the files that were changed."""
        changed = set()
        for step in steps(page):
            file = _numbered(self.path / (step["new"] or step["file"]))
            text = step["code"] if step["new"] else _with(file.read_text(), step)
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
            changed.add(str(file.relative_to(self.path)))
        return changed

    @contextmanager
    def without(self, step: re.Match[str]) -> Iterator[None]:
        """Undo one step of a page that was followed, as if somebody had forgotten it."""
        (file,) = self.path.glob((step["new"] or step["file"]).replace("NNNN", "*"))
        text = file.read_text()
        if step["new"]:
            file.unlink()
        else:
            assert _added(step) in text
            file.write_text(text.replace(_added(step), "", 1))
        yield
        file.write_text(text)

    def make(self, *words: str) -> str:
        """Return the output of `make` in the copy if it fails, with this clone's environment."""
        done = subprocess.run(
            ["make", *words], cwd=self.path, capture_output=True, text=True, check=False
        )
        return f"{done.stdout}{done.stderr}" if done.returncode else ""

    def run(self, *command: str) -> str:
        """Run a Python module on the copy and return its output; empty if it succeeds."""
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return f"{done.stdout}{done.stderr}" if done.returncode else ""


def copied(folder: Path) -> Copy:
    """Copy the working tree, with its environment."""
    copy_tree(folder)
    return Copy(folder)


def steps(page: Path) -> Iterator[re.Match[str]]:
    """Return the blocks of code that say where they go."""
    return _STEP.finditer(page.read_text())


def named_tests(page: Path) -> list[str]:
    """Return the arguments that the page types after `make test`, one word each."""
    return [word for typed in _TESTS.findall(page.read_text()) for word in shlex.split(typed)]


def _numbered(file: Path) -> Path:
    if "NNNN" not in file.name:
        return file
    last = max(int(one.name.partition("_")[0]) for one in file.parent.iterdir())
    return file.with_name(file.name.replace("NNNN", f"{last + 1:04}"))


def _with(text: str, step: re.Match[str]) -> str:
    lines = text.splitlines(keepends=True)
    found = next(number for number, line in enumerate(lines) if step["text"] in line)
    place = found + (step["where"] == "after")
    return "".join([*lines[:place], _added(step), *lines[place:]])


def _added(step: re.Match[str]) -> str:
    is_of_its_own = step["code"].startswith(("def ", "class "))
    return step["code"] + "\n\n" * is_of_its_own
