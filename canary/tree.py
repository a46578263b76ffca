"""A copy of the working tree, for what would otherwise use the clone's own `.venv`."""

import shutil
import subprocess
from pathlib import Path


def copy_files(root: Path, folder: Path) -> None:
    """The files of a working tree, as git would hold them, in a folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, check=True, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (root / name).is_file() and not name.startswith(".venv"):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target)


def make_tree(root: Path, folder: Path, venv: Path) -> None:
    """A clone with the files as they are now, and with another environment as its `.venv`."""
    _git("clone", "--quiet", "--no-checkout", str(root), str(folder))
    _git("-C", str(folder), "reset", "--quiet")
    copy_files(root, folder)
    (folder / ".venv").symlink_to(venv)


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], capture_output=True, check=True)
