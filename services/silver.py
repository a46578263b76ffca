"""Silver: what each update of new bronze batches moved, by the movement rules, in the warehouse.

Batches are consumed by number, never by time: what was backfilled is a batch like any other.
"""

from typing import Any

from services.adapters.snowflake import Session
from services.catalog import MOVEMENTS, TABLES, UPDATES
from services.layers import Content, Layer, Window
from services.migrate import CONTRACTS, RULES
from services.statements import statement
from services.watermarks import SILVER

_DELETE = """delete from {table}
    where network = %(network)s and update_id in (
        select source_event_id from bronze.canton_transactions_raw
        where network = %(network)s
            and batch_id > %(after_batch_id)s and batch_id <= %(upto_batch_id)s)"""


def build_silver(session: Session, window: Window, batch_id: int) -> Content:
    """Delete and insert silver's rows for the updates of a window.

    `counts` has the updates that moved nothing, by what they were about.
    """
    values: dict[str, Any] = {
        "network": window.network,
        "after_batch_id": window.after,
        "upto_batch_id": window.upto,
        "batch_id": batch_id,
    }
    for table in TABLES["silver"]:
        session.execute(_DELETE.replace("{table}", table), values)
    # In this order: each reads what those before it wrote.
    rows = {table: session.execute(_insert(table), values) for table in TABLES["silver"]}
    counts = _kinds_without_movement(session, values)
    return Content(rows[UPDATES], rows[MOVEMENTS], counts, rows)


def _insert(table: str) -> str:
    return (
        statement(table.replace(".", "/"))
        .replace("{{cc_movements}}", RULES.name)
        .replace("{{coin_changes}}", CONTRACTS.name)
    )


def _kinds_without_movement(session: Session, values: dict[str, Any]) -> dict[str, int]:
    rows = session.query(
        """select update_kind, count(*) as update_count from silver.canton_updates
           where network = %(network)s and batch_id = %(batch_id)s
               and movements[0]:movement_kind::string is null
           group by update_kind order by update_kind""",
        values,
    )
    return {row["update_kind"]: int(row["update_count"]) for row in rows}


LAYER = Layer(name="silver", stream=SILVER, consumes="bronze", build=build_silver)
