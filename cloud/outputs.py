"""What the infrastructure program made, as it says itself: ids that are known only then.

`pulumi stack output --json` writes them; they hold no secret and are kept beside the settings, in
``infra/outputs.<stack>.json``, so that a plan can be made without an account.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from infra.settings import FOLDER, explain


class OutputsWrong(Exception):
    """There are none yet, or they are of another version of the program."""


class Outputs(BaseModel):
    """Of the program; `infra/program.py` returns them under these names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cluster_arn: str
    ecs_events_queue: str
    egress_ip: str
    flow_execution_role_arn: str
    flow_family: str
    flow_log_group: str
    flow_security_group_ids: tuple[str, ...]
    flow_task_role_arn: str
    image_repository: str
    landing_bucket: str
    prefect_api_url: str
    private_subnet_ids: tuple[str, ...]
    secret_arns: dict[str, str]
    vpc_id: str


def outputs_file(stack_name: str, folder: Path = FOLDER) -> Path:
    """Where a stack's outputs are kept."""
    return folder / f"outputs.{stack_name}.json"


def read_outputs(stack_name: str, folder: Path = FOLDER) -> Outputs:
    """A stack's outputs.

    Raises:
        OutputsWrong: There are none, or one is missing, wrong or unknown; all are named.
    """
    file = outputs_file(stack_name, folder)
    if not file.exists():
        raise OutputsWrong(
            f"{file.name} doesn't exist: after `pulumi up`, in infra/:"
            f" pulumi stack output --json --stack {stack_name} > {file.name}"
        )
    return checked(json.loads(file.read_text()), where=file.name)


def checked(values: dict[str, Any], where: str = "outputs") -> Outputs:
    """Outputs from plain values.

    Raises:
        OutputsWrong: See `read_outputs`.
    """
    try:
        return Outputs.model_validate(values)
    except ValidationError as error:
        raise OutputsWrong(explain(error, where)) from error
