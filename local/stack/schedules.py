"""``./pipeline schedule``: the stack's schedules."""

from collections.abc import Mapping

from local.console.schedules import turn_schedules
from local.stack.running import running


def schedule(environment: Mapping[str, str]) -> int:
    turn_schedules(running().prefect(), environment)
    return 0
