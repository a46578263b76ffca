"""The retention of ended runs, with their logs and artifacts, and of events on Prefect's server.

A run that has not ended stays, whatever its age. Snapshots hold the history as it was; restored,
what is older than this goes at the next pass.
"""

from collections.abc import Mapping

from local.console.errors import CommandFailed

VARIABLE, DAYS = "KEEP_RUNS", "14"
_LEAST, _MOST = 2, 3650  # flows/recover_runs.py looks a day back for runs that crashed


def days_to_keep(environment: Mapping[str, str], default: str = DAYS) -> str:
    days = environment.get(VARIABLE)
    if not days:
        return default
    if not days.isdecimal() or not _LEAST <= int(days) <= _MOST:
        raise CommandFailed(
            f"{VARIABLE}={days}: expected a number of days from {_LEAST} to {_MOST}"
        )
    return days


def server_settings(days: str) -> dict[str, str]:
    """The variables of Prefect's server that let it delete, each hour and at each start.

    Flow runs take their task runs and states along; logs and artifacts follow, and once a day what
    of these belongs to no run. Without the first variable, events alone are deleted.
    """
    return {
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": f"P{days}D",
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{days}D",
    }
