"""Checks of what a stack restore stops, and when; `docker` is a script that records its words."""

import json
from pathlib import Path

import pytest

from local.snapshots.manifest import SNAPSHOT, Manifest
from local.snapshots.stack_state import StackState
from local.snapshots.state import StillBusy
from local.stack.compose import ComposeFailed
from local.stack.folder import RESTORING
from local.stack.settings import keep, plan_stack
from tests.programs import put_first

DOCKER = """#!/bin/sh
[ "$1" = compose ] && shift 3
echo "$@" >> said
case "$1" in
config) cat declared ;;
ps) cat runs ;;
up) echo no engine as far as this >&2; exit 1 ;;
esac
"""
MANIFEST = Manifest(SNAPSHOT, "2025-12-10T16:23:25Z", "test", "embedded", "12208d9089ce", {})
WORKERS = "prefect-worker control-worker"


@pytest.fixture
def said(tmp_path, monkeypatch):
    """A stack that is up; what Docker was told."""
    monkeypatch.chdir(tmp_path)
    put_first(monkeypatch, tmp_path / "bin", "docker", DOCKER)
    declare("snowflake", "canton-scan", "slack", "prefect-server")
    Path("runs").touch()
    keep(plan_stack({}))
    Path("said").unlink(missing_ok=True)
    return lambda: Path("said").read_text().splitlines()


def declare(*names):
    Path("declared").write_text(json.dumps({"services": {name: {} for name in names}}))


def test_a_run_that_began_meanwhile_is_found_once_no_more_can_begin(said, tmp_path):
    Path("runs").write_text("0123abcd\n")
    with pytest.raises(StillBusy, match="runs are under way on the stack: wait for their end"):
        StackState().put_back(MANIFEST, tmp_path)
    words = [line for line in said() if line.split()[0] in {"stop", "ps", "start"}]
    assert [words[0], words[-1]] == [f"stop {WORKERS}", f"start {WORKERS}"]
    assert len(words) == 3
    assert not RESTORING.exists()


@pytest.mark.parametrize(
    ("second", "stopped"),
    [
        ([], "stop snowflake canton-scan slack"),
        (["canton-scan-behind"], "stop snowflake canton-scan canton-scan-behind slack"),
    ],
    ids=["one Scan", "two Scans"],
)
def test_whatever_keeps_the_old_state_in_memory_is_stopped(said, tmp_path, second, stopped):
    declare("snowflake", "canton-scan", "slack", "prefect-server", *second)
    with pytest.raises(ComposeFailed, match="as far as this"):
        StackState().put_back(MANIFEST, tmp_path)
    stops = [line for line in said() if line.startswith("stop")]
    assert stops == [f"stop {WORKERS}", stopped]
    assert RESTORING.exists()
