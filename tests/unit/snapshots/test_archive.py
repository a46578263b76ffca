"""A snapshot's file: whole or refused, whatever happened to it."""

import json
import os
import stat
import subprocess
import tarfile
from dataclasses import replace

import pyarrow as pa
import pytest

from local.console.errors import CommandFailed
from local.snapshots import archive
from local.snapshots.incident.pack import incident
from local.snapshots.manifest import FORMAT, SNAPSHOT, Manifest, encode
from local.snapshots.take import snapshot

PARTS = {"first": b"one" * 1000, "second": os.urandom(100_000)}


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "parts"
    made.mkdir()
    for name, content in PARTS.items():
        (made / name).write_bytes(content)
    return made


@pytest.fixture
def manifest(folder):
    return Manifest(
        kind=SNAPSHOT,
        made_at="2025-12-10T16:23:25Z",
        made_by="test",
        place="embedded",
        network="12208d9089ce",
        parts=archive.describe(folder, [*PARTS, "not there"]),
        updates={"bronze": 7},
    )


@pytest.fixture
def file(tmp_path, folder, manifest):
    written = tmp_path / "kept" / "x.tar.zst"
    archive.write(written, folder, manifest)
    return written


def test_what_was_written_comes_back(file, manifest, tmp_path):
    assert archive.read_manifest(file) == manifest
    (tmp_path / "back").mkdir()
    assert archive.unpack(file, tmp_path / "back") == manifest
    assert {one.name: one.read_bytes() for one in (tmp_path / "back").iterdir()} == PARTS
    assert [one.name for one in file.parent.iterdir()] == [file.name], "no draft is left"


def test_the_file_names_nobody(file):
    with (
        pa.CompressedInputStream(str(file), "zstd") as stream,
        tarfile.open(fileobj=stream, mode="r|") as bundle,
    ):
        first = bundle.getmembers()[1]
    assert (first.uid, first.uname) == (0, "")


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.99])
def test_a_file_that_is_cut_off_is_refused(file, kept):
    content = file.read_bytes()
    file.write_bytes(content[: int(kept * len(content)) if kept < 1 else kept])
    with pytest.raises(CommandFailed, match=r"x\.tar\.zst.*get the file again|manifest isn't"):
        archive.unpack(file)


@pytest.mark.parametrize("place", [0.3, 0.6, 0.9])
def test_a_flipped_byte_is_refused(file, place):
    content = bytearray(file.read_bytes())
    content[int(place * len(content))] ^= 0x10
    file.write_bytes(content)
    with pytest.raises(CommandFailed, match="get the file again"):
        archive.unpack(file)


def test_a_part_that_is_another_one_is_refused(tmp_path, folder, manifest):
    parts = {**manifest.parts, "first": replace(manifest.parts["first"], sha256="0" * 64)}
    file = tmp_path / "x.tar.zst"
    archive.write(file, folder, replace(manifest, parts=parts))
    with pytest.raises(CommandFailed, match="its first is damaged: get the file again"):
        archive.unpack(file)


def test_a_newer_format_is_refused(tmp_path, folder, manifest):
    file = tmp_path / "x.tar.zst"
    archive.write(file, folder, replace(manifest, format=FORMAT + 1))
    with pytest.raises(CommandFailed, match=r"newer version .*: update this clone"):
        archive.read_manifest(file)


def test_a_part_that_nobody_named_is_not_written(tmp_path, folder, manifest):
    file = tmp_path / "x.tar.zst"
    with file.open("wb") as raw, tarfile.open(fileobj=raw, mode="w") as bundle:
        (tmp_path / archive.MANIFEST).write_bytes(encode(manifest))
        bundle.add(tmp_path / archive.MANIFEST, archive.MANIFEST)
        bundle.add(folder / "first", "../elsewhere")
    codec = pa.Codec("zstd")
    file.write_bytes(codec.compress(file.read_bytes(), asbytes=True))
    (tmp_path / "back").mkdir()
    with pytest.raises(CommandFailed, match=r"holds \.\./elsewhere, which its manifest"):
        archive.unpack(file, tmp_path / "back")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a b"])
def test_a_name_is_a_name_or_a_path(name):
    if "/" in name:
        assert archive.file_of(name).name == "x"
        return
    with pytest.raises(CommandFailed):
        archive.file_of(name)


def test_a_manifest_can_be_read_by_a_person(manifest):
    assert json.loads(encode(manifest))["updates"] == {"bronze": 7}
    assert encode(manifest).count(b"\n") > 5


def test_what_a_killed_command_left_is_gone_with_the_next_one(tmp_path):
    ended = subprocess.Popen(["true"])
    ended.wait()
    (tmp_path / f".draft-{ended.pid}-x").mkdir()
    mine = tmp_path / f".draft-{os.getpid()}-x"
    mine.mkdir()
    with archive.workshop(tmp_path) as folder:
        assert sorted(tmp_path.iterdir()) == sorted([mine, folder])
    assert list(tmp_path.iterdir()) == [mine]


def test_drafts_of_killed_commands_are_cleared_wherever_a_snapshot_is_written(
    tmp_path, folder, manifest
):
    ended = subprocess.Popen(["true"])
    ended.wait()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / f".y.tar.zst.{ended.pid}").touch()
    kept = {f".y.tar.zst.{os.getppid()}", ".y.tar.zst", f".notes.{ended.pid}"}
    for name in kept:
        (elsewhere / name).touch()
    archive.write(elsewhere / "x.tar.zst", folder, manifest)
    assert {one.name for one in elsewhere.iterdir()} == {*kept, "x.tar.zst"}


@pytest.mark.parametrize("name", ["../x", "/x", "a/b", "x.tar.zst", ".hidden", "-x", "a b"])
@pytest.mark.parametrize(
    ("command", "given"),
    [(snapshot, {}), (incident, {"RUN": "gray-owl"})],
    ids=["snapshot", "incident"],
)
def test_what_writes_a_file_writes_into_the_folder_for_snapshots_alone(
    command, given, name, tmp_path
):
    with pytest.raises(CommandFailed, match="expected a name of letters, digits"):
        command({"NAME": name, **given}, tmp_path / "shelf")
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_for_its_owner_alone(file):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
