"""The objects made in the local Snowflake: database, schemas, stage. It checks no rights."""

from collections.abc import Callable
from typing import Any

from cloud.infra.emulator.aws import Inputs, Made

Execute = Callable[[str], Any]
Statement = Callable[[Inputs], str]


def _database(inputs: Inputs) -> str:
    return f"create database {inputs['name']}"


def _schema(inputs: Inputs) -> str:
    return f"create schema {inputs['database']}.{inputs['name']}"


def _stage(inputs: Inputs) -> str:
    return (
        f"create stage {inputs['database']}.{inputs['schema']}.{inputs['name']}"
        f" url = '{inputs['url']}' storage_integration = {inputs['storageIntegration']}"
    )


STATEMENTS: dict[str, Statement] = {
    "snowflake:index/database:Database": _database,
    "snowflake:index/schema:Schema": _schema,
    "snowflake:index/stageExternalS3:StageExternalS3": _stage,
}


def make(execute: Execute, kind: str, inputs: Inputs) -> Made:
    """Make one; its id is its whole name, as Snowflake's provider has it."""
    execute(STATEMENTS[kind](inputs))
    parts = [inputs[name] for name in ("database", "schema", "name") if name in inputs]
    whole = ".".join(f'"{part}"' for part in parts)
    return whole, {"fullyQualifiedName": whole}
