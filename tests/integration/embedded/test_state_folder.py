"""The state of a network on this machine: one user at a time, and none of an older version."""

import json
import signal
import stat
import subprocess
import sys

import pytest

from local.console.errors import CommandFailed
from local.embedded.commands import reset
from local.embedded.state import FORMAT, StateFolder, current_state, networks

HOLDER = """
import signal, sys
from pathlib import Path
from local.embedded.state import StateFolder
with StateFolder("net", Path(sys.argv[1])).lock():
    print("held", flush=True)
    signal.pause()
"""


@pytest.fixture
def state(tmp_path):
    folder = StateFolder("net", tmp_path)
    folder.prepare()
    return folder


@pytest.fixture
def holder(state):
    """Another process that holds the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(state.path.parent)], stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_new_folder_says_its_format(state):
    assert json.loads((state.path / "state.json").read_text()) == {
        "format": FORMAT,
        "network": "net",
    }


def test_a_folder_that_is_there_is_taken_as_it_is(state):
    before = (state.path / "state.json").stat().st_mtime_ns
    state.prepare()
    assert (state.path / "state.json").stat().st_mtime_ns == before


def test_a_folder_of_a_newer_version_is_refused_and_left_alone(state):
    marker = state.path / "state.json"
    newer = {"format": FORMAT + 1, "made_by": "0123abcd", "more": "than is known"}
    marker.write_text(json.dumps(newer))
    with pytest.raises(CommandFailed) as refused:
        state.prepare()
    assert str(refused.value) == (
        f"{state.path} was written by a newer version (format {FORMAT + 1}, this one knows"
        f" {FORMAT}). It is left as it is: update this clone (git pull), go on with revision"
        " 0123abcd, which used it last (git checkout 0123abcd), or start over"
        f" (make reset AT=embedded NETWORK=net STATE={state.path.parent})"
    )
    assert json.loads(marker.read_text()) == newer


@pytest.mark.parametrize("content", ["", "{", "\x00", "[]"])
def test_a_marker_that_cannot_be_read_is_named(state, content):
    (state.path / "state.json").write_text(content)
    with pytest.raises(CommandFailed, match=r"state\.json can't be read .*make reset"):
        state.prepare()


def test_a_state_without_its_marker_is_no_new_folder(state):
    state.warehouse_password()
    (state.path / "state.json").unlink()
    with pytest.raises(CommandFailed, match=r"holds a state, but no state\.json.*make reset"):
        state.prepare()


def test_passwords_that_cannot_be_read_say_that_they_can_be_made_again(state):
    state.warehouse_password()
    for broken in ("{}", "[]", "{"):
        (state.path / "secrets.json").write_text(broken)
        with pytest.raises(CommandFailed, match=r"secrets\.json .*Delete that file"):
            state.warehouse_password()


def test_the_revision_is_written_once_the_services_took_their_state_over(state):
    state.sign("0123abcd")
    assert json.loads((state.path / "state.json").read_text()) == {
        "format": FORMAT,
        "network": "net",
        "made_by": "0123abcd",
    }


def first_format(root):
    """A folder as the first version of this project wrote it."""
    folder = root / "net"
    folder.mkdir()
    (folder / "state.json").write_text('{\n "format": 1,\n "network": "net"\n}\n')
    (folder / "secrets.json").write_text('{\n "warehouse_password": "drawn-once"\n}\n')
    return folder


def test_the_first_format_is_still_read(tmp_path):
    folder = first_format(tmp_path)
    state = StateFolder("net", tmp_path)
    state.prepare()
    assert state.warehouse_password() == "drawn-once"
    assert json.loads((folder / "state.json").read_text())["format"] == FORMAT


@pytest.mark.parametrize("content", ['{"format": 99}', "garbage", None])
def test_what_cannot_be_read_can_be_deleted(tmp_path, content):
    folder = first_format(tmp_path)
    (folder / "lock").touch()
    if content is None:
        (folder / "state.json").unlink()
    else:
        (folder / "state.json").write_text(content)
    (tmp_path / "current").write_bytes(b"\xe6\xff")
    assert reset({"STATE": str(tmp_path), "YES": "1"}) == 0
    assert not folder.exists()


def test_a_disk_without_room_is_refused_before_anything_is_written(tmp_path):
    state = StateFolder("net", tmp_path, least_free_bytes=2**62)
    with pytest.raises(CommandFailed, match=r"^disk full: \d+ MiB are free where .*net lies"):
        state.prepare()
    assert list(state.path.iterdir()) == []


@pytest.mark.usefixtures("holder")
def test_a_folder_that_another_process_holds_is_refused(state):
    assert state.is_locked()
    refused = pytest.raises(CommandFailed, match=f"another command works in {state.path} ")
    with refused, state.lock():
        pytest.fail("two processes hold the folder")


def test_a_folder_is_free_again_when_its_holder_is_killed(state, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert not state.is_locked()
    with state.lock():
        pass


def test_the_warehouses_password_is_made_once_and_for_the_owner_alone(state):
    password = state.warehouse_password()
    assert (len(password) >= 24, state.warehouse_password()) == (True, password)
    mode = (state.path / "secrets.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_ports_are_told_only_while_the_services_run(state):
    with state.running({"scan": 1}):
        assert state.running_ports() == {"scan": 1}
    assert state.running_ports() == {}


def test_a_file_is_replaced_whole(state):
    with state.running({"scan": 1}), state.running({"scan": 2}):
        assert state.running_ports() == {"scan": 2}
    assert [file.name for file in state.path.iterdir()] == ["state.json"]


def test_the_current_network_is_the_last_one_used(tmp_path):
    for network in ("one", "two"):
        StateFolder(network, tmp_path).prepare()
    assert current_state(None, tmp_path).network == "two"
    assert current_state("one", tmp_path).network == "one"
    assert networks(tmp_path) == ["one", "two"]


@pytest.mark.parametrize(("network", "named"), [(None, r"\?"), ("gone", "gone")])
def test_a_network_without_state_is_named_beside_those_with_some(tmp_path, network, named):
    held = StateFolder("held", tmp_path)
    held.path.mkdir()
    (held.path / "state.json").write_text("{}")
    with pytest.raises(CommandFailed, match=rf"holds no network {named}, but held"):
        current_state(network, tmp_path)


def test_a_folder_that_holds_no_state_is_no_network(tmp_path):
    StateFolder("held", tmp_path / "state").prepare()
    with pytest.raises(CommandFailed, match=r"holds no network \.\., but held"):
        current_state("..", tmp_path / "state")


def test_deleting_the_last_network_leaves_nothing_and_touches_nothing_else(tmp_path):
    root = tmp_path / "state"
    for network in ("one", "two"):
        StateFolder(network, root).prepare()
    note = root / "note.txt"
    note.write_text("mine")
    current_state("two", root).delete()
    assert sorted(path.name for path in root.iterdir()) == ["note.txt", "one"]
    note.unlink()
    current_state("one", root).delete()
    assert not root.exists()


def test_a_folder_that_is_held_is_not_deleted(state, holder):
    with pytest.raises(CommandFailed, match="another command works in"):
        state.delete()
    assert state.path.is_dir()
