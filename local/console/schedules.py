"""The schedules of deployments: whether they run. The same in every place that has a server."""

from collections.abc import Collection, Mapping

from local.console.place import Opens
from local.console.prefect_api import PrefectApi
from local.console.variables import is_on
from services.tables import print_table


def schedule(environment: Mapping[str, str], opened: Opens) -> int:
    with opened(["prefect"]) as place:
        turn_schedules(place.prefect(), environment)
    return 0


def turn_schedules(
    api: PrefectApi, environment: Mapping[str, str], pools: Collection[str] | None = None
) -> None:
    """Let the schedules of a place run (ON=1) or rest (ON=0), and show them.

    Args:
        pools: The place's own work pools, where others may have deployments on its server.
    """
    is_change = bool(environment.get("ON"))
    if is_change:
        is_active = is_on("ON", environment)
        for deployment in api.deployments():
            if pools is None or deployment["work_pool_name"] in pools:
                api.set_schedules(deployment, is_active=is_active)
    rows = [
        {
            "deployment": deployment["name"],
            "schedule": one["schedule"]["cron"],
            "state": "active" if one["active"] else "rests",
        }
        for deployment in api.deployments()
        if pools is None or deployment["work_pool_name"] in pools
        for one in deployment["schedules"]
    ]
    print_table(rows, "schedules (UTC)")
    if not is_change:
        print("./pipeline schedule --on lets them run, --off rest")
