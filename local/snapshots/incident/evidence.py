"""The pages that a failed run read, as they were landed or refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from botocore.exceptions import ClientError

from local.console.errors import CommandFailed
from local.snapshots.incident.failed import Failed
from local.snapshots.incident.origin import Origin
from local.snapshots.objects import Bucket, StoredObject
from services.adapters.snowflake import Session
from services.landing import landing_key
from services.model import Position
from services.watermarks import BRONZE, GOLD, SILVER, Watermark, read_watermarks

MOST_PAGES = 1000
_MISSING = {"404", "NoSuchKey", "NotFound"}


@dataclass(frozen=True)
class Refused:
    """The Scan's answer for the page after a position, which bronze refused."""

    after: Position
    body: bytes


@dataclass(frozen=True)
class Evidence:
    """The pages that a failed run read.

    Attributes:
        position: Where bronze has to stand to read it again.
        pages: As they were landed.
        refused: A page that was not.
    """

    network: str
    position: Position
    synchronizer_id: str | None
    pages: Sequence[StoredObject]
    refused: Refused | None = None


def gather(origin: Origin, failed: Failed) -> Evidence:
    """Collect the pages that a failed run read.

    Raises:
        CommandFailed: It isn't there any more, or the run read nothing.
    """
    with origin.warehouse.session() as session:
        watermarks = read_watermarks(session, BRONZE)
        network = _network(watermarks, failed)
        stood = watermarks[network]
        begun = Position.parse(failed.position) if failed.position else stood.position
        if failed.layer == "bronze":
            refused = _refused(origin.bucket, session, failed)
            pages = tuple(_landed(origin.bucket, network, begun))
        else:
            refused = None
            begun, keys = _consumed(session, failed.layer, network)
            pages = tuple(origin.bucket.read(key) for key in keys)
    if not pages and not refused:
        raise CommandFailed(
            f"{failed.run} failed, but no page after {begun} is there: it read none that can be"
            " packed, or a later run has loaded them"
        )
    return Evidence(network, begun, stood.synchronizer_id, pages, refused)


def _network(watermarks: dict[str, Watermark], failed: Failed) -> str:
    if failed.network and failed.network in watermarks:
        return failed.network
    if len(watermarks) != 1:
        raise CommandFailed(
            f"the warehouse holds {len(watermarks)} networks, and the log of {failed.run} doesn't"
            " say which one it read"
        )
    return next(iter(watermarks))


def _landed(bucket: Bucket, network: str, after: Position) -> Iterator[StoredObject]:
    for _ in range(MOST_PAGES):
        try:
            page = bucket.read(landing_key(network, after))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _MISSING:
                return
            raise
        yield page
        after = Position.parse(page.kept.metadata["upto"])


def _refused(bucket: Bucket, session: Session, failed: Failed) -> Refused | None:
    """The page that the run set aside; its reason names the position it was requested after."""
    if "PageRefused" not in failed.message:
        return None
    rows = session.query(
        """select quarantine_key, reason from ops.quarantine
           where object_key is null order by created_at desc"""
    )
    row = next(
        (
            one
            for one in rows
            if one["quarantine_key"] == failed.kept_key
            or (not failed.kept_key and one["reason"].splitlines()[0] in failed.message)
        ),
        None,
    )
    if row is None:
        raise CommandFailed(f"ops.quarantine holds no page that {failed.run} set aside")
    after = row["reason"].removeprefix("page after ").split(": ", 1)[0]
    return Refused(Position.parse(after), bucket.read(row["quarantine_key"]).content)


def _consumed(session: Session, layer: str, network: str) -> tuple[Position, list[str]]:
    """Return the start and the object keys of the bronze batches that a layer hasn't consumed."""
    stream = SILVER if layer == "silver" else GOLD
    opened = read_watermarks(session, stream).get(network)
    consumed = opened.consumed_batch_id if opened else 0
    if layer == "gold":  # it consumes silver's batches, each a window of bronze's
        rows = session.query(
            """select max(upto_batch_id) as batch_id from ops.batches where layer = 'silver'
               and network = %(network)s and batch_id <= %(consumed)s""",
            {"network": network, "consumed": consumed},
        )
        consumed = int(rows[0]["batch_id"] or 0)
    rows = session.query(
        """select after_migration_id, after_record_time, object_keys from ops.batches
           where layer = 'bronze' and network = %(network)s and batch_id > %(consumed)s
             and kind = 'live' order by batch_id""",
        {"network": network, "consumed": consumed},
    )
    if not rows:
        raise CommandFailed(
            f"{layer} has consumed all of bronze's batches: nothing is left to pack"
        )
    first = rows[0]
    begun = f"{first['after_migration_id']}/{first['after_record_time']:%Y-%m-%dT%H:%M:%S.%fZ}"
    return Position.parse(begun), [key for row in rows for key in row["object_keys"]]
