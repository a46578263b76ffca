"""The deployments of ``prefect.yaml`` as a server will hold them, computed without a server.

They are made as by ``prefect deploy``, from the file and the flow's own code: a parameter that a
flow got or lost changes its deployment, too.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema

from deployments.deployments import PrefectFile
from deployments.registered import Registered, Values, schedule_name


def rendered(content: PrefectFile) -> dict[str, Values]:
    """Return each deployment's fields, named as on the server, by full name ``flow/deployment``.

    Schedules by name: whether one is active is a person's, but for a new one.
    """
    found: dict[str, Values] = {}
    for one in content["deployments"]:
        flow = load_flow_from_entrypoint(one["entrypoint"])
        limit = one.get("concurrency_limit") or {}
        found[f"{flow.name}/{one['name']}"] = {
            "entrypoint": one["entrypoint"],
            "description": one.get("description") or flow.description,
            "work_pool_name": one["work_pool"]["name"],
            "work_queue_name": one["work_pool"].get("work_queue_name") or "default",
            "job_variables": one["work_pool"].get("job_variables") or {},
            "pull_steps": one.get("pull") or content["pull"],
            "tags": sorted(one.get("tags") or ()),
            "parameters": one.get("parameters") or {},
            "parameter_openapi_schema": _filled(parameter_schema(flow).model_dump_for_openapi()),
            "concurrency_limit": limit.get("limit"),
            "concurrency_options": {k: v for k, v in limit.items() if k != "limit"} or None,
            "schedules": {
                schedule_name(each): _timing(each) for each in one.get("schedules") or ()
            },
        }
    return found


def _filled(values: Mapping[str, Any]) -> Values:
    """Return the values that are not empty: Prefect omits empty ones in some places."""
    return {name: value for name, value in values.items() if value not in (None, {}, [])}


def _timing(schedule: Mapping[str, Any]) -> Values:
    return {"cron": schedule.get("cron"), "timezone": schedule.get("timezone") or "UTC"}


def unlike(deployments: Mapping[str, Values], registered: Registered) -> list[str]:
    return [
        f"{name}: {field}"
        for name, fields in deployments.items()
        for field in _unlike(fields, registered.deployments.get(name))
    ]


def _unlike(expected: Values, found: Values | None) -> Iterable[str]:
    if found is None:
        return ["isn't there"]
    there = {
        **found,
        "schedules": {schedule_name(one): _timing(one["schedule"]) for one in found["schedules"]},
        "concurrency_options": _filled(found["concurrency_options"] or {}) or None,
        "parameter_openapi_schema": _filled(found["parameter_openapi_schema"]),
    }
    return [field for field, value in expected.items() if there[field] != value]
