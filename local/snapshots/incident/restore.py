"""An incident at home: a state of its own, in which the next `make run` reads the same pages."""

import shlex
import shutil
from pathlib import Path

from local.console.chosen_flow import PARAMETERS
from local.snapshots import objects
from local.snapshots.embedded_state import EmbeddedState
from local.snapshots.incident.pack import REPLAY
from local.snapshots.manifest import Failure, Manifest
from local.snapshots.state import fill_bucket
from services.migrate import migrate
from services.model import Position
from services.watermarks import BRONZE, open_stream


def put_back(
    place: EmbeddedState, manifest: Manifest, failure: Failure, folder: Path, replay: Path
) -> list[str]:
    """Make a state with the run's pages, that stands where it stood, and the recording to replay.

    Returns:
        How it failed, and what to type.
    """
    network = manifest.network.partition("-")[0]
    draft = place.draft()
    with place.served(draft) as target:
        notes = fill_bucket(objects.bucket_of(target.settings()), folder)
        warehouse = target.warehouse()
        migrate(warehouse)
        open_stream(warehouse, BRONZE, network, Position.parse(failure.position))
        with warehouse.session() as session:
            session.execute(
                "update ops.cdc_watermarks set synchronizer_id = %(synchronizer_id)s",
                {"synchronizer_id": failure.synchronizer_id},
            )
    place.take_over(draft)
    shutil.copy(folder / REPLAY, replay)
    return [
        *notes,
        f"it failed there: {failure.message}",
        f"the same here: {_run(failure, replay, place.options)}",
    ]


def _run(failure: Failure, replay: Path, options: list[str]) -> str:
    """Return the command to type, without MAX_AGE_MINUTES: recordings are old."""
    values = {name: failure.parameters.get(name.lower(), "None") for name in PARAMETERS}
    arguments = [
        f"{name}={shlex.quote(value)}"
        for name, value in values.items()
        if value != "None" and name != "MAX_AGE_MINUTES"
    ]
    return " ".join(["make", "run", f"REPLAY={shlex.quote(str(replay))}", *arguments, *options])
