"""A copy of this working tree, and what a user types in it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from local.console.variables import IN_MAKE
from local.verbs import TEXT, VERBS, flags

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 900


def until(holds: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Wait until `holds` returns something true, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.5)
    return found


def command(verb: str, *given: str) -> list[str]:
    """A verb as it is typed, with what it is given as `NAME=value`."""
    return (
        ["make", verb, *given] if verb not in VERBS or verb in IN_MAKE else [*typed(verb, *given)]
    )


@dataclass(frozen=True)
class Typed:
    """A command that was typed and goes on; `screen` is what it printed so far."""

    process: subprocess.Popen[bytes]
    screen: Path

    def shows(self, text: str) -> None:
        """Wait until it prints something."""
        until(lambda: text in self.screen.read_text(), f"{text} in {self.screen.read_text()}")

    def press_ctrl_c(self) -> None:
        """Send SIGINT to every process of the command, as a terminal does."""
        os.killpg(self.process.pid, signal.SIGINT)

    def is_gone(self) -> bool:
        """Tell whether every process of the command has ended."""
        self.process.poll()
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False


@dataclass(frozen=True)
class Clone:
    """A copy of this working tree, where somebody types `make`, with more in the environment."""

    path: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def make(
        self, *words: str, said: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a verb with `said` on its standard input; return the output and exit code."""
        return self.run(*command(*words), said=said, **environment)

    def run(
        self, *command: str, said: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """The same of any command."""
        return subprocess.run(
            command, cwd=self.path,
            env={**_own_environment(), **self.environment, **environment},
            input=said or "", capture_output=True, text=True, check=False,
            timeout=PATIENCE_SECONDS,
        )  # fmt: skip

    def makes(self, *words: str) -> str:
        """Run a verb that must succeed; return its output."""
        done = self.make(*words)
        assert done.returncode == 0, f"make {' '.join(words)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def compose(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `docker compose` on the clone's stack; return the output and exit code."""
        command = ("docker", "compose", "--env-file", ".stack/env", *words)
        return self.run(*command, DOCKER_BUILDKIT="1")

    def composes(self, *words: str) -> str:
        """Run a `docker compose` command that must succeed; return its output."""
        done = self.compose(*words)
        assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def refuses(self, *words: str, **environment: str) -> str:
        """The one message of a command that can't go on."""
        done = self.make(*words, **environment)
        told = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
        assert done.returncode, f"make {' '.join(words)} went well:\n{done.stdout}"
        assert "Traceback" not in done.stderr
        assert told[0].startswith("error: "), done.stderr
        return "\n".join(told)

    @contextmanager
    def typing(self, *words: str) -> Iterator[Typed]:
        """A command in a terminal of its own, ended at last."""
        screen = self.path / ".screen"
        # A shell's background ignores Ctrl-C, and so would all that these tests start there.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with screen.open("wb") as output:
            process = subprocess.Popen(
                command(*words), cwd=self.path, env={**_own_environment(), **self.environment},
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        typed = Typed(process, screen)
        try:
            yield typed
        finally:
            if not typed.is_gone():
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a warehouse query."""
        return [
            json.loads(line) for line in self.makes("sql", f"Q={query}", "FORMAT=json").splitlines()
        ]

    def status(self) -> dict[str, Any]:
        """Return the parsed JSON of `make status`, whether the stack is healthy or not."""
        done = self.make("status", "FORMAT=json")
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def prefect(self) -> httpx.Client:
        """Prefect's API, as its page uses it."""
        name, password = self.settings["PREFECT_AUTH"].split(":", 1)
        url = f"http://127.0.0.1:{self.settings['PREFECT_PORT']}/api"
        return httpx.Client(base_url=url, auth=(name, password), timeout=60, trust_env=False)

    @property
    def settings(self) -> dict[str, str]:
        """The stack's names, ports and passwords."""
        lines = (self.path / ".stack" / "env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def project(self) -> str:
        """The Compose project."""
        return self.settings["COMPOSE_PROJECT"]


def _own_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}


@contextmanager
def made_clone(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Clone]:
    """A copy of this working tree; nothing of its stack is left afterwards."""
    copy_tree(folder)
    folder.chmod(0o755)  # pytest makes it for its own user only; containers have another
    clone = Clone(folder, environment or {})
    try:
        yield clone
    finally:
        clone.make("reset", "AT=stack", "YES=1", "IMAGES=1")


def copy_tree(folder: Path) -> None:
    """This working tree, as git would hold it, with the same environment."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(".venv"):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    (folder / ".venv").symlink_to(sys.prefix)


def typed(verb: str, *assignments: str) -> Iterator[str]:
    """The words to type for a verb and its options, from assignments such as `NAME=value`."""
    yield from ("./pipeline", verb)
    for name, _, value in (one.partition("=") for one in assignments):
        yield from option_words(verb, name, value)


def option_words(verb: str, name: str, value: str) -> list[str]:
    switch = flags(name)
    if name == VERBS[verb].argument:
        return [value]
    if VERBS[verb].option(name).kind == TEXT:
        return [switch[0], value]
    return [{"1": switch[0], "0": switch[1]}[value]]
