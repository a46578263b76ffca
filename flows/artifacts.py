"""Artifacts of a flow run: a report of what it committed, and a bar while it lands pages for long.

A run that commits nothing has no report: its log says so in a line, and the page of all artifacts
goes on showing the last batch. The artifacts are the flow's, and made without a task.
"""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
from prefect import get_run_logger
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.client.schemas.filters import TaskRunFilter, TaskRunFilterId
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.events.filters import (
    EventFilter,
    EventIDFilter,
    EventNameFilter,
    EventRelatedFilter,
)
from prefect.exceptions import PrefectException
from prefect.utilities.urls import url_for

from services.errors import PipelineError
from services.run_reports import BatchReport, render

BAR_SECONDS = 5.0


def leave_report(layer: str, make_reports: Callable[[], list[BatchReport]]) -> None:
    """Leave a layer's report on the run's page; where that fails, a warning in its log."""
    leave_text(layer, lambda started: render(started, make_reports()))


def leave_text(name: str, write: Callable[[str], str]) -> None:
    """Leave Markdown on the run's page, as `leave_report` does.

    Args:
        name: Its key is ``<name>-report``.
        write: Makes it, of a phrase for who started the run.
    """
    with only_warned(f"{name}: the run has no report"), get_client(sync_client=True) as client:
        run = this_run()
        text = write(started_by(run, client))
        _create(client, run, key=f"{name}-report", type="markdown", data=text)


def started_by(run: FlowRun, client: SyncPrefectClient) -> str:
    """Return a phrase for who started a run: a schedule, an event, another run, or a person.

    An event is named with the automation that heard it, and linked.
    """
    if run.parent_task_run_id:
        task = TaskRunFilter(id=TaskRunFilterId(any_=[run.parent_task_run_id]))
        for parent in client.read_flow_runs(task_run_filter=task):
            link = f"[{parent.name}]({url_for(parent)})"
            return f"by run {link}, which was started {started_by(parent, client)}"
        return "by a run that is deleted"
    match run.created_by and run.created_by.type:
        case "SCHEDULE":
            due = f"{run.expected_start_time:%Y-%m-%d %H:%M:%S} UTC"
            return f"by schedule `{_creator(run)}`, due {due}"
        case "AUTOMATION":
            return f"by {_event_heard(run, client)}, through automation `{_creator(run)}`"
        case _:
            return "from Prefect's page or API" if run.deployment_id else "from the command line"


def _event_heard(run: FlowRun, client: SyncPrefectClient) -> str:
    """A link to the event that an automation started a run for.

    The run doesn't have it; Prefect's server tells of it in an event of the automation's. "An
    event" where there is none (an automation that missed one), or the server has not stored it yet,
    which takes it up to five seconds.
    """
    started = EventFilter(
        event=EventNameFilter(name=["prefect.automation.action.triggered"]),
        related=EventRelatedFilter(id=[f"prefect.flow-run.{run.id}"]),
    )
    for action in client.read_events(started, limit=1).events:
        for heard in action.resources_in_role["triggering-event"]:
            wanted = EventFilter(id=EventIDFilter(id=[UUID(heard.id.rpartition(".")[2])]))
            for event in client.read_events(wanted, limit=1).events:
                return f"event [`{event.event}`]({url_for(event)})"
    return "an event"


class ProgressBar:
    """A bar on the run's page that appears once `seconds` have passed, and moves no more often."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = time.monotonic() + seconds
        self._text = ""
        self._id: UUID | None = None

    def show(self, share: float, text: str) -> None:
        """Show how far the run is: as a share of 1, and as a line."""
        self._text = text
        if time.monotonic() >= self._next:
            self._put(share, text)
            self._next = time.monotonic() + self._seconds

    def end(self) -> None:
        """Fill the bar, if there is one."""
        if self._id:
            self._put(1, self._text)

    def _put(self, share: float, text: str) -> None:
        data = min(100 * share, 100.0)
        with only_warned("the run's progress isn't shown"), get_client(sync_client=True) as client:
            if self._id:
                client.update_artifact(self._id, ArtifactUpdate(data=data, description=text))
            else:
                self._id = _create(client, this_run(), type="progress", data=data, description=text)


@contextmanager
def progress_bar(seconds: float = BAR_SECONDS) -> Generator[ProgressBar]:
    """A bar that is full once what happens in here is done; where that fails, it stays."""
    bar = ProgressBar(seconds)
    yield bar
    bar.end()


def _creator(run: FlowRun) -> str | None:
    return run.created_by and run.created_by.display_value


def this_run() -> FlowRun:
    """The flow run that this is called in."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise PrefectException("no flow runs here")
    return context.flow_run


def _create(client: SyncPrefectClient, run: FlowRun, **fields: Any) -> UUID:
    return client.create_artifact(ArtifactCreate(flow_run_id=run.id, **fields)).id


@contextmanager
def only_warned(consequence: str) -> Generator[None]:
    """Log what goes wrong in here as a warning: the data is committed, or about to be."""
    try:
        yield
    except (PipelineError, PrefectException, httpx.HTTPError, ValueError) as error:
        # ValueError: Prefect's client can't read the answer.
        get_run_logger().warning("%s: %s", consequence, error)
