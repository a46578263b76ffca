"""`./pipeline snapshots`: what there is, and which file isn't whole."""

import json
import os

import pytest

from local.snapshots import archive
from local.snapshots.listing import snapshots
from local.snapshots.manifest import SNAPSHOT, Manifest

MANIFEST = Manifest(
    kind=SNAPSHOT,
    made_at="2025-12-10T16:23:25Z",
    made_by="test",
    place="embedded",
    network="12208d9089ce",
    parts={},
    updates={"bronze": 7, "silver": 6},
)
OLD = 3 * 86_400


@pytest.fixture
def shelf(tmp_path):
    """A snapshot of some days ago."""
    archive.write(tmp_path / "old.tar.zst", tmp_path, MANIFEST)
    then = (tmp_path / "old.tar.zst").stat().st_mtime - OLD
    os.utime(tmp_path / "old.tar.zst", (then, then))
    return tmp_path


def listed(shelf, capsys):
    code = snapshots({"FORMAT": "json"}, shelf)
    return code, json.loads(capsys.readouterr().out)


def test_a_whole_one_is_listed_with_what_it_holds(shelf, capsys):
    code, (row,) = listed(shelf, capsys)
    assert code == 0
    assert OLD <= row.pop("age_seconds") <= OLD + 60
    assert row == {
        "name": "old",
        "bytes": (shelf / "old.tar.zst").stat().st_size,
        "problem": "",
        "kind": "snapshot",
        "place": "embedded",
        "network": "12208d9089ce",
        "updates": {"bronze": 7, "silver": 6},
    }
    assert snapshots({}, shelf) == 0
    table = capsys.readouterr().out
    assert "3 d" in table
    assert "whole" in table


def test_a_broken_one_is_told_and_the_others_are_listed_all_the_same(shelf, capsys):
    content = (shelf / "old.tar.zst").read_bytes()
    (shelf / "cut.tar.zst").write_bytes(content[:-9])
    (shelf / ".draft.tar.zst").write_bytes(b"not listed")
    code, rows = listed(shelf, capsys)
    assert code == 1
    assert [row["name"] for row in rows] == ["cut", "old"], "the newest first"
    assert "get the file again" in rows[0]["problem"]
    assert rows[1]["problem"] == ""


def test_none_is_no_problem(tmp_path, capsys):
    assert snapshots({}, tmp_path / "none") == 0
    assert "no snapshots yet: ./pipeline snapshot x takes one" in capsys.readouterr().out
    assert listed(tmp_path / "none", capsys) == (0, [])
