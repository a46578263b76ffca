"""Snowflake: roles, what each may do, and the users that log in with a key.

Who owns what (docs/cloud-infrastructure.md): this program makes the database, its schemas and the
stage; the migrations' role makes tables and functions in them; flows change rows and make nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
class Role:
    """A role, and the short name that its grants have here."""

    part: str
    name: pulumi.Output[str]


def build_access(
    stack: Stack,
    database: Database,
    warehouse: snowflake.Warehouse,
    stage: snowflake.StageExternalS3,
    egress_ip: pulumi.Output[str],
) -> None:
    settings = stack.settings.snowflake
    pipeline = _role("pipeline", stack.pipeline_role, "Flows: rows")
    migration = _role("migration", stack.migration_role, "Migrations: tables and functions")
    reader = _role("reader", stack.reader_role, "People and dashboards: silver and gold")
    for role in (pipeline, migration, reader):
        for kind, name in (("DATABASE", database.name), ("WAREHOUSE", warehouse.name)):
            on: dict[str, Any] = {"object_type": kind, "object_name": name}
            _grant(role, kind, ["USAGE"], on_account_object=on)
    for schema, privileges in FLOW_ROWS.items():
        _grant_schema(pipeline, database, schema)
        _grant_future(pipeline, database, schema, "TABLES", privileges)
        _grant_schema(migration, database, schema, "CREATE TABLE", "CREATE VIEW", "CREATE FUNCTION")
    _grant_future(pipeline, database, "SILVER", "FUNCTIONS", ["USAGE"])
    files = {"object_type": "STAGE", "object_name": stage.fully_qualified_name}
    _grant(pipeline, "stage", ["USAGE"], on_schema_object=files)
    for schema in READABLE:
        _grant_schema(reader, database, schema)
        for kind in ("TABLES", "VIEWS"):
            _grant_future(reader, database, schema, kind, ["SELECT"])
    policy = snowflake.NetworkPolicy(
        "pipeline",
        name=stack.pipeline_role,
        allowed_ip_lists=[egress_ip],  # flows come from the VPC's one address
        comment="The NAT gateway of the pipeline's VPC",
    )
    flows = snowflake.ServiceUser(
        "pipeline",
        name=stack.pipeline_role,
        comment="Flows; logs in with a key",
        default_role=pipeline.name,
        default_warehouse=settings.warehouse,
        rsa_public_key=settings.pipeline_public_key,
        rsa_public_key2=settings.pipeline_public_key_2,
        network_policy=policy.fully_qualified_name,
    )
    migrations = snowflake.ServiceUser(
        "migration",
        name=stack.migration_role,
        comment="Migrations, at a deploy; logs in with a key",
        default_role=migration.name,
        default_warehouse=settings.warehouse,
        rsa_public_key=settings.migration_public_key,
        rsa_public_key2=settings.migration_public_key_2,
    )
    for role, user in ((pipeline, flows), (migration, migrations)):
        snowflake.GrantAccountRole(f"{role.part}-to-user", role_name=role.name, user_name=user.name)


def _role(part: str, name: str, comment: str) -> Role:
    """A role, under SYSADMIN as every role should be, so that administrators see its objects."""
    role = snowflake.AccountRole(part, name=name, comment=comment)
    snowflake.GrantAccountRole(
        f"{part}-to-sysadmin", role_name=role.name, parent_role_name="SYSADMIN"
    )
    return Role(part, role.name)


def _grant_schema(role: Role, database: Database, schema: str, *privileges: str) -> None:
    on = {"schema_name": database.schemas[schema].fully_qualified_name}
    _grant(role, schema, ["USAGE", *privileges], on_schema=on)


def _grant_future(
    role: Role, database: Database, schema: str, kind: str, privileges: Sequence[str]
) -> None:
    """Grant privileges on a schema's future objects: the migrations create them later."""
    name = database.schemas[schema].fully_qualified_name
    on = {"future": {"object_type_plural": kind, "in_schema": name}}
    _grant(role, f"{schema}-{kind}", privileges, on_schema_object=on)


def _grant(role: Role, what: str, privileges: Sequence[str], **on: Any) -> None:
    snowflake.GrantPrivilegesToAccountRole(
        f"{role.part}-{what.lower()}",
        account_role_name=role.name,
        privileges=list(privileges),
        **on,
    )
