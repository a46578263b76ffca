"""No child outlives the process that started it, however that process ends."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE = 20.0  # seconds, on a machine that is busy
PARENT = """
import subprocess, sys
command = [sys.executable, "-m", "local.embedded.leash", sys.argv[1]]
subprocess.Popen(command, stdin=subprocess.PIPE).wait()
"""
# The leash, with a shorter grace for a program that is stuck.
IMPATIENT = """
from local.embedded import leash
leash.GRACE_SECONDS = 0.2
leash.main()
"""
WAITS = "import signal, sys\nprint('ready', flush=True)\nsignal.pause()\n"
STUCK = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
TIDY = """
import os, signal, sys
def tidy(*_):
    os.write(1, b"tidied up\\n")  # print may have been interrupted in here
    sys.exit(7)
signal.signal(signal.SIGTERM, tidy)
"""


@dataclass(frozen=True)
class Pipe:
    """The output of a family of processes; it ends when the last of them has ended."""

    read_end: int
    write_end: int

    def line(self) -> bytes:
        """The next line, or nothing at the end."""
        found = b""
        while not found.endswith(b"\n"):
            readable, _, _ = select.select([self.read_end], [], [], PATIENCE)
            assert readable, f"nothing came, and nobody ended, after {found!r}"
            character = os.read(self.read_end, 1)
            if not character:
                break
            found += character
        return found


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    read_end, write_end = os.pipe()
    yield Pipe(read_end, write_end)
    os.close(read_end)


@pytest.fixture
def job(tmp_path):
    """A program file with this text."""

    def write(text: str) -> Path:
        file = tmp_path / "job.py"
        file.write_text(text)
        return file

    return write


@pytest.fixture
def start(pipe):
    """Starts a program that prints into the pipe; the one end that we hold is its leash."""
    started: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, *arguments]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=pipe.write_end)
        os.close(pipe.write_end)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()


def test_a_child_ends_when_its_parent_is_killed(start, pipe, job):
    parent = start("-c", PARENT, str(job(WAITS)))
    assert pipe.line() == b"ready\n"
    parent.kill()
    assert pipe.line() == b"", "the child has ended too"


def test_a_child_ends_when_its_leash_is_let_go(start, pipe, job):
    child = start("-m", "local.embedded.leash", str(job(WAITS)))
    assert pipe.line() == b"ready\n"
    child.stdin.close()
    assert child.wait(PATIENCE) == -signal.SIGTERM


def test_a_child_may_tidy_up_before_it_ends(start, pipe, job):
    child = start("-m", "local.embedded.leash", str(job(TIDY + WAITS)))
    assert pipe.line() == b"ready\n"
    child.stdin.close()
    assert (pipe.line(), child.wait(PATIENCE)) == (b"tidied up\n", 7)


def test_a_child_that_is_stuck_ends_all_the_same(start, pipe, job):
    child = start("-c", IMPATIENT, str(job(STUCK + WAITS)))
    assert pipe.line() == b"ready\n"
    child.stdin.close()
    assert child.wait(PATIENCE) == 1


def test_a_child_on_a_leash_ends_by_itself_with_its_own_exit_code(start, job):
    assert start("-m", "local.embedded.leash", str(job("raise SystemExit(3)"))).wait(PATIENCE) == 3


def test_a_file_runs_as_python_itself_would_run_it(start, pipe, job):
    file = job("import sys, neighbour\nprint(__name__, sys.argv, neighbour.NAME, flush=True)\n")
    file.with_name("neighbour.py").write_text("NAME = 'next door'\n")
    start("-m", "local.embedded.leash", str(file), "--port", "1")
    assert pipe.line().decode() == f"__main__ ['{file}', '--port', '1'] next door\n"


def test_a_module_runs_as_python_itself_would_run_it(start, pipe):
    start("-m", "local.embedded.leash", "json.tool", "--help")
    assert pipe.line().startswith(b"usage: ")
