"""`make snapshot`: everything of a place in one file, as one moment shows it.

The order makes it consistent while the place goes on. Run history first: a run that commits
meanwhile is one that was running, as after a crash. Then the warehouse, in one transaction:
positions move with their rows. Then the objects: they are landed before they are loaded and never
change, so all that the warehouse names are there. The ledger's clock at last, which is never
behind what was landed.
"""

import errno
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from console.errors import CommandFailed
from console.variables import given
from services.tables import print_table
from snapshots import archive, history, ledger, objects, places, warehouse
from snapshots.choose import chosen
from snapshots.manifest import SNAPSHOT, LedgerTold, Manifest
from snapshots.places import Place

PARTS = (ledger.PART, warehouse.PART, *objects.PARTS, places.INBOX, *history.PARTS)


def snapshot(environment: Mapping[str, str]) -> int:
    """Take NAME."""
    name = environment.get("NAME") or f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}"
    file = archive.file_of(name)
    if file.exists() and environment.get("YES") != "1":
        raise CommandFailed(f"{file} is there already: YES=1 replaces it, or choose another NAME")
    place = chosen(environment)
    print(f"taking {place.name}…", flush=True)
    manifest, size = take(place, file)
    print_table(summary(manifest), f"{file}: {size / 1e6:.1f} MB")
    again = f" STATE={environment['STATE']}" if "STATE" in given(environment) else ""
    print(f"make restore NAME={name}{again} brings it back")
    return 0


def take(place: Place, file: Path) -> tuple[Manifest, int]:
    """Write a place's snapshot; what it says of itself, and its size.

    Raises:
        CommandFailed: The place isn't up, or the disk is full.
    """
    with archive.workshop() as folder:
        try:
            manifest = _collect(place, folder)
            return manifest, archive.write(file, folder, manifest)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise CommandFailed(
                f"disk full where {archive.FOLDER} lies: nothing was kept; make room, try again"
            ) from error


def _collect(place: Place, folder: Path) -> Manifest:
    made_at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    place.copy_history(folder)
    with place.opened() as target:
        data = folder / "data"
        data.mkdir()
        warehouse.download(target.warehouse(), place.warehouse_url(target), data)
        bucket = objects.bucket_of(target.settings())
        with objects.written(folder) as writer:
            for key in bucket.listed():
                writer.add(bucket.read(key))
    told = _ledger(place, folder)
    (folder / places.INBOX).write_bytes(place.inbox())
    held = warehouse.holds(data)
    warehouse.leave_payloads_out(data, objects.read(folder))
    warehouse.bundle(data, folder / warehouse.PART)
    return Manifest(
        kind=SNAPSHOT,
        made_at=made_at,
        made_by=made_by(),
        place=place.kind,
        network=ledger.network(told) if told else Path(place.name).name,
        parts=archive.describe(folder, PARTS),
        tables=held.tables,
        updates=held.updates,
        positions=held.positions,
        ledger=told,
    )


def _ledger(place: Place, folder: Path) -> LedgerTold | None:
    content = place.ledger()
    if content is None:
        return None
    (folder / ledger.PART).write_bytes(content)
    return ledger.told(content)


def made_by() -> str:
    """This clone's revision, or its version where it is no clone."""
    with suppress(FileNotFoundError, subprocess.CalledProcessError):
        return subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
    with suppress(PackageNotFoundError):
        return version("canton-pipeline")
    return "unknown"


def summary(manifest: Manifest) -> list[dict[str, Any]]:
    """What a snapshot holds, for people."""
    clock = manifest.ledger.now if manifest.ledger else "none"
    layers = [(layer, f"{count:,} updates") for layer, count in manifest.updates.items()]
    return [{"what": what, "kept": kept} for what, kept in [*layers, ("ledger's clock", clock)]]
