"""The state of `make run` as a file: taken while it runs, and brought back as it was."""

import shutil
import threading
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from functools import partial

import pytest

from local.console.commands import verify
from local.console.errors import CommandFailed
from local.console.steering import advance_clock
from local.embedded.attach import attach
from local.embedded.children import Children
from local.embedded.run import prepare, start_data_services
from local.embedded.state import RESTORING, WHOLE, StateFolder
from local.snapshots import archive
from local.snapshots.restore import BEFORE, restore
from local.snapshots.take import snapshot
from services.gold import ensure_rate
from services.settings import SECTIONS, read_settings
from tests.integration.pipeline import open_pipeline

HISTORY = 400
OWN = ("AWS_", *(f"{section.upper()}_" for section in SECTIONS))


@pytest.fixture
def shelf(tmp_path):
    return tmp_path / "snapshots"


@pytest.fixture
def told(tmp_path):
    """The settings that each command receives."""
    return {"STATE": str(tmp_path / "state"), "AT": "embedded", "YES": "1"}


@pytest.fixture
def running(told, monkeypatch):
    """A pipeline on services of its own, as within a `make run`."""

    @contextmanager
    def run():
        this = prepare({**told, "SEED": "snapshots", "HISTORY": str(HISTORY), "RATE": "1"})
        with this.state.lock(), Children(this.state.path / "logs", this.environment) as children:
            ensure_rate(start_data_services(this, children), Decimal("0.15"), "set-up")
            for name, value in this.environment.items():
                if name.startswith(OWN):
                    monkeypatch.setenv(name, value)
            line = open_pipeline(read_settings(this.environment))
            with this.state.running(asdict(this.ports)):
                yield this, line
            line.close()

    return run


@pytest.mark.timeout(300)
def test_a_state_is_kept_while_it_grows_and_comes_back_whole(running, told, shelf, capsys):
    with running() as (this, line):
        line.run()
        advance_clock(this.ports.url("scan"), 300)
        growing = threading.Thread(target=line.run)
        growing.start()
        assert snapshot({**told, "NAME": "growing"}, shelf) == 0
        growing.join()
        with pytest.raises(CommandFailed, match=r"a make run works in .*: wait for its end"):
            restore({**told, "NAME": "growing"}, shelf)
    manifest = archive.read_manifest(archive.file_of("growing", shelf))
    assert manifest.updates["bronze"] >= HISTORY
    assert verify(told, partial(attach, told)) == 0

    whole = this.state.path.parent / RESTORING / WHOLE
    whole.parent.mkdir()
    whole.write_text("another")  # as if its restore had been killed as it exchanged the folders
    with pytest.raises(
        CommandFailed, match=r"a \./pipeline restore was stopped at its end: type it again"
    ):
        StateFolder(this.state.network, this.state.path.parent).prepare()
    assert restore({**told, "NAME": "growing"}, shelf) == 0
    assert not whole.parent.exists()
    assert archive.unpack(archive.file_of(BEFORE, shelf)).tables != {}
    assert verify(told, partial(attach, told)) == 0
    assert "restored and verified" in capsys.readouterr().out
    shutil.rmtree(this.state.path / "s3")
    with pytest.raises(CommandFailed, match=r"can't be kept first(.|\n)*make reset AT=embedded"):
        restore({**told, "NAME": "growing"}, shelf)


def test_a_restore_that_is_not_wanted_or_not_whole_changes_nothing(tmp_path, told, shelf):
    file = tmp_path / "other.tar.zst"
    file.write_bytes(b"no snapshot")
    with pytest.raises(CommandFailed, match=r"other\.tar\.zst isn't whole"):
        restore({**told, "NAME": str(file)}, shelf)
    with pytest.raises(
        CommandFailed, match=r"there is no snapshot .*./pipeline snapshots lists them"
    ):
        restore({**told, "NAME": "nothing"}, shelf)
    with pytest.raises(CommandFailed, match="no local state yet"):
        snapshot({**told, "NAME": "empty"}, shelf)
    assert not (tmp_path / "state").exists()
