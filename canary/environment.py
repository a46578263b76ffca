"""An environment apart from the clone's, with the packages that are tried."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from canary.pins import pins
from canary.tree import make_tree
from console.build_settings import build_settings
from console.errors import CommandFailed

WANTED = Path("requirements/dev.in")
LOCK = Path("requirements/dev.txt")
_GROUP = "@"


@dataclass(frozen=True)
class Trial:
    """The outcome of a test run; `failed` are node ids, none where it could not even begin."""

    ok: bool
    failed: tuple[str, ...]


@dataclass(frozen=True)
class Environment:
    """A virtual environment under `folder`, made by uv, and a copy of the clone that has it.

    Tests run in the copy: what they type there, `make run` too, has the packages that are tried.
    """

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.venv / "bin" / "python"

    @property
    def venv(self) -> Path:
        """Where its packages lie."""
        return self.folder / "venv"

    @property
    def tree(self) -> Path:
        """The copy of the clone, whose `.venv` it is."""
        return self.folder / "tree"

    def make(self) -> None:
        """Make both anew: without packages, with the clone's Python and its files as they are."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(self.venv))
        make_tree(Path.cwd(), self.tree, self.venv)

    def newest(self) -> dict[str, str]:
        """The newest versions that requirements/dev.in allows, as of now."""
        return _resolved()

    def locked(self) -> dict[str, str]:
        """What the lock means for this Python on this machine."""
        return _resolved("--constraints", str(LOCK))

    def install(self, versions: Mapping[str, str]) -> None:
        """Have exactly these packages.

        Raises:
            CommandFailed: They can't be installed, or don't go together.
        """
        file = self.folder / "versions.txt"
        file.write_text("".join(f"{name}=={version}\n" for name, version in versions.items()))
        at = ("--quiet", "--python", str(self.python))
        _uv("pip", "sync", *at, "--compile-bytecode", str(file))
        _uv("pip", "check", "--python", str(self.python))  # it says why only where it may speak
        (self.venv / ".complete").touch()  # make asks for it, in the copy and in copies of that

    def test(self, *chosen: str) -> Trial:
        """Run tests in it, those of `make test` unless some are chosen."""
        cache = self.folder / "cache"
        last = cache / "v" / "cache" / "lastfailed"
        last.unlink(missing_ok=True)
        options = ("--numprocesses", "logical", "--maxprocesses", "4", "--dist", "loadgroup")
        command = (str(self.python), "-m", "pytest", *options, "-o", f"cache_dir={cache}", *chosen)
        # `python flows/…` finds `services`, as .venv's own path file has it do.
        environment = {**os.environ, "PYTHONPATH": str(self.tree)}
        done = subprocess.run(command, cwd=self.tree, env=environment, check=False)
        return Trial(done.returncode == 0, node_ids(last.read_text() if last.exists() else "{}"))


def _resolved(*options: str) -> dict[str, str]:
    python = ("--python", sys.executable)
    return pins(_uv("pip", "compile", "--quiet", "--no-header", *python, *options, str(WANTED)))


def node_ids(lastfailed: str) -> tuple[str, ...]:
    """The tests that pytest's cache holds as failed, without the group that xdist appends."""
    return tuple(sorted({_without_group(one) for one in json.loads(lastfailed)}))


def _without_group(node: str) -> str:
    name, _, group = node.rpartition(_GROUP)
    return name if name and "]" not in group else node


def _uv(*arguments: str) -> str:
    """What uv prints; it installs from where this machine's pip does."""
    found = build_settings(os.environ)
    known = {"UV_DEFAULT_INDEX": found["PIP_INDEX_URL"], "SSL_CERT_FILE": found["CA_FILE"]}
    environment = {**{name: value for name, value in known.items() if value}, **os.environ}
    done = subprocess.run(
        [".venv/bin/uv", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CommandFailed(f"uv {' '.join(arguments[:2])} failed:\n{done.stderr.strip()}")
    return done.stdout
