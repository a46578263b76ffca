"""Child processes: started together, watched, and gone with us."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from local.console.errors import CommandFailed
from local.console.formats import refusal_in
from local.console.ports import bound_socket

STOP_SECONDS = 10.0
MOST_LOG_BYTES = 10 * 1024 * 1024  # as docker-compose.yml has it, of two files as well
_LAST_WORDS = 5
_LINES_OF_A_REFUSAL = 40  # a vendor's may be followed by a traceback's end


class ChildFailed(CommandFailed):
    """A child process ended, or stopped answering, before it was told to stop."""


@dataclass(frozen=True)
class ChildSpec:
    """A child process to start: a Python module or a ``.py`` file.

    A service has a `ready_url`, which answers 200 once it can be used, and goes on until it is
    stopped; a job has none and ends by itself. What a visible one prints goes to our own output.
    `descriptors` are open files of ours that it has too; `python` is of another environment.
    """

    name: str
    program: str
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    ready_url: str = ""
    ready_seconds: float = 60.0
    is_visible: bool = False
    descriptors: tuple[int, ...] = ()
    python: str = sys.executable


@dataclass
class Child:
    """A started child and the file that holds what it prints."""

    spec: ChildSpec
    process: subprocess.Popen[bytes]
    log: Path
    log_start: int = 0  # what lies before is of earlier ones

    def ended(self, seconds: float) -> int | None:
        """The exit code of a job that ends within so many seconds; None: it goes on.

        Raises:
            ChildFailed: A signal ended it.
        """
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        if code < 0:
            name = signal.Signals(-code).name
            raise ChildFailed(
                f"{self.spec.name} was killed by {name}; the next run goes on where this one was"
            )
        return code

    def last_lines(self, count: int) -> list[str]:
        with self.log.open("rb") as file:
            file.seek(self.log_start)
            return file.read().decode(errors="replace").splitlines()[-count:]


class Children:
    """Starts children on a leash (see `local.embedded.leash`) and stops them all on the way out.

    Args:
        log_folder: Keeps what they print, a file each.
        environment: What every child finds in its environment.
    """

    def __init__(self, log_folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._log_folder = log_folder
        self._environment = environment
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        self._log_folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop all children; a failure caused by a service's end is reported as that end.

        Raises:
            ChildFailed: A service had ended by itself.
        """
        try:
            if isinstance(error, Exception) and not isinstance(error, CommandFailed):
                self.check()  # what is explained already keeps its words
        finally:
            self.stop()

    def start(self, spec: ChildSpec) -> Child:
        """Start a child at once; `wait_ready` waits until it can be used."""
        log = self._log_folder / f"{spec.name}.log"
        if log.exists() and log.stat().st_size > MOST_LOG_BYTES:
            log.replace(log.with_name(f"{log.name}.1"))  # in the place of what was set aside before
        with log.open("ab") as output:
            log_start = output.tell()
            process = subprocess.Popen(
                [spec.python, "-m", "local.embedded.leash", spec.program, *spec.args],
                env={**self._environment, **spec.env},
                stdin=subprocess.PIPE,  # the leash: closed by the kernel when we are gone
                stdout=None if spec.is_visible else output,
                stderr=None if spec.is_visible else subprocess.STDOUT,
                pass_fds=spec.descriptors,
                start_new_session=True,  # Ctrl-C reaches us alone; we stop the children in order
            )
        child = Child(spec, process, log, log_start)
        self._children.append(child)
        return child

    def wait_ready(self, *children: Child) -> None:
        """Return once every child answers.

        Raises:
            ChildFailed: One ended, or did not answer within its `ready_seconds`.
            StateRefused: One ended because of its state.
        """
        for child in children:
            deadline = time.monotonic() + child.spec.ready_seconds
            while not _answers(child.spec.ready_url):
                self.check()
                if time.monotonic() > deadline:
                    raise ChildFailed(
                        f"{child.spec.name} did not answer {child.spec.ready_url} within "
                        f"{child.spec.ready_seconds:.0f} s; see {child.log}"
                    )
                time.sleep(0.05)

    def check(self) -> None:
        """Raise `ChildFailed` when a service has ended by itself.

        Raises:
            StateRefused: It ended because its state is of another version, or broken.
        """
        for child in self._children:
            if child.spec.ready_url and (code := child.process.poll()) is not None:
                if refused := refusal_in(child.last_lines(_LINES_OF_A_REFUSAL)):
                    raise refused
                last_words = "\n".join(child.last_lines(_LAST_WORDS))
                raise ChildFailed(
                    f"{child.spec.name} ended with exit code {code}; see {child.log}\n{last_words}"
                )

    def stop(self) -> None:
        """Stop every child: the jobs first, which still talk to the services."""
        _stop([child for child in self._children if not child.spec.ready_url])
        _stop([child for child in self._children if child.spec.ready_url])
        self._children.clear()


def _stop(children: Sequence[Child]) -> None:
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            child.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
        if child.process.stdin:
            child.process.stdin.close()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):  # noqa: S310 -- loopback, ours
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def free_port() -> int:
    (port,) = free_ports(1)
    return port


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on right now, all of them different."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(bound_socket(0)) for _ in range(count)]
        return [sock.getsockname()[1] for sock in sockets]
