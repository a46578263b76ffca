"""Snowflake: database, schemas and the warehouse. Tables and functions are the migrations' work."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_snowflake as snowflake

from cloud.infra.names import SCHEMAS
from cloud.infra.stack import Stack


@dataclass(frozen=True)
class Database:
    """The database and its schemas, by name."""

    name: pulumi.Output[str]
    schemas: Mapping[str, snowflake.Schema]


def build_database(stack: Stack) -> Database:
    """Make them. In schemas with managed access only grants that stand here hold."""
    settings = stack.settings.snowflake
    database = snowflake.Database(
        "database",
        name=settings.database,
        comment=f"Canton Network, stack {stack.settings.stack.name}; made by Pulumi",
        data_retention_time_in_days=settings.retention_days,
        drop_public_schema_on_creation=True,
        opts=stack.keeps_data,
    )
    schemas = {
        schema: snowflake.Schema(
            f"schema-{schema.lower()}",
            name=schema,
            database=database.name,
            with_managed_access="true",
            opts=stack.keeps_data,
        )
        for schema in SCHEMAS
    }
    return Database(database.name, schemas)


def build_warehouse(stack: Stack) -> snowflake.Warehouse:
    """Make it, and the monitor that stops it when it cost enough.

    The monitor lets statements end at all credits, and stops them a tenth later.
    """
    settings = stack.settings.snowflake
    monitor = snowflake.ResourceMonitor(
        "monitor",
        name=settings.warehouse,
        credit_quota=settings.credits_a_month,
        frequency="MONTHLY",
        start_timestamp="IMMEDIATELY",
        notify_triggers=[settings.warn_at_percent],
        suspend_trigger=100,
        suspend_immediate_trigger=110,
        notify_users=list(settings.notify_users),
    )
    return snowflake.Warehouse(
        "warehouse",
        name=settings.warehouse,
        comment=f"Canton pipeline, stack {stack.settings.stack.name}; made by Pulumi",
        warehouse_size=settings.warehouse_size,
        auto_suspend=settings.suspend_after_seconds,
        auto_resume="true",
        initially_suspended=True,
        statement_timeout_in_seconds=settings.statement_timeout_seconds,
        resource_monitor=monitor.name,
    )
