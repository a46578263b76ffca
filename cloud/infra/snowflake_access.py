"""Snowflake: roles, what each may do, and the users that log in with a key.

Who owns what (docs/cloud-infrastructure.md): this program makes the database, its schemas and the
stage; the migrations' role makes tables and functions in them; flows change rows and make nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_snowflake as snowflake

from cloud.infra.snowflake_database import Database
from cloud.infra.stack import Stack

# What flows do with rows of each schema: they only add to bronze, rebuild silver and gold, and
# replace and forget results of quality rules.
FLOW_ROWS: Mapping[str, Sequence[str]] = {
    "BRONZE": ("SELECT", "INSERT"),
    "SILVER": ("SELECT", "INSERT", "DELETE"),
    "GOLD": ("SELECT", "INSERT", "DELETE"),
    "OPS": ("SELECT", "INSERT", "UPDATE", "DELETE"),
}
READABLE = ("SILVER", "GOLD")


@dataclass(frozen=True)
class Things:
    """The Snowflake objects to which roles are granted access."""

    database: Database
    warehouse: snowflake.Warehouse
    stage: snowflake.StageExternalS3


@dataclass(frozen=True)
class Role:
    """A role, and the short name that its grants have here."""

    part: str
    name: pulumi.Output[str]


def build_access(stack: Stack, things: Things, egress_ip: pulumi.Output[str]) -> None:
    """Make roles, grants and users."""
    names, settings = stack.names, stack.settings.snowflake
    pipeline = _role("pipeline", names.pipeline_role, "Flows: rows")
    migration = _role("migration", names.migration_role, "Migrations: tables and functions")
    reader = _role("reader", names.reader_role, "People and dashboards: silver and gold")
    for role in (pipeline, migration, reader):
        _on_account_object(role, "DATABASE", things.database.name)
        _on_account_object(role, "WAREHOUSE", things.warehouse.name)
    _grant_flows(pipeline, things)
    _grant_migrations(migration, things)
    _grant_readers(reader, things)
    policy = snowflake.NetworkPolicy(
        "pipeline",
        name=names.pipeline_role,
        allowed_ip_lists=[egress_ip],  # flows come from the VPC's one address
        comment="The NAT gateway of the pipeline's VPC",
    )
    flows = snowflake.ServiceUser(
        "pipeline",
        name=names.pipeline_role,
        comment="Flows; logs in with a key",
        default_role=pipeline.name,
        default_warehouse=settings.warehouse,
        rsa_public_key=settings.pipeline_public_key,
        rsa_public_key2=settings.pipeline_public_key_2,
        network_policy=policy.fully_qualified_name,
    )
    migrations = snowflake.ServiceUser(
        "migration",
        name=names.migration_role,
        comment="Migrations, at a deploy; logs in with a key",
        default_role=migration.name,
        default_warehouse=settings.warehouse,
        rsa_public_key=settings.migration_public_key,
        rsa_public_key2=settings.migration_public_key_2,
    )
    _hand_role(pipeline, flows)
    _hand_role(migration, migrations)


def _role(part: str, name: str, comment: str) -> Role:
    """A role, under SYSADMIN as every role should be, so that administrators see its objects."""
    role = snowflake.AccountRole(part, name=name, comment=comment)
    snowflake.GrantAccountRole(
        f"{part}-to-sysadmin", role_name=role.name, parent_role_name="SYSADMIN"
    )
    return Role(part, role.name)


def _hand_role(role: Role, user: snowflake.ServiceUser) -> None:
    snowflake.GrantAccountRole(f"{role.part}-to-user", role_name=role.name, user_name=user.name)


def _grant_flows(role: Role, things: Things) -> None:
    for schema, privileges in FLOW_ROWS.items():
        _on_schema(role, things.database, schema, ["USAGE"])
        _on_future(role, things.database, schema, "TABLES", privileges)
    _on_future(role, things.database, "SILVER", "FUNCTIONS", ["USAGE"])
    _on_stage(role, things)


def _grant_migrations(role: Role, things: Things) -> None:
    for schema in FLOW_ROWS:
        _on_schema(
            role,
            things.database,
            schema,
            ["USAGE", "CREATE TABLE", "CREATE VIEW", "CREATE FUNCTION"],
        )


def _grant_readers(role: Role, things: Things) -> None:
    for schema in READABLE:
        _on_schema(role, things.database, schema, ["USAGE"])
        _on_future(role, things.database, schema, "TABLES", ["SELECT"])
        _on_future(role, things.database, schema, "VIEWS", ["SELECT"])


def _on_account_object(role: Role, kind: str, name: pulumi.Output[str]) -> None:
    snowflake.GrantPrivilegesToAccountRole(
        f"{role.part}-{kind.lower()}",
        account_role_name=role.name,
        privileges=["USAGE"],
        on_account_object={"object_type": kind, "object_name": name},
    )


def _on_schema(role: Role, database: Database, schema: str, privileges: Sequence[str]) -> None:
    snowflake.GrantPrivilegesToAccountRole(
        f"{role.part}-{schema.lower()}",
        account_role_name=role.name,
        privileges=list(privileges),
        on_schema={"schema_name": database.schemas[schema].fully_qualified_name},
    )


def _on_future(
    role: Role, database: Database, schema: str, kind: str, privileges: Sequence[str]
) -> None:
    """Grant privileges on a schema's future objects: the migrations create them later."""
    snowflake.GrantPrivilegesToAccountRole(
        f"{role.part}-{schema.lower()}-{kind.lower()}",
        account_role_name=role.name,
        privileges=list(privileges),
        on_schema_object={
            "future": {
                "object_type_plural": kind,
                "in_schema": database.schemas[schema].fully_qualified_name,
            }
        },
    )


def _on_stage(role: Role, things: Things) -> None:
    snowflake.GrantPrivilegesToAccountRole(
        f"{role.part}-stage",
        account_role_name=role.name,
        privileges=["USAGE"],
        on_schema_object={
            "object_type": "STAGE",
            "object_name": things.stage.fully_qualified_name,
        },
    )
