"""What bronze, silver and gold hold of one network, as rows by key."""

from typing import Any

from services.adapters.snowflake import Session
from verification.expected import Rates, Rows


def bronze(session: Session, network: str) -> Rows:
    """Updates of bronze.canton_transactions_raw: how often each is there, and what it says."""
    return _by_key(
        session, network, ("update_id",),
        """select source_event_id as update_id, count(*) as "rows",
               max(raw_payload:update_id::string) as payload_id,
               max(coalesce(raw_payload:migration_id, raw_payload:event:migration_id)::int)
                   as migration_id,
               max(raw_payload:record_time::string) as record_time
           from bronze.canton_transactions_raw
           where network = %(network)s group by source_event_id""",
    )  # fmt: skip


def payloads(session: Session, network: str, count: int) -> dict[str, Any]:
    """The payloads of some updates, by id: those whose ids come first, which is by chance."""
    rows = session.query(
        """select source_event_id as update_id, raw_payload as payload
           from bronze.canton_transactions_raw where network = %(network)s
           order by source_event_id limit %(count)s""",
        {"network": network, "count": count},
    )
    return {row["update_id"]: row["payload"] for row in rows}


def silver_updates(session: Session, network: str) -> Rows:
    """Updates of silver.canton_updates."""
    return _by_key(
        session, network, ("update_id",),
        """select update_id, migration_id, record_time, count(*) as "rows"
           from silver.canton_updates
           where network = %(network)s group by update_id, migration_id, record_time""",
    )  # fmt: skip


def silver_sides(session: Session, network: str) -> Rows:
    """What silver.canton_transactions says moved between whom, by update."""
    key = ("update_id", "account", "direction", "movement_kind", "counterparty")
    columns = ", ".join(key)
    return _by_key(
        session, network, key,
        f"""select {columns}, sum(amount_cc) as amount_cc,
                sum(iff(movement_kind = 'abort', 1, 0)) as aborted
            from silver.canton_transactions
            where network = %(network)s group by {columns}""",  # noqa: S608 -- names of ours
    )  # fmt: skip


def gold_accounts(session: Session, network: str) -> Rows:
    """Rows of gold.account_activity_minute."""
    return _by_key(
        session, network, ("minute_at", "account"),
        "select * from gold.account_activity_minute where network = %(network)s",
    )  # fmt: skip


def gold_network(session: Session, network: str) -> Rows:
    """Rows of gold.network_activity_minute."""
    return _by_key(
        session, network, ("minute_at",),
        "select * from gold.network_activity_minute where network = %(network)s",
    )  # fmt: skip


def rates(session: Session) -> Rates:
    """The configured rates."""
    rows = session.query("select effective_at, usd_rate from ops.usd_rates order by effective_at")
    return Rates([row["effective_at"] for row in rows], [row["usd_rate"] for row in rows])


def _by_key(session: Session, network: str, key: tuple[str, ...], sql: str) -> Rows:
    rows: list[dict[str, Any]] = session.query(sql, {"network": network})
    return {tuple(row[name] for name in key): row for row in rows}
