"""One run after a save, in a fork that has nothing of ours loaded yet."""

import logging
import pkgutil
from typing import Any

import boto3

from local.console.local_s3 import empty_bucket
from local.embedded.dev.reach import Order
from services.adapters.snowflake import Session, Warehouse
from services.catalog import LAYERS, layers_from
from services.migrate import FUNCTIONS, migrate, migration_checksums
from services.wiring import Services, open_services

_FLOWS = {layer: f"flows.{layer}_transactions:{layer}_transactions_flow" for layer in LAYERS}
_QUIET = "flows.command_line:quiet"  # by name: what is loaded here must be as it was saved
_REPLACEABLE = tuple(function.prefix for function in FUNCTIONS)
_MIGRATED = "OPS.SCHEMA_MIGRATIONS"
_KEPT = {_MIGRATED, "OPS.STREAMS"}  # what migrations wrote themselves


async def rerun(order: Order) -> None:
    """Build the layers again, each from all there is; bronze from the first update on."""
    pkgutil.resolve_name(_QUIET)(logging.getLogger())
    layers = layers_from(order.first)
    flows = {layer: pkgutil.resolve_name(_FLOWS[layer]) for layer in layers}
    if order.is_renewed:
        renew(open_services().warehouse)
    if order.first == LAYERS[0]:
        start_over(open_services())
    for layer, flow in flows.items():
        again: dict[str, Any] = {} if layer == LAYERS[0] else {"rebuild_from": 1}
        await flow(**again, **(order.gold if layer == LAYERS[-1] else {}))


def renew(warehouse: Warehouse) -> None:
    """Make the tables and rules of the files; remake tables whose migration was edited."""
    with warehouse.session() as session:
        tables, made = _tables(session), migration_checksums()
        query = f"select name, checksum from {_MIGRATED}"  # noqa: S608 -- a name of ours
        rows = session.query(query) if _MIGRATED in tables else []
        changed = [row["name"] for row in rows if made.get(row["name"]) != row["checksum"]]
        if all(name.startswith(_REPLACEABLE) for name in changed):
            for name in changed:
                session.execute(f"delete from {_MIGRATED} where name = %(name)s", {"name": name})  # noqa: S608 -- ours
        else:
            for table in tables:
                session.execute(f"drop table {table}")
    migrate(warehouse)


def start_over(services: Services) -> None:
    """Nothing in the bucket, and empty tables."""
    empty_bucket(boto3.client("s3"), services.settings.landing.bucket)
    with services.warehouse.session() as session:
        for table in _tables(session):
            if table not in _KEPT:
                session.execute(f"truncate table {table}")


def _tables(session: Session) -> list[str]:
    rows = session.query(
        """select table_schema || '.' || table_name as name from information_schema.tables
           where table_schema in ('BRONZE', 'SILVER', 'GOLD', 'OPS')"""
    )
    return [row["name"] for row in rows]
