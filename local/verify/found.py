"""The content of bronze, silver and gold for one network, as rows by key."""

from datetime import UTC, datetime
from typing import Any

from local.verify.expected import Rates, Rows
from local.verify.slices import Batch, Slice
from services.adapters.snowflake import Session
from services.catalog import GOLD_KEYS
from services.model import Position, Stretch
from services.quarantine_work import has_acts
from services.statements import literal
from services.watermarks import utc_naive

LOOKED_UP = 1000  # updates of a slice that are missing there, and may stand elsewhere


def batches(session: Session, network: str) -> list[Batch]:
    rows = session.query(
        """select batch_id, after_migration_id, after_record_time, upto_migration_id,
               upto_record_time, object_keys
           from ops.batches where layer = 'bronze' and network = %(network)s
           order by batch_id""",
        {"network": network},
    )
    return [
        Batch(
            int(row["batch_id"]),
            Stretch(_position(row, "after"), _position(row, "upto")),
            row["object_keys"],
        )
        for row in rows
    ]


def discarded(session: Session, network: str) -> list[Position]:
    """The positions of the updates that people discarded, in order (``ops.quarantine_acts``)."""
    if not has_acts(session):
        return []
    rows = session.query(
        """select updates from ops.quarantine_acts
           where network = %(network)s and act = 'discard'""",
        {"network": network},
    )
    return sorted({Position.parse(one["position"]) for row in rows for one in row["updates"]})


def row_count(session: Session, table: str, network: str) -> int:
    (row,) = session.query(
        f"select count(*) as row_count from {table} where network = %(network)s",  # noqa: S608 -- names of ours
        {"network": network},
    )
    return int(row["row_count"])


def bronze(session: Session, network: str, part: Slice) -> Rows:
    """Updates of bronze.canton_transactions_raw: how often each is there, and its payload.

    Found by the pages that brought them. The ranges are for pruning: the payloads are large.
    """
    starts = [page.stretch.after for page in part.pages]
    ends = [page.stretch.upto for page in part.pages]
    return _by_key(
        session, network, ("update_id",),
        f"""select source_event_id as update_id, count(*) as "rows",
               max(raw_payload:update_id::string) as payload_id,
               max(coalesce(raw_payload:migration_id, raw_payload:event:migration_id)::int)
                   as migration_id,
               max(raw_payload:record_time::string) as record_time
           from bronze.canton_transactions_raw
           where network = %(network)s
               and batch_id between %(first)s and %(last)s
               and cdc_from_ts between %(from_first)s and %(from_last)s
               and cdc_from_ts in ({_times(starts)}) and cdc_to_ts in ({_times(ends)})
           group by source_event_id""",  # noqa: S608 -- times of ours
        first=min(page.batch_id for page in part.pages),
        last=max(page.batch_id for page in part.pages),
        from_first=utc_naive(min(position.record_time for position in starts)),
        from_last=utc_naive(max(position.record_time for position in starts)),
    )  # fmt: skip


def payloads(session: Session, network: str, count: int) -> dict[str, Any]:
    """The payloads of some updates, by id: those whose ids come first, which is by chance."""
    ids = session.query(
        """select source_event_id as update_id from bronze.canton_transactions_raw
           where network = %(network)s order by source_event_id limit %(count)s""",
        {"network": network, "count": count},
    )
    rows = session.query(
        f"""select source_event_id as update_id, raw_payload as payload
            from bronze.canton_transactions_raw where network = %(network)s
                and source_event_id in ({_ids([row["update_id"] for row in ids])})""",  # noqa: S608 -- quoted
        {"network": network},
    )
    return {row["update_id"]: row["payload"] for row in rows}


def silver_updates(session: Session, network: str, part: Slice, expected: Rows) -> Rows:
    """Updates of silver.canton_updates between the slice's positions.

    Those which are missing there are looked up by their ids: they may stand at a wrong position.
    """
    within, values = _within(part.stretch)
    found = _silver_updates(session, network, within, **values)
    if missing := [key[0] for key in expected if key not in found][:LOOKED_UP]:
        found |= _silver_updates(session, network, f"update_id in ({_ids(missing)})")
    return found


def _silver_updates(session: Session, network: str, condition: str, **values: Any) -> Rows:
    return _by_key(
        session, network, ("update_id",),
        f"""select update_id, migration_id, record_time, count(*) as "rows"
           from silver.canton_updates where network = %(network)s and {condition}
           group by update_id, migration_id, record_time""",  # noqa: S608 -- conditions of ours
        **values,
    )  # fmt: skip


def silver_sides(session: Session, network: str, part: Slice) -> Rows:
    """Return a slice's sides in silver.canton_transactions, with amounts in CC and row counts."""
    key = ("update_id", "account", "direction", "movement_kind", "counterparty")
    columns = ", ".join(key)
    within, values = _within(part.stretch)
    return _by_key(
        session, network, key,
        f"""select {columns}, sum(amount_cc) as amount_cc,
                sum(iff(movement_kind = 'abort', 1, 0)) as aborted, count(*) as "rows"
            from silver.canton_transactions
            where network = %(network)s and {within} group by {columns}""",  # noqa: S608 -- names of ours
        **values,
    )  # fmt: skip


def gold(table: str, session: Session, network: str, first: datetime, end: datetime) -> Rows:
    """Rows of a table of gold from a minute to before another one, by their key."""
    return _by_key(
        session, network, GOLD_KEYS[table],
        f"""select * from {table}
           where network = %(network)s and minute_at >= %(first)s and minute_at < %(end)s""",  # noqa: S608 -- names of ours
        first=first, end=end,
    )  # fmt: skip


def rates(session: Session) -> Rates:
    rows = session.query("select effective_at, usd_rate from ops.usd_rates order by effective_at")
    return Rates([row["effective_at"] for row in rows], [row["usd_rate"] for row in rows])


def _by_key(session: Session, network: str, key: tuple[str, ...], sql: str, **values: Any) -> Rows:
    rows: list[dict[str, Any]] = session.query(sql, {"network": network, **values})
    return {tuple(row[name] for name in key): row for row in rows}


def _within(stretch: Stretch) -> tuple[str, dict[str, Any]]:
    """The condition for positions after one and up to another, of columns that can be pruned."""
    after, upto = stretch.after, stretch.upto
    values: dict[str, Any] = {
        "after_id": after.migration_id,
        "after_at": utc_naive(after.record_time),
        "upto_id": upto.migration_id,
        "upto_at": utc_naive(upto.record_time),
    }
    if after.migration_id == upto.migration_id:
        return (
            "migration_id = %(upto_id)s and record_time > %(after_at)s"
            " and record_time <= %(upto_at)s"
        ), values
    return (
        "(migration_id > %(after_id)s"
        " or migration_id = %(after_id)s and record_time > %(after_at)s)"
        " and (migration_id < %(upto_id)s"
        " or migration_id = %(upto_id)s and record_time <= %(upto_at)s)"
    ), values


def _position(row: dict[str, Any], edge: str) -> Position:
    at = row[f"{edge}_record_time"].replace(tzinfo=UTC)
    return Position(int(row[f"{edge}_migration_id"]), at)


def _times(positions: list[Position]) -> str:
    texts = {utc_naive(position.record_time).isoformat(sep=" ") for position in positions}
    return ", ".join(f"{literal(text)}::timestamp_ntz" for text in sorted(texts))


def _ids(update_ids: list[str]) -> str:
    return ", ".join(map(literal, update_ids)) or "''"
