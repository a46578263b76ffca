"""Recovery: a crashed run is run again, with growing waits, and given up after some crashes.

An automation starts it for each crashed run (deployments/automations.yaml), as a worker's own
process: nothing that the crashed run needed is needed here.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from prefect import State, flow, get_run_logger
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.runtime import flow_run as this_run
from prefect.states import AwaitingRetry, Failed
from pydantic import PositiveFloat, PositiveInt

from flows.alert_book import (
    link_to,
    opened_control_book,
    tell_control_failure,
    tell_control_recovery,
)
from flows.listing import read_our_flows, read_runs
from services.alerts import CRASHED, Alert
from services.crashes import without_guess
from services.errors import SlackUnavailable

# Deployments whose runs may begin again at any point: ours continue from the stored position.
TAG = "auto-recover"
LOOKS_BACK = timedelta(days=1)


def _name() -> str:
    return f"recover {this_run.parameters.get('flow_run_id') or 'what was missed'}"


@flow(
    name="canton-recover-runs",
    flow_run_name=_name,
    on_failure=[tell_control_failure],
    on_completion=[tell_control_recovery],
)
async def recover_runs_flow(
    flow_run_id: UUID | None = None,
    most_crashes: PositiveInt = 3,
    wait_seconds: PositiveFloat = 10,
) -> None:
    """Have a crashed run start again later, or fail for good.

    Args:
        flow_run_id: The run; one that has gone on since is left alone. None means all with the
            tag that crashed within a day: an event may get lost when the server is restarted.
        most_crashes: Given up at this many in a row; without the tag `auto-recover` at the first.
        wait_seconds: Before the second start; each further wait is three times as long.
    """
    log = get_run_logger()
    async with get_client() as client:
        found = [await client.read_flow_run(flow_run_id)] if flow_run_id else _crashed()
        log.info("%d runs to look after", len(found))
        for run in found:
            if run.state is None or not run.state.is_crashed():
                log.info("run %s is %s: nothing to recover", run.name, run.state_name)
                continue
            crashes = crashes_in_a_row(await client.read_flow_run_states(run.id))
            most = most_crashes if TAG in run.tags else 1
            state = next_state(run.state, crashes, most, wait_seconds)
            if state.is_failed():
                name = (await client.read_flow(run.flow_id)).name
                alert = Alert(CRASHED, name, state.message or "", state.timestamp, link_to(run))
                if not told_of(alert):
                    log.warning("run %s stays crashed: Slack took nothing", run.name)
                    continue
            await client.set_flow_run_state(run.id, state)
            log.info("run %s is now %s: %s", run.name, state.name, state.message)


def told_of(alert: Alert) -> bool:
    """Tell of a run that is given up; where Slack takes nothing, the watch tells of it later."""
    try:
        with opened_control_book() as book:
            book.tell(alert)
    except SlackUnavailable:
        return False
    return True


def _crashed() -> list[FlowRun]:
    with get_client(sync_client=True) as client:
        return read_runs(
            client,
            read_our_flows(client),
            state={"type": {"any_": ["CRASHED"]}},
            deployment_id={"is_null_": False},
            end_time={"after_": datetime.now(UTC) - LOOKS_BACK},
            tags={"all_": [TAG]},
        )


def crashes_in_a_row(states: Sequence[State[Any]]) -> int:
    """Count a run's crashes since it last ended otherwise; a person may have restarted it then."""
    count = 0
    for state in sorted(states, key=lambda state: state.timestamp, reverse=True):
        if state.is_crashed():
            count += 1
        elif state.is_final():
            break
    return count


def next_state(
    crashed: State[Any], crashes: int, most_crashes: int, wait_seconds: float
) -> State[Any]:
    """Return a crashed run's next state: a scheduled retry, or Failed, which people are told of."""
    message = without_guess(crashed.message or "")
    if crashes >= most_crashes:
        times = "a crash" if crashes == 1 else f"{crashes} crashes"
        return Failed(message=f"gave up after {times}: {message}")
    wait = timedelta(seconds=wait_seconds * 3 ** (crashes - 1))
    return AwaitingRetry(
        scheduled_time=datetime.now(UTC) + wait,
        message=f"crash {crashes} of at most {most_crashes}: {message}",
    )
