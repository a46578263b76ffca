"""The report at the end of `make run`: gold, rows and seconds by layer, Slack, what to try next."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from local.console.prefect_api import LayerRun
from services.adapters.snowflake import Session, Warehouse
from services.catalog import MAIN_TABLES
from services.tables import print_table

# Few columns, rounded: they fit a terminal of 80.
_BUSIEST = """
    select account, sum(transaction_count) as count, sum(sent_cc) as sent_cc,
        sum(received_cc) as received_cc, sum(minted_cc) as minted_cc
    from gold.account_activity_minute where network = %(network)s
    group by account order by sum(transaction_count) desc, account limit 5"""

_LATEST = """
    select minute_at, update_count as updates, transferred_cc, minted_cc, burned_cc
    from gold.network_activity_minute where network = %(network)s
    order by minute_at desc limit 5"""

_WRITTEN = """
    select count(*) as batches, sum(iff(run_id = %(run_id)s, row_count, 0)) as written
    from ops.batches where network = %(network)s and layer = %(layer)s"""


_LOADED = """
    select batch_id from ops.batches where network = %(network)s and layer = 'bronze' limit 1"""


def print_report(
    warehouse: Warehouse, network: str, runs: list[LayerRun], messages: list[dict[str, Any]]
) -> None:
    """Print what these runs did: gold's tables if they built gold, and the Slack messages."""
    layers = {run.layer for run in runs}
    with warehouse.session() as session:
        values = {"network": network}
        print()
        if "gold" in layers:
            print_table(_brief(session.query(_BUSIEST, values)), "gold: busiest accounts")
            print_table(_brief(session.query(_LATEST, values)), "gold: latest minutes (UTC)")
        if runs:
            print_table([_layer(session, network, run) for run in runs], "layers")
        if "bronze" not in layers and not session.query(_LOADED, values):
            print("nothing is loaded yet: the same command without a flow loads all layers")
    print_messages(messages)


def print_messages(messages: list[dict[str, Any]], opens: str = "") -> None:
    """Print what Slack received, and the command that opens pages which have ended."""
    print(f"Slack received {len(messages) or 'nothing'}" + (":" if messages else ""))
    for message in messages:
        print("  " + "\n  ".join(str(message["text"]).splitlines()))
    if messages and opens:
        print(f"the pages that these link to ended with the run: {opens} opens Prefect's again")


def _layer(session: Session, network: str, run: LayerRun) -> dict[str, Any]:
    (totals,) = session.query(
        _WRITTEN, {"network": network, "layer": run.layer, "run_id": run.run_id}
    )
    return {
        "layer": run.layer,
        "written": totals["written"] or 0,  # by this run; gold writes its newest minutes anew
        "rows": row_counts(session).get((network, run.layer), 0),
        "batches": totals["batches"],
        "seconds": round(run.seconds, 1),
        "state": run.state,
    }


def _brief(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: _shown(name, value) for name, value in row.items()} for row in rows]


def _shown(name: str, value: Any) -> Any:
    match value:
        case Decimal() if name.endswith("_cc"):
            return round(value, 2)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case str():
            return shorten(value)
        case _:
            return value


def shorten(party: str) -> str:
    """A party id a person can read: what fits of its hint and of its namespace."""
    hint, _, namespace = party.partition("::")
    return f"{_cut(hint, 16)}::{_cut(namespace, 8)}" if namespace else party


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


def row_counts(session: Session) -> dict[tuple[str, str], int]:
    """Rows of each layer's main table, by network and layer."""
    counted = " union all ".join(
        f"select network, '{layer}' as layer, count(*) as row_count from {table} group by network"  # noqa: S608 -- names of ours
        for layer, table in MAIN_TABLES.items()
    )
    return {(row["network"], row["layer"]): row["row_count"] for row in session.query(counted)}
