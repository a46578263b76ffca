"""`./pipeline snapshot`: everything of a place in one file, as one moment shows it.

The order makes it consistent while the place goes on. Run history first: a run that commits
meanwhile is one that was running, as after a crash. Then the warehouse, in one transaction:
positions move with their rows. Then the objects: they are landed before they are loaded and never
change, so all that the warehouse names are there. The ledger's clock at last, which is never
behind what was landed.
"""

import errno
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.console.errors import CommandFailed
from local.console.formats import this_revision
from local.console.variables import typed_names
from local.snapshots import archive, history, ledger, objects, warehouse
from local.snapshots.embedded_state import EmbeddedState
from local.snapshots.manifest import SNAPSHOT, Manifest
from local.snapshots.stack_state import StackState
from local.snapshots.state import INBOX, is_stack
from services.tables import print_table

State = EmbeddedState | StackState  # of `make run`, or the stack
PARTS = (ledger.PART, warehouse.PART, *objects.PARTS, INBOX, *history.PARTS)


def snapshot(environment: Mapping[str, str], shelf: Path = archive.FOLDER) -> int:
    name = environment.get("NAME") or f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}"
    file = archive.new_file(name, shelf)
    if file.exists() and environment.get("YES") != "1":
        raise CommandFailed(f"{file} is there already: --yes replaces it, or choose another name")
    place = selected_state(environment)
    print(f"taking {place.name}…", flush=True)
    manifest, size = take(place, file, shelf)
    print_table(summary(manifest), f"{file}: {size / 1e6:.1f} MB")
    again = f" --state {environment['STATE']}" if "STATE" in typed_names(environment) else ""
    print(f"./pipeline restore {name}{again} brings it back")
    return 0


def selected_state(environment: Mapping[str, str], network: str | None = None) -> State:
    return StackState() if is_stack(environment) else EmbeddedState(environment, network)


def take(place: State, file: Path, shelf: Path) -> tuple[Manifest, int]:
    """Write a place's snapshot; return its manifest, and its size in bytes.

    Raises:
        CommandFailed: The place isn't up, or the disk is full.
    """
    with archive.workshop(shelf) as folder:
        try:
            manifest = _collect(place, folder)
            return manifest, archive.write(file, folder, manifest)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise CommandFailed(
                f"disk full where {shelf} lies: nothing was kept; make room, try again"
            ) from error


def _collect(place: State, folder: Path) -> Manifest:
    made_at = history_copied(place, folder)
    with place.opened() as target:
        data = folder / warehouse.DATA
        data.mkdir()
        warehouse.download(target.warehouse(), target.url("snowflake"), data)
        bucket = objects.bucket_of(target.settings())
        with objects.written(folder) as writer:
            for key in bucket.listed():
                writer.add(bucket.read(key))
    state = None
    if content := place.ledger():
        (folder / ledger.PART).write_bytes(content)
        state = ledger.described(content)
    (folder / INBOX).write_bytes(place.inbox())
    contents = warehouse.contents(data)
    warehouse.leave_payloads_out(data, objects.read(folder))
    warehouse.bundle(data, folder / warehouse.PART)
    return Manifest(
        kind=SNAPSHOT,
        made_at=made_at,
        made_by=this_revision(),
        place=place.kind,
        network=ledger.network(state) if state else Path(place.name).name,
        parts=archive.describe(folder, PARTS),
        ledger=state,
        **contents,
    )


def history_copied(place: State, folder: Path) -> str:
    """Copy run history; a moment after the beginning of every run in it.

    By this moment a restore separates runs that were running then from those that run now.
    """
    place.copy_history(folder)
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def summary(manifest: Manifest) -> list[dict[str, Any]]:
    clock = manifest.ledger.now if manifest.ledger else "none"
    layers = [(layer, f"{count:,} updates") for layer, count in manifest.updates.items()]
    return [{"what": what, "kept": kept} for what, kept in [*layers, ("ledger's clock", clock)]]
