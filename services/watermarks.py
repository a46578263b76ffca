"""The watermark of each stream, and the batch that each transaction committed (``ops``).

Every unit of work is one transaction that begins by moving its stream's row with compare-and-set.
That serialises runs: a second one waits for the row's lock, then finds it moved and starts over.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.adapters.snowflake import Session, Warehouse
from services.errors import NetworkMismatch, PositionMoved
from services.model import Position

BRONZE = "bronze_canton_transactions"
SILVER = "silver_canton_transactions"
GOLD = "gold_account_activity_minute"


@dataclass(frozen=True)
class Watermark:
    """One stream of one network: where it stands.

    `position` is bronze's (genesis elsewhere), `consumed_batch_id` silver's and gold's, of the
    layer before; `batch_id` is the last batch that the stream itself committed, 0 before the first.
    """

    stream: str
    network: str
    position: Position
    consumed_batch_id: int
    batch_id: int
    synchronizer_id: str | None = None


@dataclass(frozen=True)
class BatchRecord:
    """The batch that a transaction commits: a row of ``ops.batches``.

    Bronze fills the positions and object keys, silver and gold the batch ids of the layer before.
    """

    layer: str
    network: str
    batch_id: int
    kind: str
    update_count: int
    row_count: int
    after: Position | None = None
    upto: Position | None = None
    after_batch_id: int | None = None
    upto_batch_id: int | None = None
    object_keys: Sequence[str] = ()
    counts: dict[str, int] | None = None


def read_watermark(session: Session, stream: str, network: str) -> Watermark | None:
    """Return a stream's watermark on a network; None when it was never opened for this network."""
    return read_watermarks(session, stream).get(network)


def read_watermarks(session: Session, stream: str) -> dict[str, Watermark]:
    """Return a stream's watermarks by network, one for each network that it was opened for."""
    rows = session.query(
        """select network, migration_id, record_time, consumed_batch_id, batch_id, synchronizer_id
           from ops.cdc_watermarks where stream = %(stream)s""",
        {"stream": stream},
    )
    return {row["network"]: _from_row(stream, row) for row in rows}


def open_stream(warehouse: Warehouse, stream: str, network: str, start: Position) -> Watermark:
    """Return a stream's watermark, opening the stream at `start` if it is new.

    Two runs may come at once: the row in ``ops.streams`` is updated first, as a lock.
    """
    with warehouse.session() as session:
        if found := read_watermark(session, stream, network):
            return found

        def is_open() -> bool:
            with warehouse.session() as other:
                return read_watermark(other, stream, network) is not None

        with session.transaction(is_committed=is_open):
            session.execute(
                "update ops.streams set opened_at = current_timestamp() where stream = %(stream)s",
                {"stream": stream},
            )
            session.execute(
                """insert into ops.cdc_watermarks
                       (stream, network, migration_id, record_time, consumed_batch_id, batch_id)
                   select %(stream)s, %(network)s, %(migration_id)s, %(record_time)s, 0, 0
                   where not exists (select 1 from ops.cdc_watermarks
                                     where stream = %(stream)s and network = %(network)s)""",
                {"stream": stream, "network": network, **_position_values(start)},
            )
        found = read_watermark(session, stream, network)
    return found or Watermark(stream, network, start, 0, 0)


def refuse_other_network(session: Session, network: str, allowed: str | None) -> None:
    """Refuse a network that this warehouse does not hold yet, unless the settings name it.

    Raises:
        NetworkMismatch: The Scan serves another network: a reset test network, or the wrong URL.
    """
    if allowed and allowed != network:
        raise NetworkMismatch(
            f"the Scan serves network {network}, but CANTON_NETWORK says {allowed}."
            " Was the test network reset, or does CANTON_BASE_URL point elsewhere?"
        )
    networks = {row["network"] for row in session.query("select network from ops.cdc_watermarks")}
    if networks and network not in networks and not allowed:
        raise NetworkMismatch(
            f"the Scan serves network {network}, this warehouse holds"
            f" {', '.join(sorted(networks))}."
            " A reset test network has a new DSO party and begins anew."
            f" To load it beside the old one, set CANTON_NETWORK={network}."
        )


def advance(session: Session, previous: Watermark, now: Watermark, run_id: str) -> None:
    """Move a stream from where it was read; the first statement of every transaction.

    Raises:
        PositionMoved: It does not stand there any more.
    """
    moved = session.execute(
        """update ops.cdc_watermarks
           set migration_id = %(migration_id)s, record_time = %(record_time)s,
               consumed_batch_id = %(consumed_batch_id)s, batch_id = %(batch_id)s,
               synchronizer_id = %(synchronizer_id)s, run_id = %(run_id)s,
               updated_at = current_timestamp()
           where stream = %(stream)s and network = %(network)s
             and migration_id = %(was_migration_id)s and record_time = %(was_record_time)s
             and consumed_batch_id = %(was_consumed_batch_id)s and batch_id = %(was_batch_id)s""",
        {
            **_values(now),
            **{f"was_{name}": value for name, value in _values(previous).items()},
            "run_id": run_id,
        },
    )
    if moved != 1:
        raise PositionMoved(
            f"{previous.stream} of {previous.network} moved on from batch {previous.batch_id}"
        )


def record_batch(session: Session, batch: BatchRecord, run_id: str) -> None:
    """Write down what this transaction commits, under the lock that `advance` holds."""
    session.execute(
        """insert into ops.batches (layer, network, batch_id, kind, after_migration_id,
               after_record_time, upto_migration_id, upto_record_time, after_batch_id,
               upto_batch_id, object_keys, update_count, row_count, counts, run_id)
           select %(layer)s, %(network)s, %(batch_id)s, %(kind)s, %(after_migration_id)s,
               %(after_record_time)s, %(upto_migration_id)s, %(upto_record_time)s,
               %(after_batch_id)s, %(upto_batch_id)s, parse_json(%(object_keys)s)::array,
               %(update_count)s, %(row_count)s, parse_json(%(counts)s), %(run_id)s""",
        {
            "layer": batch.layer,
            "network": batch.network,
            "batch_id": batch.batch_id,
            "kind": batch.kind,
            **_position_values(batch.after, "after_"),
            **_position_values(batch.upto, "upto_"),
            "after_batch_id": batch.after_batch_id,
            "upto_batch_id": batch.upto_batch_id,
            "object_keys": _json(list(batch.object_keys)),
            "update_count": batch.update_count,
            "row_count": batch.row_count,
            "counts": _json(batch.counts),
            "run_id": run_id,
        },
    )


def is_recorded(warehouse: Warehouse, batch: BatchRecord, run_id: str) -> bool:
    """Tell whether this run committed a batch, for when the response to COMMIT was lost."""
    with warehouse.session() as session:
        rows = session.query(
            """select 1 from ops.batches where layer = %(layer)s and network = %(network)s
               and batch_id = %(batch_id)s and run_id = %(run_id)s""",
            {
                "layer": batch.layer,
                "network": batch.network,
                "batch_id": batch.batch_id,
                "run_id": run_id,
            },
        )
    return bool(rows)


def utc_naive(at: datetime) -> datetime:
    """A UTC time as TIMESTAMP_NTZ takes it."""
    return at.astimezone(UTC).replace(tzinfo=None)


def _values(watermark: Watermark) -> dict[str, Any]:
    return {
        "stream": watermark.stream,
        "network": watermark.network,
        "consumed_batch_id": watermark.consumed_batch_id,
        "batch_id": watermark.batch_id,
        "synchronizer_id": watermark.synchronizer_id,
        **_position_values(watermark.position),
    }


def _position_values(position: Position | None, prefix: str = "") -> dict[str, Any]:
    return {
        f"{prefix}migration_id": position and position.migration_id,
        f"{prefix}record_time": position and utc_naive(position.record_time),
    }


def _from_row(stream: str, row: dict[str, Any]) -> Watermark:
    return Watermark(
        stream=stream,
        network=row["network"],
        position=Position(int(row["migration_id"]), row["record_time"].replace(tzinfo=UTC)),
        consumed_batch_id=int(row["consumed_batch_id"]),
        batch_id=int(row["batch_id"]),
        synchronizer_id=row["synchronizer_id"],
    )


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value)
