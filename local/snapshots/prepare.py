"""A snapshot's parts, ready to stand in a place: what this version can't read is refused here."""

from pathlib import Path

from local.snapshots import ledger, objects, warehouse
from local.snapshots.manifest import Manifest


def warehouse_of(folder: Path) -> Path:
    """Return the folder of prepared parts that holds the warehouse's files."""
    return folder / "data"


def prepare(manifest: Manifest, folder: Path) -> None:
    """Put the warehouse's files together, and look at the ledger; an incident has neither.

    Raises:
        CommandFailed: This version's DuckDB or mocked Scan doesn't read them, or lines are missing.
    """
    if manifest.failure:
        return
    if manifest.ledger:
        ledger.check(folder / ledger.PART)
    data = warehouse_of(folder)
    data.mkdir()
    warehouse.extract(folder / warehouse.PART, data)
    warehouse.put_payloads_in(data, objects.read(folder))
