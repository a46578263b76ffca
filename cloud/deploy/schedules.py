"""``./pipeline schedule --env prod``: the schedules of an environment's deployments."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from cloud.choices import selected_settings
from cloud.deploy.outside import Outside, real
from cloud.deploy.refusing import explain_account, explain_surroundings, refuse
from cloud.infra.settings import FOLDER, Settings
from cloud.outputs import read_outputs
from cloud.plan.state import CONTROL
from local.console.schedules import turn_schedules


def schedule(environment: Mapping[str, str]) -> int:
    settings = selected_settings("schedule", environment)
    carry_out(settings, real(settings, environment), environment)
    return 0


def carry_out(
    settings: Settings, outside: Outside, environment: Mapping[str, str], folder: Path = FOLDER
) -> None:
    """The same, with another world in the place of the real one."""
    outputs = read_outputs(settings.stack_name, folder)
    refuse(explain_surroundings(outside.environment))
    refuse(explain_account(settings, outside))
    with closing(outside.prefect_api(settings, outputs)) as api:
        turn_schedules(api, environment, (settings.prefect.pool, CONTROL))
