"""Every command that changes the stack waits for the one that is at work."""

import fcntl
import io
import json
import os
import pkgutil
import tarfile
from contextlib import redirect_stderr
from pathlib import Path

import duckdb
import pytest

from cloud.rehearsal.command import rehearse
from local.console.variables import as_typed
from local.snapshots import archive, warehouse
from local.snapshots.manifest import SNAPSHOT, Manifest
from local.snapshots.restore import restore
from local.stack.compose import UP
from local.stack.debug import debug
from local.stack.lock import FILE
from local.stack.settings import keep, plan_stack
from local.verbs import VERBS

# They change runs, tables or the ledger, or nothing; not what the stack is made of.
FREE = {"logs", "shell", "open", "dashboard", "schedule", "trigger", "status"}
FREE |= {"sql", "quality", "quarantine", "release", "discard", "verify", "faults", "clock"}
OWN = {"debug"}  # below: it changes the stack with RULES=1 alone
COMMANDS = {name: verb.at["stack"].calls for name, verb in VERBS.items() if "stack" in verb.at}
CHANGING = sorted({*COMMANDS} - FREE - OWN)


class WaitsForAnother(Exception):
    """The command has said that it waits."""


class Screen(io.StringIO):
    """Standard error, which ends a command that says it waits: it would for long."""

    def write(self, text):
        if "waits for its end" in text:
            raise WaitsForAnother(text)
        return super().write(text)


@pytest.fixture
def at_work(tmp_path, monkeypatch):
    """A stack that is up, and that another command is changing."""
    monkeypatch.chdir(tmp_path)
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text("#!/bin/sh\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{docker.parent}:{os.environ['PATH']}")
    keep(plan_stack({}))
    UP.touch()
    with FILE.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(json.dumps({"verb": "other", "pid": 4711, "since": 0.0}))
        lock.flush()
        yield


def snapshot(folder):
    """A snapshot of an empty warehouse."""
    folder.mkdir()
    duckdb.connect(folder / "CANTON.db").close()
    with tarfile.open(folder / warehouse.PART, "w") as tar:
        tar.add(folder / "CANTON.db", "CANTON.db")
    parts = archive.describe(folder, [warehouse.PART])
    manifest = Manifest(SNAPSHOT, "2025-12-10T16:23:25Z", "test", "stack", "12208d9089ce", parts)
    archive.write(folder / "x.tar.zst", folder, manifest)
    return str(folder / "x.tar.zst")


@pytest.mark.parametrize("command", CHANGING)
def test_a_command_of_the_stack_waits(at_work, command):
    with (
        redirect_stderr(Screen()),
        pytest.raises(WaitsForAnother, match=f"{as_typed(command)} waits"),
    ):
        pkgutil.resolve_name(COMMANDS[command])({"YES": "1"})


def test_a_restore_waits(at_work):
    asked = {"NAME": snapshot(Path("parts")), "AT": "stack", "YES": "1"}
    with (
        redirect_stderr(Screen()),
        pytest.raises(WaitsForAnother, match=r"\./pipeline restore waits"),
    ):
        restore(asked, Path("shelf"))


def test_a_rehearsal_waits(at_work):
    with (
        redirect_stderr(Screen()),
        pytest.raises(WaitsForAnother, match=r"\./pipeline rehearse waits"),
    ):
        rehearse({})


def test_a_debugger_in_the_warehouse_waits(at_work):
    with (
        redirect_stderr(Screen()),
        pytest.raises(WaitsForAnother, match=r"\./pipeline debug waits"),
    ):
        debug({"FLOW": "silver", "RULES": "1"})
