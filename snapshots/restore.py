"""`make restore`: everything is checked before anything is replaced, and verified afterwards."""

import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from console.confirm import confirmed
from console.errors import CommandFailed
from services.tables import print_table
from snapshots import archive
from snapshots.choose import chosen
from snapshots.manifest import INCIDENT, Manifest
from snapshots.places import Place, is_stack
from snapshots.take import summary, take

BEFORE = "before-restore"
_SPARE_BYTES = 300 * 2**20


def restore(environment: Mapping[str, str]) -> int:
    """Bring NAME back; what was there becomes the snapshot `before-restore`."""
    began = time.monotonic()
    file = archive.file_of(environment.get("NAME", ""))
    manifest = archive.read_manifest(file)
    if manifest.kind == INCIDENT and is_stack(environment):
        raise CommandFailed(f"{file} is a run's failure, for make run alone: AT=embedded")
    archive.FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".draft-", dir=archive.FOLDER) as name:
        folder = Path(name)
        _refuse_without_room(manifest, folder)
        archive.unpack(file, folder)
        place = chosen(environment, manifest.network)
        place.refuse_if_busy()
        if not _may_replace(place, environment):
            return 1
        print(f"restoring {file} to {place.name}…", flush=True)
        notes = _put_back(place, manifest, folder, file)
    _report(manifest, notes, time.monotonic() - began)
    return 0


def _put_back(place: Place, manifest: Manifest, folder: Path, file: Path) -> list[str]:
    try:
        if manifest.kind == INCIDENT:
            from snapshots.incident.restore import put_back  # noqa: PLC0415 -- rarely needed

            return put_back(place, manifest, folder, file)
        return place.put_back(manifest, folder)
    except CommandFailed as error:
        raise CommandFailed(
            f"{error}\nmake restore NAME={BEFORE} brings back what was there, if anything was"
        ) from error


def _may_replace(place: Place, environment: Mapping[str, str]) -> bool:
    """Whether what is there may go: it is asked for, and kept as a snapshot first."""
    if place.is_empty():
        return True
    kept = archive.file_of(BEFORE)
    if not confirmed(f"what {place.name} holds (it is kept as {kept} first)", environment):
        return False
    print(f"keeping what is there as {BEFORE}…", flush=True)
    take(place, kept)
    return True


def _refuse_without_room(manifest: Manifest, folder: Path) -> None:
    """Raise `CommandFailed` where the parts, and what is made of them, don't fit on the disk."""
    needed = 3 * archive.sizes(manifest.parts) + _SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise CommandFailed(
            f"{free // 2**20} MiB are free where {folder.parent} lies, and a restore needs"
            f" {needed // 2**20}: make room, nothing was changed"
        )


def _report(manifest: Manifest, notes: list[str], seconds: float) -> None:
    print_table(summary(manifest), f"restored and verified in {seconds:.1f} s")
    for note in notes:
        print(note)
