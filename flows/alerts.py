"""Alerts of the pipeline's flows: their failures, their recoveries, and their findings."""

from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import contextmanager
from typing import Any

from prefect import State
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.flows import Flow

from flows.alert_book import AlertBook, link_to
from flows.artifacts import only_warned, this_run
from services.alerts import (
    CRASHED,
    FAILED,
    GATE,
    IDLE,
    LATE,
    Alert,
    Kind,
    kind_of_failure,
    reason_of_failure,
)
from services.settings import read_slack
from services.wiring import open_notifier

_OVER_ONCE_IT_COMPLETES = {FAILED, GATE, CRASHED, LATE, IDLE}


@contextmanager
def opened_book() -> Generator[AlertBook]:
    """The book of the server that this run reports to, with the webhook of its environment."""
    settings = read_slack()
    with get_client(sync_client=True) as client:
        yield AlertBook(client, open_notifier(settings), settings.stack)


def keep_alerts(kind: Kind, find: Callable[[], Iterable[Alert]], among: Collection[str]) -> None:
    """Do as `AlertBook.keep` in a run, which no alert fails: its log has a warning then."""
    with only_warned(f"nobody is told of {kind.name}"), opened_book() as book:
        book.keep(kind, find(), among)


def link_to_run() -> str:
    """The address of this run's page."""
    return link_to(this_run())


def tell_failure(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """A flow's `on_failure` hook: what failed, why, and where to look."""
    # Steps run inside the flow's event loop, where `result` would hand back a coroutine.
    error = state.result(raise_on_failure=False, _sync=True)  # pyright: ignore[reportCallIssue]
    reason = reason_of_failure(error, state.message)
    alert = Alert(kind_of_failure(error), flow.name, reason, state.timestamp, link_to(flow_run))
    with opened_book() as book:
        book.tell(alert)


def tell_recovery(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001
    """A flow's `on_completion` hook: that it runs again, if people know that it didn't."""
    with opened_book() as book:
        book.settle(lambda one: one.subject == flow.name and one.kind in _OVER_ONCE_IT_COMPLETES)
