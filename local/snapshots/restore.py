"""`./pipeline restore`: everything is checked before anything is replaced, and verified after."""

import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from httpx import HTTPError

from local.console.errors import CommandFailed
from local.console.person import confirmed
from local.snapshots import archive, ledger, objects, warehouse
from local.snapshots.embedded_state import EmbeddedState
from local.snapshots.incident.pack import REPLAY
from local.snapshots.incident.restore import put_back
from local.snapshots.manifest import Manifest
from local.snapshots.state import EMBEDDED, STACK, StillBusy
from local.snapshots.take import State, selected_state, summary, take
from services.errors import PipelineError
from services.tables import print_table

_FAILURES = (CommandFailed, PipelineError, HTTPError, BotoCoreError, ClientError)
BEFORE = "before-restore"
_AFTERWARDS = {
    EMBEDDED: "what was there is as it was",
    STACK: f"./pipeline restore {BEFORE} brings back what was there",
}
_SPARE_BYTES = 300 * 2**20


def restore(environment: Mapping[str, str], shelf: Path = archive.FOLDER) -> int:
    """Bring NAME back; what was there becomes the snapshot `before-restore`."""
    began = time.monotonic()
    file = archive.file_of(environment.get("NAME", ""), shelf)
    manifest = archive.read_manifest(file)
    if manifest.failure and environment.get("AT") == STACK:
        raise CommandFailed(f"{file} is a run's failure, for make run alone: leave AT out")
    with archive.workshop(shelf) as folder:
        # The parts, and what is made of them.
        needed = 3 * sum(part.size for part in manifest.parts.values()) + _SPARE_BYTES
        if (free := shutil.disk_usage(folder).free) < needed:
            raise CommandFailed(
                f"{free // 2**20} MiB are free where {shelf} lies, and a restore needs"
                f" {needed // 2**20}: make room, nothing was changed"
            )
        archive.unpack(file, folder)
        _prepare(manifest, folder)
        place: State = (
            EmbeddedState(environment, manifest.network)
            if manifest.failure
            else selected_state(environment, manifest.network)
        )
        with place.exclusive():
            place.refuse_if_busy()
            if not _may_replace(place, environment, shelf):
                return 1
            print(f"restoring {file} to {place.name}…", flush=True)
            replay = shelf / f"{file.name.removesuffix(archive.SUFFIX)}.{REPLAY}"
            notes = _put_back(place, manifest, folder, replay)
    done = f"restored and verified in {time.monotonic() - began:.1f} s"
    if manifest.failure:
        print(done)
    else:
        print_table(summary(manifest), done)
    print(*notes, sep="\n", end="\n" if notes else "")
    return 0


def _prepare(manifest: Manifest, folder: Path) -> None:
    """Put the warehouse's files together, and look at the ledger; an incident has neither.

    Raises:
        CommandFailed: This version's DuckDB or mocked Scan doesn't read them, or lines are missing.
    """
    if manifest.failure:
        return
    if manifest.ledger:
        ledger.check(folder / ledger.PART)
    data = folder / warehouse.DATA
    data.mkdir()
    warehouse.extract(folder / warehouse.PART, data)
    warehouse.put_payloads_in(data, objects.read(folder))


def _put_back(place: State, manifest: Manifest, folder: Path, replay: Path) -> list[str]:
    try:
        if manifest.failure and isinstance(place, EmbeddedState):
            return put_back(place, manifest, manifest.failure, folder, replay)
        return place.put_back(manifest, folder)
    except StillBusy as error:
        raise CommandFailed(f"{error}\nnothing was changed; afterwards type it again") from error
    except _FAILURES as error:
        raise CommandFailed(f"{error}\n{_AFTERWARDS[place.kind]}") from error


def _may_replace(place: State, environment: Mapping[str, str], shelf: Path) -> bool:
    """Tell whether the place may be replaced: ask the user, then keep its state as a snapshot."""
    if place.is_empty():
        return True
    kept = archive.file_of(BEFORE, shelf)
    if not confirmed(f"what {place.name} holds (it is kept as {kept} first)", environment):
        return False
    print(f"keeping what is there as {BEFORE}…", flush=True)
    try:
        take(place, kept, shelf)
    except _FAILURES as error:
        raise CommandFailed(
            f"what {place.name} holds can't be kept first, and nothing was changed: {error}\n"
            f"make reset AT={place.kind} deletes it; then there is nothing to keep"
        ) from error
    return True
