"""Checks that what this version can't read is refused before anything is kept or replaced."""

import tarfile

import pytest

from local.console.errors import CommandFailed
from local.embedded.state import RESTORING, StateFolder
from local.snapshots import archive, ledger, warehouse
from local.snapshots.manifest import SNAPSHOT, LedgerState, Manifest
from local.snapshots.restore import restore
from mocks.canton_scan.state import FORMAT, State, StateFile
from mocks.canton_scan.timeline import Stretch

NETWORK = "12208d9089ce"
TOLD = LedgerState("seed", 1.0, "2025-12-10T16:23:25Z", 1_765_384_000_000_000, 1.0, is_frozen=False)


@pytest.fixture
def write(tmp_path):
    """Writes a snapshot of a warehouse's file and a ledger of some format."""
    folder = tmp_path / "parts"
    folder.mkdir()

    def written(database, ledgers_format):
        (folder / "CANTON.db").write_bytes(database)
        with tarfile.open(folder / warehouse.PART, "w") as tar:
            tar.add(folder / "CANTON.db", "CANTON.db")
        state = State("seed", (Stretch(0, 0, TOLD.shown, 1_000_000),), 1, ledgers_format)
        StateFile(folder / ledger.PART).write(state)
        manifest = Manifest(
            kind=SNAPSHOT,
            made_at="2025-12-10T16:23:25Z",
            made_by="test",
            place="embedded",
            network=NETWORK,
            parts=archive.describe(folder, [warehouse.PART, ledger.PART]),
            ledger=TOLD,
        )
        archive.write(tmp_path / "x.tar.zst", folder, manifest)
        return {
            "NAME": str(tmp_path / "x.tar.zst"),
            "STATE": str(tmp_path / "state"),
            "AT": "embedded",
            "YES": "1",
        }

    return written


@pytest.mark.parametrize(
    ("ledgers_format", "refusal"),
    [
        (FORMAT + 1, rf"ledger of the snapshot: .* has format {FORMAT + 1}"),
        (FORMAT, "warehouse of the snapshot can't be read by DuckDB"),
    ],
    ids=["ledger", "warehouse"],
)
def test_it_is_refused_before_anything_is_kept_or_replaced(
    tmp_path, write, ledgers_format, refusal
):
    state = StateFolder(NETWORK, tmp_path / "state")
    state.prepare()
    with pytest.raises(CommandFailed, match=refusal):
        restore(write(b"of another DuckDB" * 1000, ledgers_format), tmp_path / "shelf")
    assert [one.name for one in (tmp_path / "shelf").iterdir()] == [], "nothing had to be kept"
    assert (state.path / "state.json").exists()
    assert not (tmp_path / "state" / RESTORING).exists()
