"""One command at a time changes a stack; who waits is told for whom."""

import fcntl
import os
import subprocess
import sys

import pytest

from local.console.errors import CommandFailed
from local.stack.lock import exclusive, holder

HOLD = """
from pathlib import Path
import sys
from local.stack.lock import exclusive
with exclusive("up", Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "lock"


@pytest.fixture
def other(file):
    """A process that holds the stack for `make up` until it is ended."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_who_waits_is_told_for_whom_and_goes_on_at_its_end(file, other, capsys):
    waited = []

    def end_the_other(_):
        waited.append(capsys.readouterr().err)
        other.kill()
        other.wait()

    with exclusive("down", file, pause=end_the_other):
        assert holder(file).verb == "down"
    (told,) = waited
    assert told.startswith(f"make up (process {other.pid}) has been at work here for ")
    assert f"make down waits for its end (Ctrl-C stops waiting, kill {other.pid} ends" in told


def test_a_holder_that_hangs_is_not_waited_for_for_ever(file, other):
    with pytest.raises(CommandFailed) as refused, exclusive("down", file, patience_seconds=0):
        pass
    assert str(refused.value).endswith(f": end it (kill {other.pid}), then make down again")
    assert holder(file).pid == other.pid


def test_who_waits_is_reminded_now_and_then(file, other, capsys):
    told = []

    def look(_):
        told.append(capsys.readouterr().err)
        if len(told) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), exclusive("down", file, remind_seconds=0, pause=look):
        pass
    assert all("make down waits for its end" in one for one in told)


def test_a_lock_ends_with_its_process_however_that_ends(file, other):
    other.kill()
    other.wait()
    assert holder(file) is None
    with exclusive("up", file, patience_seconds=0):
        assert holder(file).pid == os.getpid()
    assert holder(file) is None


def test_a_holder_that_has_not_said_who_it_is_is_waited_for(file):
    with file.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert holder(file) is None
        with exclusive("up", file, pause=lambda _: fcntl.flock(held, fcntl.LOCK_UN)):
            assert holder(file).verb == "up"


def test_a_holder_that_never_says_who_it_is_is_told_of_and_given_up(file, capsys):
    told = []

    def look(_):
        told.append(capsys.readouterr().err)
        if len(told) == 2:
            raise KeyboardInterrupt

    with file.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(CommandFailed) as refused, exclusive("up", file, patience_seconds=0):
            pass
        with pytest.raises(KeyboardInterrupt), exclusive("up", file, remind_seconds=0, pause=look):
            pass
    who = f"a command that hasn't said its name holds {file}"
    kill = f"kill what lsof {file} lists"
    assert str(refused.value) == f"{who}: end it ({kill}), then make up again"
    assert all(one.startswith(f"{who}: make up waits for its end") for one in told)
