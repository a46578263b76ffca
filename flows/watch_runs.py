"""The watch: runs that are late, stuck or left crashed, and layers that nobody has run for long.

A schedule starts it every half hour, and an automation where a run stays late, as a process of
the control worker: it sees what doesn't happen, which no run of the pipeline can. That it stays
away itself is seen by Prefect's server (deployments/automations.yaml).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowFilter, FlowRunFilter, TaskRunFilter
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import FlowRunSort, TaskRunSort
from prefect.runtime import flow_run as this_run
from prefect.settings import PREFECT_UI_URL
from prefect.states import Cancelled

from flows.alert_book import (
    link_to,
    opened_control_book,
    tell_control_failure,
    tell_control_recovery,
)
from flows.listing import among, read_all, read_our_flows, read_runs
from flows.recover_runs import LOOKS_BACK
from services.alerts import CRASHED, IDLE, LATE, SILENT, STUCK, UTC_MINUTE, Alert, Kind

NAME = "canton-watch-runs"
CONTROL_POOL = "control"
SCHEDULED = "auto-scheduled"  # Prefect's tag of the runs that a schedule makes
LATE_AFTER = timedelta(minutes=5)  # a worker that restarts is back sooner
LEFT_AFTER = timedelta(minutes=15)  # recovery and the automations see to a run within five
STUCK_AFTER = {
    StateType.PENDING: LEFT_AFTER,
    StateType.CANCELLING: LEFT_AFTER,
    StateType.RUNNING: timedelta(hours=2),  # without a step: a statement ends within 15 minutes
}
SILENT_AFTER = timedelta(minutes=70)  # as long as the automation tell-silent-watch waits
# Bronze is scheduled each hour; silver and gold come with it, or else every six.
IDLE_AFTER = {
    "canton-transactions-bronze": timedelta(minutes=90),
    "canton-transactions-silver": timedelta(minutes=390),
    "canton-transactions-gold": timedelta(minutes=390),
}


Names = Mapping[UUID, str]  # of our flows, by id
Progress = Callable[[FlowRun], datetime | None]  # when its last step began or ended
Ends = Callable[[str], datetime | None]  # the end of a flow's last completed run, by its name


@flow(name=NAME, on_failure=[tell_control_failure], on_completion=[tell_control_recovery])
async def watch_runs_flow(as_of: datetime | None = None) -> None:
    """Tell people of what doesn't happen, and of what happens again.

    Args:
        as_of: The time to judge by; None means now.
    """
    now = as_of or datetime.now(UTC)
    with opened_control_book() as book, get_client(sync_client=True) as client:
        names = read_our_flows(client)
        end_of = cache(partial(last_completed, client))
        active = read_runs(
            client, names, state={"type": {"any_": ["PENDING", "RUNNING", "CANCELLING"]}}
        )
        late = read_runs(client, names, state={"name": {"any_": ["Late"]}})
        drop_own(client, [one for one in late if names[one.flow_id] == NAME])
        book.keep(LATE, late_flows(late, active, names, now))
        book.keep(STUCK, stuck_flows(active, partial(last_step_at, client), names, now))
        deployments = read_all(client.read_deployments, flow_filter=among(names))
        book.keep(IDLE, idle_flows(scheduled_since(deployments, names), end_of, now))
        crashed = read_runs(
            client,
            names,
            state={"type": {"any_": ["CRASHED"]}},
            deployment_id={"is_null_": False},
            end_time={"after_": datetime.now(UTC) - LOOKS_BACK},
        )
        for alert in left_crashed(crashed, end_of, names, now):
            book.tell(alert)
        if SCHEDULED in this_run.tags:
            before = last_completed(client, NAME, tags={"all_": [SCHEDULED]})
            if before and now - before > SILENT_AFTER:
                book.say_recovered(SILENT, NAME, before)


def drop_own(client: SyncPrefectClient, late: Iterable[FlowRun]) -> None:
    """Cancel further runs of the watch: a worker that was away would hold recovery up by them."""
    for one in late:
        client.set_flow_run_state(one.id, Cancelled(message="another one looks"), force=True)


def last_completed(
    client: SyncPrefectClient, flow_name: str, **conditions: Mapping[str, Any]
) -> datetime | None:
    """The end of a flow's last completed run; subflows of the pipeline count."""
    found = client.read_flow_runs(
        flow_filter=FlowFilter.model_validate({"name": {"any_": [flow_name]}}),
        flow_run_filter=FlowRunFilter.model_validate(
            {"state": {"type": {"any_": ["COMPLETED"]}}, **conditions}
        ),
        sort=FlowRunSort.END_TIME_DESC,
        limit=1,
    )
    return found[0].end_time if found else None


def late_flows(
    late: Sequence[FlowRun], active: Iterable[FlowRun], names: Names, now: datetime
) -> list[Alert]:
    """An alert for each flow with runs that nobody takes, although none of it is at work."""
    busy = {one.flow_id for one in active}
    found = [one for one in late if one.flow_id not in busy and now - due_at(one) >= LATE_AFTER]
    return alerts_by_flow(
        LATE,
        found,
        names,
        due_at,
        lambda runs: f"{len(runs)} waiting for a worker, the oldest is {runs[0].name}",
    )


def stuck_flows(
    active: Iterable[FlowRun], progress: Progress, names: Names, now: datetime
) -> list[Alert]:
    """An alert for each flow with a run that has been in one state for too long.

    Not for one whose steps go on: a backfill may take hours.
    """
    since: dict[UUID, datetime] = {}
    for one in active:
        if one.state and names[one.flow_id] != NAME:
            at, most = entered_at(one), STUCK_AFTER[one.state.type]
            if one.state.is_running() and now - at >= most:
                at = max(at, progress(one) or at)
            if now - at >= most:
                since[one.id] = at
    return alerts_by_flow(
        STUCK,
        [one for one in active if one.id in since],
        names,
        lambda run: since[run.id],
        lambda runs: f"{runs[0].name} is {runs[0].state_name}",
    )


def last_step_at(client: SyncPrefectClient, run: FlowRun) -> datetime | None:
    """The time at which the last step of a run, or of its subflows, began or ended."""
    subflows = client.read_flow_runs(
        flow_run_filter=FlowRunFilter.model_validate({"parent_flow_run_id": {"any_": [run.id]}})
    )
    found = client.read_task_runs(
        task_run_filter=TaskRunFilter.model_validate(
            {"flow_run_id": {"any_": [run.id, *(one.id for one in subflows)]}}
        ),
        sort=TaskRunSort.EXPECTED_START_TIME_DESC,
        limit=1,
    )
    return found[0].state.timestamp if found and found[0].state else None


def left_crashed(
    crashed: Iterable[FlowRun], end_of: Ends, names: Names, now: datetime
) -> list[Alert]:
    """An alert for each flow with a crashed run that recovery neither restarts nor gives up.

    Not for one that has completed since, nor for control flows: Prefect's server tells of those.
    """
    found = [
        one
        for one in crashed
        if now - entered_at(one) >= LEFT_AFTER
        and one.work_pool_name != CONTROL_POOL
        and not ((end := end_of(names[one.flow_id])) and end > entered_at(one))
    ]
    return alerts_by_flow(
        CRASHED,
        found,
        names,
        entered_at,
        lambda runs: f"{runs[0].name}: {runs[0].state.message if runs[0].state else ''}",
    )


def idle_flows(scheduled: Mapping[str, datetime], end_of: Ends, now: datetime) -> list[Alert]:
    """An alert for each layer with an active schedule that hasn't completed for too long.

    Args:
        scheduled: Since when each flow is scheduled; others may rest.
        end_of: See `Ends`.
        now: The time.
    """
    found: list[Alert] = []
    for name in scheduled.keys() & IDLE_AFTER.keys():
        last = end_of(name)
        since = max(last or scheduled[name], scheduled[name])
        if now - since >= IDLE_AFTER[name]:
            at = f"{last:{UTC_MINUTE}}" if last else "never"
            reason = f"the last completed run ended: {at}"
            found.append(Alert(IDLE, name, reason, since, f"{PREFECT_UI_URL.value()}/deployments"))
    return found


def scheduled_since(deployments: Iterable[DeploymentResponse], names: Names) -> dict[str, datetime]:
    """The flows that have an active schedule, and since when they have it as it is."""
    return {
        names[one.flow_id]: max(each.updated for each in one.schedules if each.updated)
        for one in deployments
        if not one.paused and any(each.active for each in one.schedules)
    }


def alerts_by_flow(
    kind: Kind,
    runs: Iterable[FlowRun],
    names: Names,
    since: Callable[[FlowRun], datetime],
    reason: Callable[[list[FlowRun]], str],
) -> list[Alert]:
    """An alert for each flow of some runs, by the oldest of them; `reason` takes them in order."""
    found: dict[UUID, list[FlowRun]] = defaultdict(list)
    for one in sorted(runs, key=since):
        found[one.flow_id].append(one)
    return [
        Alert(kind, names[flow_id], reason(of_flow), since(of_flow[0]), link_to(of_flow[0]))
        for flow_id, of_flow in found.items()
    ]


def due_at(run: FlowRun) -> datetime:
    """The time at which a run was to begin."""
    return run.expected_start_time or entered_at(run)


def entered_at(run: FlowRun) -> datetime:
    """The time at which a run entered its state."""
    return run.state.timestamp if run.state else datetime.min.replace(tzinfo=UTC)
