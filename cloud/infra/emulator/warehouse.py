"""The objects made in the local Snowflake: database, schemas, stage. It checks no rights."""

from collections.abc import Callable
from typing import Any

from cloud.infra.emulator.aws import Inputs, Made

Execute = Callable[[str], Any]
STATEMENTS = {
    "snowflake:index/database:Database": "create database {name}",
    "snowflake:index/schema:Schema": "create schema {database}.{name}",
    "snowflake:index/stageExternalS3:StageExternalS3": (
        "create stage {database}.{schema}.{name}"
        " url = '{url}' storage_integration = {storageIntegration}"
    ),
}


def make(execute: Execute, kind: str, inputs: Inputs) -> Made:
    """Make one; its id is its whole name, as Snowflake's provider has it."""
    execute(STATEMENTS[kind].format(**inputs))
    parts = [inputs[name] for name in ("database", "schema", "name") if name in inputs]
    whole = ".".join(f'"{part}"' for part in parts)
    return whole, {"fullyQualifiedName": whole}
