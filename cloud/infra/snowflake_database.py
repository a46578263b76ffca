"""Snowflake: database and schemas. Tables and functions are the migrations' work."""

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
