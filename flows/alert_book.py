"""Telling people of alerts: once when something goes wrong, once a day while it does, once after.

What people know of are variables of Prefect's server, ``canton_alert_<group>_<number>``: it makes
a variable of a name once, whoever comes at the same time, so nobody tells what another has told.
A group has at most `MOST` of them, so a storm is as many messages; one that nobody has found again
for a day gives its place to another. The same in every place.

Control flows import this, for whom little memory is: nothing here needs the warehouse.
"""

from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from prefect import State
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import VariableCreate
from prefect.client.schemas.objects import FlowRun, Variable
from prefect.exceptions import ObjectAlreadyExists, PrefectHTTPStatusError
from prefect.flows import Flow
from prefect.utilities.urls import url_for

from services.adapters.slack import SlackWebhook
from services.alerts import CONTROL, KINDS, UTC_MINUTE, Alert, Kind, recovery_text
from services.errors import SlackUnavailable
from services.ports import Notifier
from services.settings import read_slack

MOST = 3  # alerts of a group that people are told of at a time
_PREFIX = "canton_alert_"
_LAST = f"{MOST} are told at a time: Prefect's page shows what else there is"


@dataclass(frozen=True)
class OpenAlert:
    """An alert that people know of, and the variable that says so; times are UTC.

    A name may be another variable's by now; an id never is.
    """

    variable: str
    id: UUID
    kind: Kind
    subject: str
    since: datetime
    told_at: datetime


class AlertBook:
    """The alerts that people know of, and the way to tell them.

    `stack` is the cloud's that tells them; "" is none.
    """

    def __init__(
        self,
        client: SyncPrefectClient,
        notifier: Notifier,
        stack: str = "",
        remind_after: timedelta = timedelta(days=1),
    ) -> None:
        self._client = client
        self._notifier = notifier
        self._stack = stack
        self._remind_after = remind_after

    def open_alerts(self) -> list[OpenAlert]:
        """All of them."""
        # `read_variables` of the client has no filter, and reads 200 of all there are.
        query = {"variables": {"name": {"like_": _PREFIX}}}
        answer = self._client.request("POST", "/variables/filter", json=query)
        found = [_read(one) for one in Variable.model_validate_list(answer.json())]
        return [one for one in found if one]

    def tell(self, alert: Alert) -> None:
        """Tell of an alert, unless people know.

        Raises:
            SlackUnavailable: Nobody was told; the next time it is tried again.
        """
        known = next((one for one in self.open_alerts() if _is_same(one, alert)), None)
        if known:
            if not self._is_old(known):
                return
            alert = replace(alert, since=known.since)
            self._forget(known)
        claimed = self._claim(alert)
        if claimed is None:
            return
        try:
            is_last = claimed.variable.endswith(str(MOST))
            self._notifier.send(alert.text(_LAST if is_last else "", self._stack))
        except BaseException:  # whatever it was, nobody knows of it
            self._forget(claimed)
            raise

    def settle(self, is_over: Callable[[OpenAlert], bool]) -> None:
        """Tell once of what is over.

        Raises:
            SlackUnavailable: Nobody was told; the next time it is tried again.
        """
        for one in self.open_alerts():
            if is_over(one) and self._forget(one):
                try:
                    self.say_recovered(one.kind, one.subject, one.since)
                except SlackUnavailable:
                    self._claim(one)
                    raise

    def say_recovered(self, kind: Kind, subject: str, since: datetime) -> None:
        """Tell of the end of something, whoever told of its beginning."""
        self._notifier.send(recovery_text(kind, subject, f"was wrong since {since:{UTC_MINUTE}}"))

    def keep(
        self, kind: Kind, alerts: Iterable[Alert], among: Collection[str] | None = None
    ) -> None:
        """Tell that others of the kind are over, and of these alerts.

        Args:
            kind: That of all of them.
            alerts: What is wrong.
            among: The subjects that were looked at; None means all there are.
        """
        wrong = {one.subject: one for one in alerts}
        self.settle(
            lambda one: (
                one.kind == kind
                and one.subject not in wrong
                and (among is None or one.subject in among)
            )
        )
        for alert in wrong.values():
            self.tell(alert)

    def _claim(self, alert: Alert | OpenAlert) -> OpenAlert | None:
        """The first free variable of the alert's group, if nobody else tells of it."""
        value = {
            "kind": alert.kind.name,
            "subject": alert.subject,
            "since": alert.since.isoformat(),
            "told_at": datetime.now(UTC).isoformat(),
        }
        for number in range(1, MOST + 1):
            variable = VariableCreate(name=f"{_PREFIX}{alert.kind.group}_{number}", value=value)
            with suppress(ObjectAlreadyExists):
                return _read(self._client.create_variable(variable))
            current = self._read_named(variable.name)
            if current and _is_same(current, alert):
                return None
            if current and self._is_old(current) and self._forget(current):
                with suppress(ObjectAlreadyExists):
                    return _read(self._client.create_variable(variable))
        return None

    def _read_named(self, name: str) -> OpenAlert | None:
        found = self._client.read_variable_by_name(name)
        return found and _read(found)

    def _is_old(self, open_alert: OpenAlert) -> bool:
        return datetime.now(UTC) - open_alert.told_at >= self._remind_after

    def _forget(self, open_alert: OpenAlert) -> bool:
        """Delete the variable; True if it was still there, and not another of its name."""
        path = {"id": str(open_alert.id)}
        try:
            self._client.request("DELETE", "/variables/{id}", path_params=path)
        except PrefectHTTPStatusError as error:
            if error.response.status_code != HTTPStatus.NOT_FOUND:
                raise
            return False
        return True


def _read(variable: Variable) -> OpenAlert | None:
    """None for a variable that is no alert, or one that another version wrote otherwise."""
    if not variable.name.startswith(_PREFIX):
        return None
    value: Any = variable.value
    try:
        return OpenAlert(
            variable.name,
            variable.id,
            KINDS[value["kind"]],
            value["subject"],
            datetime.fromisoformat(value["since"]),
            datetime.fromisoformat(value["told_at"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _is_same(open_alert: OpenAlert, alert: Alert | OpenAlert) -> bool:
    return (open_alert.kind, open_alert.subject) == (alert.kind, alert.subject)


@contextmanager
def opened_control_book() -> Generator[AlertBook]:
    """The book of the server, with the webhook that its automations call: there is no other."""
    with get_client(sync_client=True) as client:
        block = client.read_block_document_by_name("slack", "custom-webhook")
        notifier = SlackWebhook(block.data["secrets"]["url"])
        yield AlertBook(client, notifier, read_slack().stack)


def tell_control_failure(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """A control flow's `on_failure` hook."""
    reason = f"{flow_run.name}: {state.message}"
    with opened_control_book() as book:
        book.tell(Alert(CONTROL, flow.name, reason, state.timestamp, link_to(flow_run)))


def tell_control_recovery(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001
    """A control flow's `on_completion` hook."""
    with opened_control_book() as book:
        book.settle(lambda one: (one.kind, one.subject) == (CONTROL, flow.name))


def link_to(run: FlowRun) -> str:
    """The address of a run's page, or its name where pages have none."""
    return url_for(run) or run.name
