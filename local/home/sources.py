"""Queries of the home page's sources; each returns a plain answer."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httpx

from local.console.slack_inbox import slack_messages
from local.console.steering import ledger_network, read_state
from local.home.place import HomePlace
from local.home.readings import DASHBOARD, LANDING, PREFECT, SCAN, SLACK, WAREHOUSE
from services.adapters.tls import trusted

if TYPE_CHECKING:
    from services.adapters.snowflake import Session

Answer = dict[str, Any]
Rows = list[dict[str, Any]]
RUNS, MESSAGES, MINUTES = 10, 6, 60  # how many are shown
_MOST_OBJECTS = 20_000  # that are counted

_LAYERS = """
    select network, layer, max(batch_id) as batch_id, count(*) as batch_count,
        max(committed_at) as committed_at, max(upto_batch_id) as consumed_batch_id,
        sum(array_size(object_keys)) as page_count
    from ops.batches group by network, layer"""

# The ledger's time up to which each layer has come: that of the bronze batches in it.
_REACHED = """
    with silver as (
            select network, max(upto_batch_id) as upto
            from ops.batches where layer = 'silver' group by network),
        gold as (
            select s.network, max(s.upto_batch_id) as upto
            from ops.batches s join (
                select network, max(upto_batch_id) as upto
                from ops.batches where layer = 'gold' group by network
            ) g on g.network = s.network and s.batch_id <= g.upto
            where s.layer = 'silver' group by s.network)
    select b.network, max(b.upto_record_time) as bronze,
        max(iff(b.batch_id <= silver.upto, b.upto_record_time, null)) as silver,
        max(iff(b.batch_id <= gold.upto, b.upto_record_time, null)) as gold
    from ops.batches b
        left join silver on silver.network = b.network
        left join gold on gold.network = b.network
    where b.layer = 'bronze' group by b.network"""

_PROBLEMS = """
    select network, problem, count(*) as count, max(record_time) as last_at
    from silver.canton_problems group by network, problem order by count(*) desc, problem"""

_ACTIVITY = f"""
    select network, minute_at, update_count
    from gold.network_activity_minute
    qualify row_number() over (partition by network order by minute_at desc) <= {MINUTES}
    order by network, minute_at"""  # noqa: S608 -- a number of ours


def sources(place: HomePlace) -> dict[str, Callable[[], Answer]]:
    """Return the function that reads each source which the place has, by the source's name."""
    own = {
        PREFECT: read_prefect,
        SCAN: read_scan,
        SLACK: read_slack,
        DASHBOARD: read_dashboard,
    }
    return {
        **{one: partial(read, place) for one, read in own.items() if one in place.urls},
        WAREHOUSE: partial(read_warehouse, place),
        LANDING: partial(read_landing, place.settings()),
    }


def read_scan(place: HomePlace) -> Answer:
    """The mocked Scan: its ledger, the clock (none of a recording), and the faults it shows."""
    scan = place.url(SCAN)
    faults = read_state(scan, "faults")
    return {
        "network": ledger_network(scan),
        **read_state(scan, "ledger"),
        "clock": _clock(scan),
        "faults": [one for one in faults["faults"] if one["stands"]],
        "profiles": faults["profiles"],
    }


def _clock(scan: str) -> Answer | None:
    try:
        return read_state(scan, "clock")
    except httpx.HTTPStatusError as error:
        if error.response.status_code != HTTPStatus.CONFLICT:
            raise
        return None


def read_slack(place: HomePlace) -> Answer:
    """The newest messages of the inbox, the newest first, and how many there are."""
    messages = slack_messages(place.url(SLACK), after=0)
    newest = [{name: one[name] for name in ("received_at", "text")} for one in messages]
    return {"count": len(messages), "messages": newest[: -MESSAGES - 1 : -1]}


def read_dashboard(place: HomePlace) -> Answer:
    """The dashboard's health: up or not; it is optional, so that neither is an error."""
    try:
        answer = httpx.get(
            f"{place.url(DASHBOARD)}/_stcore/health", trust_env=False, verify=trusted()
        )
    except httpx.TransportError:
        return {"is_up": False}
    return {"is_up": answer.is_success}


def read_prefect(place: HomePlace) -> Answer:
    """The newest runs, what was last written, schedules, and how old gold may be if one says so.

    `assets` are those of the place's own database and bucket: a server may serve several.
    """
    api = place.prefect()
    try:
        flows = api.flow_names()
        runs = [_run(one, flows) for one in api.recent_runs(RUNS)]
        deployments = api.deployments()
        assets = [_asset(one) for one in api.materializations(place.uris())]
    finally:
        api.close()
    schedules = [one for deployment in deployments for one in deployment["schedules"]]
    limits = [one["parameters"].get("max_age_minutes") for one in deployments]
    return {
        "runs": runs,
        "assets": assets,
        "schedule_count": len(schedules),
        "active_schedule_count": sum(one["active"] for one in schedules),
        "max_age_minutes": next((limit for limit in limits if limit is not None), None),
    }


def _run(run: Mapping[str, Any], flows: Mapping[str, str]) -> Answer:
    return {
        "id": run["id"],
        "name": run["name"],
        "flow": flows.get(run["flow_id"], ""),
        "state": run["state_name"],
        "kind": run["state_type"],
        "started_at": run["start_time"],
        "seconds": run["estimated_run_time"],
    }


def _asset(event: Mapping[str, Any]) -> Answer:
    related, payload = event["related"], event["payload"]
    rows = payload.get("rows")
    return {
        "uri": event["resource"]["prefect.resource.id"],
        "at": event["occurred"],
        "sources": [
            one["prefect.resource.id"] for one in related if one["prefect.resource.role"] == "asset"
        ],
        "network": payload.get("network"),
        "rows": rows if isinstance(rows, int) else None,
    }


def read_landing(settings: Mapping[str, str]) -> Answer:
    """Pages, bytes and the newest page in the landing zone, by network."""
    import boto3  # noqa: PLC0415 -- half a second, which no other source has to wait for

    from services.landing import ROOT, network_of_key  # noqa: PLC0415

    found: dict[str, Answer] = {}
    pages = boto3.client("s3").get_paginator("list_objects_v2")
    most: Any = {"MaxItems": _MOST_OBJECTS}
    listed = pages.paginate(
        Bucket=settings["LANDING_BUCKET"], Prefix=ROOT, PaginationConfig=most
    ).search("Contents[]")
    count = 0
    for count, one in enumerate(filter(None, listed), 1):  # noqa: B007 -- how many there were
        network = found.setdefault(
            network_of_key(one["Key"]), {"page_count": 0, "bytes": 0, "landed_at": ""}
        )
        network["page_count"] += 1
        network["bytes"] += one["Size"]
        network["landed_at"] = max(network["landed_at"], _utc(one["LastModified"]))
    return {"by_network": found, "is_cut": count == _MOST_OBJECTS}


def _utc(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}Z"


def read_warehouse(place: HomePlace) -> Answer:
    """Progress of each layer, quarantine, problems, quality results and activity, as rows."""
    from local.console.report import row_counts  # noqa: PLC0415 -- a second, as above
    from services.parameters import DEFAULT_MAX_AGE_MINUTES  # noqa: PLC0415

    with place.warehouse().session() as session:
        counts = row_counts(session)
        reached = {row["network"]: row for row in session.query(_REACHED)}
        return {
            "layers": [
                {
                    **row,
                    "row_count": counts.get((row["network"], row["layer"]), 0),
                    "reached_at": reached.get(row["network"], {}).get(row["layer"]),
                }
                for row in session.query(_LAYERS)
            ],
            "aside": _aside(session),
            "problems": session.query(_PROBLEMS),
            "quality": _quality(session),
            "activity": session.query(_ACTIVITY),
            "max_age_minutes": DEFAULT_MAX_AGE_MINUTES,
        }


def _aside(session: "Session") -> Rows:
    """Pages that wait in quarantine, newest first; none in tables of an earlier version."""
    from services.quarantine_work import has_acts, waiting  # noqa: PLC0415 -- as above

    found = waiting(session) if has_acts(session) else []
    return [entry.summary() for entry in reversed(found)]


def _quality(session: "Session") -> Rows:
    """The last evaluation of each rule; none where an earlier version made the tables."""
    from services.quality_results import allowance, latest_results, outcome  # noqa: PLC0415 -- as above

    if not session.query("show tables like 'QUALITY_RESULTS' in schema ops"):
        return []
    results = latest_results(session)
    return [{**row, "result": outcome(row), "allowance": allowance(row)} for row in results]
