"""The trial itself: what was made on the emulator, and what was not and why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pulumi.runtime.mocks import MockResourceArgs

from cloud.infra.emulator.aws import Aws, Inputs, Made
from cloud.infra.emulator.handlers import HANDLERS
from cloud.infra.graph import Recorder, Resource, run_under
from cloud.infra.program import build
from cloud.infra.settings import Settings

Execute = Callable[[str], Any]
# The objects that are made in the local Snowflake; it checks no rights.
STATEMENTS = {
    "snowflake:index/database:Database": "create database {name}",
    "snowflake:index/schema:Schema": "create schema {database}.{name}",
    "snowflake:index/stageExternalS3:StageExternalS3": (
        "create stage {database}.{schema}.{name}"
        " url = '{url}' storage_integration = {storageIntegration}"
    ),
}
_NO_RIGHTS = "the local Snowflake checks no rights, and computes without a warehouse"
# What a trial leaves out. A type that is in no table ends it.
NOT_APPLIED: dict[str, str] = {
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": "ministack has no Chatbot",
    "aws:rds/instance:Instance": "ministack would start a Postgres in Docker",
    "aws:secretsmanager/secretRotation:SecretRotation": "of RDS's own secret, which isn't there",
    "snowflake:index/accountRole:AccountRole": _NO_RIGHTS,
    "snowflake:index/grantAccountRole:GrantAccountRole": _NO_RIGHTS,
    "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole": _NO_RIGHTS,
    "snowflake:index/networkPolicy:NetworkPolicy": _NO_RIGHTS,
    "snowflake:index/resourceMonitor:ResourceMonitor": _NO_RIGHTS,
    "snowflake:index/serviceUser:ServiceUser": _NO_RIGHTS,
    "snowflake:index/storageIntegrationAws:StorageIntegrationAws": _NO_RIGHTS,
    "snowflake:index/warehouse:Warehouse": _NO_RIGHTS,
}
NO_WAREHOUSE = "no Snowflake was given to the trial"


class NoHandler(Exception):
    """The program makes a type that the trial neither applies nor leaves out."""


@dataclass(frozen=True)
class Applied:
    """The result of a trial: the program's outputs, the resources made and those left out."""

    outputs: dict[str, Any]
    made: dict[str, str]  # by resource, the id that the emulator gave
    left_out: dict[str, str]  # by resource, why


class _Maker(Recorder):
    """Makes each resource as soon as what it needs is there."""

    def __init__(self, aws: Aws, execute: Execute | None) -> None:
        super().__init__()
        self._aws = aws
        self._execute = execute
        self.made: dict[str, str] = {}
        self.left_out: dict[str, str] = {}

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        resource = Resource(args.typ, args.name, args.inputs)
        if handler := HANDLERS.get(args.typ):
            made, attributes = handler(self._aws, args.inputs)
        elif args.typ in STATEMENTS and self._execute:
            made, attributes = _in_snowflake(self._execute, args.typ, args.inputs)
        else:
            self.left_out[resource.key] = why_left_out(args.typ)
            return super().new_resource(args)
        self.made[resource.key] = made
        return made, {**args.inputs, **attributes}


def _in_snowflake(execute: Execute, kind: str, inputs: Inputs) -> Made:
    """Make an object; its id is its whole name, as Snowflake's provider has it."""
    execute(STATEMENTS[kind].format(**inputs))
    parts = [inputs[name] for name in ("database", "schema", "name") if name in inputs]
    whole = ".".join(f'"{part}"' for part in parts)
    return whole, {"fullyQualifiedName": whole}


def why_left_out(kind: str) -> str:
    """Return the reason why resources of a type are left out of a trial.

    Raises:
        NoHandler: It isn't known to be left out either.
    """
    if kind in STATEMENTS:
        return NO_WAREHOUSE
    if kind not in NOT_APPLIED:
        raise NoHandler(f"{kind} has no handler, and no reason in NOT_APPLIED")
    return NOT_APPLIED[kind]


def apply(settings: Settings, endpoint_url: str, execute: Execute | None = None) -> Applied:
    """Make a stack on an emulator that is empty.

    Args:
        execute: Runs a statement on a Snowflake; unset: nothing of it is made.

    Raises:
        botocore.exceptions.ClientError: The emulator refused a call.
    """
    aws = Aws(endpoint_url, settings.stack.region, settings.stack.account_id)
    maker = _Maker(aws, execute)
    outputs = run_under(maker, build, settings)
    return Applied(outputs, maker.made, maker.left_out)
