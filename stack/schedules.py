"""The schedules of the deployments: whether they run, and when next."""

from collections.abc import Mapping

from console.variables import is_on
from services.tables import print_table
from stack.running import running


def schedule(environment: Mapping[str, str]) -> int:
    """Let the schedules run (ON=1) or rest (ON=0), and show them."""
    api = running().prefect()
    if environment.get("ON"):
        is_active = is_on("ON", environment)
        for deployment in api.deployments():
            api.set_schedules(deployment, is_active=is_active)
    rows = [
        {
            "deployment": deployment["name"],
            "schedule": one["schedule"]["cron"],
            "state": "active" if one["active"] else "rests",
        }
        for deployment in api.deployments()
        for one in deployment["schedules"]
    ]
    print_table(rows, "schedules (UTC)")
    if not environment.get("ON"):
        print("make schedule ON=1 lets them run, ON=0 rest")
    return 0
