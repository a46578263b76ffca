"""The outputs of the infrastructure program: ids that are known only once it has run.

`pulumi stack output --json` writes them; they hold no secret and are kept beside the settings, in
``cloud/infra/outputs.<stack>.json``, so that a plan can be made without an account.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from cloud.infra.environment import client_environment, secret_keys
from cloud.infra.names import Names
from cloud.infra.settings import FOLDER, Settings, explain
from local.console.errors import CommandFailed

NOT_MADE = "not-made-yet"


class OutputsWrong(CommandFailed):
    """There are none yet, or they are of another version of the program."""


class Outputs(BaseModel):
    """Outputs of the program; `cloud/infra/program.py` returns them under these names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cluster_arn: str
    ecs_events_queue: str
    egress_ip: str
    flow_execution_role_arn: str
    flow_family: str
    flow_log_group: str
    flow_security_group_ids: tuple[str, ...]
    flow_task_role_arn: str
    graph: str = NOT_MADE  # its digest: infra/__main__.py alone knows it
    image_repository: str
    landing_bucket: str
    prefect_api_url: str
    private_subnet_ids: tuple[str, ...]
    secret_arns: dict[str, str]
    vpc_id: str


def outputs_file(stack_name: str, folder: Path = FOLDER) -> Path:
    return folder / f"outputs.{stack_name}.json"


def read_outputs(stack_name: str, folder: Path = FOLDER) -> Outputs:
    """A stack's outputs.

    Raises:
        OutputsWrong: There are none, or one is missing, wrong or unknown; all are named.
    """
    file = outputs_file(stack_name, folder)
    if not file.exists():
        raise OutputsWrong(
            f"{file.name} doesn't exist: after `pulumi up`, in cloud/infra/:"
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


def placeholder_outputs(settings: Settings) -> Outputs:
    """Outputs as far as they follow from names, for comparisons before the first `pulumi up`.

    Ids that AWS assigns are `NOT_MADE`, which nothing takes for an id.
    """
    names, stack = Names(settings), settings.stack
    return Outputs(
        cluster_arn=names.arn("ecs", f"cluster/{names.cluster}"),
        ecs_events_queue=names.of("ecs-events"),
        egress_ip=NOT_MADE,
        flow_execution_role_arn=names.role_arn("flow-execution"),
        flow_family=names.flow_family,
        flow_log_group=names.log_group("flows"),
        flow_security_group_ids=(f"sg-{names.of('tasks')}-{NOT_MADE}",),
        flow_task_role_arn=names.role_arn("flow"),
        image_repository=(
            f"{stack.account_id}.dkr.ecr.{stack.region}.amazonaws.com/{names.of('pipeline')}"
        ),
        landing_bucket=settings.landing.bucket,
        prefect_api_url=client_environment(settings).values["PREFECT_API_URL"],
        private_subnet_ids=tuple(f"subnet-{zone}-{NOT_MADE}" for zone in settings.network.zones),
        secret_arns={
            key: names.arn("secretsmanager", f"secret:{names.secret(key)}-{NOT_MADE}")
            for key in secret_keys(settings)
        },
        vpc_id=f"vpc-{NOT_MADE}",
    )
