"""Alerts, from what goes wrong to the inbox: once, grouped, and once when it is over."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime, timedelta

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import VariableCreate

from deployments.blocks import ensure_blocks
from flows.alert_book import MOST, AlertBook, OpenAlert, opened_control_book
from flows.alerts import keep_alerts, opened_book, tell_failure, tell_recovery
from flows.bronze_transactions import bronze_transactions_flow
from flows.gold_transactions import gold_transactions_flow
from services import __main__ as command_line
from services import alerts
from services.alerts import Alert, Kind
from services.errors import QualityFailed, SlackUnavailable, WarehouseUnavailable
from services.landing import landing_key
from services.model import GENESIS
from tests.runbook import to_type
from tests.updates import ALICE, line, tap, transaction

SINCE = datetime(2026, 11, 29, 20, 5, 30, tzinfo=UTC)


def alert(kind: Kind = alerts.FAILED, subject: str = "one", since: datetime = SINCE) -> Alert:
    return Alert(kind, subject, "a reason", since, "http://127.0.0.1/runs/1")


def failing(name: str):
    """A flow that fails as long as it is told to, as those of the pipeline are hooked."""

    @flow(name=name, on_failure=[tell_failure], on_completion=[tell_recovery])
    async def fail(error: str = "") -> None:
        if error:
            raise {"gate": QualityFailed}.get(error, WarehouseUnavailable)(f"for {error}")

    return fail


def run_and_fail(run_flow, one, error: str = "want of a warehouse") -> None:
    with pytest.raises((WarehouseUnavailable, QualityFailed)):
        run_flow(one, error=error)


def test_a_message_says_what_since_when_how_bad_what_to_type_and_where_to_look(alert_book, slack):
    alert_book.tell(alert())
    (told,) = slack()
    assert told.splitlines() == [
        ":x: *one* failed",
        "a reason",
        "since: 2026-11-29 20:05 UTC",
        "how bad: its work is not done; what was committed stays, its next run goes on from there",
        "type: `make status`; docs/runbook.md#failed tells what then",
        "see: http://127.0.0.1/runs/1",
    ]


@pytest.mark.usefixtures("alert_book")
def test_in_the_cloud_a_message_says_what_to_type_there(environment, world, run_flow, slack):
    ensure_blocks({}, world.environment["SLACK_WEBHOOK_URL"])
    environment(SLACK_STACK="canton-prod")
    run_and_fail(run_flow, failing("there"))
    with opened_control_book() as book:
        book.tell(alert(alerts.SILENT))
    failed, silent = slack()
    assert "type: `aws logs tail /canton-prod/flows --since 2h`; docs" in failed
    assert "type: `aws logs tail /canton-prod/workers --since 2h`; docs" in silent


def test_a_storm_of_fifty_failures_is_three_messages_and_each_recovery_is_told_once(
    run_flow, slack
):
    flows = [failing(f"storm-{number}") for number in range(5)]
    for number in range(50):
        run_and_fail(run_flow, flows[number % 5])
    told = slack()
    assert [one.splitlines()[:2] for one in told] == [
        [f":x: *storm-{number}* failed", "for want of a warehouse"] for number in range(MOST)
    ]
    assert "Prefect's page shows what else there is" in told[-1]

    for _ in range(2):
        for one in flows:
            run_flow(one)
    assert [one.splitlines()[0] for one in slack()[MOST:]] == [
        f":white_check_mark: *storm-{number}* runs again" for number in range(MOST)
    ]


def test_a_failed_gate_is_told_apart_from_a_failure_of_the_same_flow(run_flow, slack):
    one = failing("gated")
    run_and_fail(run_flow, one)
    run_and_fail(run_flow, one, "gate")
    run_and_fail(run_flow, one, "gate")
    failed, gate = slack()
    assert failed.startswith(":x: *gated* failed\n")
    assert gate.startswith(":x: *gated* failed at a quality rule\nfor gate\n")
    assert "type: `./pipeline quality`" in gate


@pytest.mark.parametrize("kind", [alerts.CRASHED, alerts.LATE, alerts.IDLE])
def test_what_others_told_of_a_flow_is_over_once_it_completes(kind, alert_book, run_flow, slack):
    alert_book.tell(alert(kind, "told"))
    run_flow(failing("other"))
    assert len(slack()) == 1
    for _ in range(2):
        run_flow(failing("told"))
    assert [one.splitlines()[0] for one in slack()[1:]] == [
        f":white_check_mark: *told* {kind.recovered}"
    ]


@pytest.mark.usefixtures("alert_book")
def test_those_who_find_the_same_at_the_same_time_tell_it_once(slack):
    def tell() -> None:
        with opened_book() as book:
            book.tell(alert())

    with ThreadPoolExecutor(8) as threads:
        told = [threads.submit(copy_context().run, tell) for _ in range(8)]  # Prefect's settings
    assert [one.result() for one in told] == [None] * 8
    assert len(slack()) == 1


class Clogged:
    """A Slack that takes nothing for a while."""

    def __init__(self, *, is_clogged: bool = True) -> None:
        self.told: list[str] = []
        self.is_clogged = is_clogged

    def send(self, text: str) -> None:
        if self.is_clogged:
            raise SlackUnavailable("Slack answered 503")
        self.told.append(text)


@pytest.mark.usefixtures("alert_book")
def test_what_slack_did_not_take_is_told_the_next_time():
    clogged = Clogged()
    with get_client(sync_client=True) as client:
        book = AlertBook(client, clogged)
        with pytest.raises(SlackUnavailable):
            book.tell(alert())
        clogged.is_clogged = False
        book.tell(alert())
        book.tell(alert())
        assert len(clogged.told) == 1
        clogged.is_clogged = True
        with pytest.raises(SlackUnavailable):
            book.settle(lambda _: True)
        clogged.is_clogged = False
        for _ in range(2):
            book.settle(lambda _: True)
    assert [one.splitlines()[0] for one in clogged.told[1:]] == [
        ":white_check_mark: *one* runs again"
    ]


@pytest.mark.usefixtures("alert_book")
def test_what_lasts_is_told_again_after_a_day_with_its_beginning():
    inbox = Clogged(is_clogged=False)
    later = alert(since=SINCE + timedelta(days=1))
    with get_client(sync_client=True) as client:
        for one in (alert(), later):
            AlertBook(client, inbox).tell(one)
        assert len(inbox.told) == 1
        AlertBook(client, inbox, remind_after=timedelta(0)).tell(later)
    assert len(inbox.told) == 2
    assert "since: 2026-11-29 20:05 UTC" in inbox.told[1]


def test_what_nobody_found_again_for_a_day_gives_its_place_to_another(alert_book):
    inbox = Clogged(is_clogged=False)
    with get_client(sync_client=True) as client:
        for number in range(MOST + 1):
            AlertBook(client, inbox).tell(alert(subject=f"old-{number}"))
        assert len(inbox.told) == MOST
        AlertBook(client, inbox, remind_after=timedelta(0)).tell(alert(subject="new"))
        assert len(inbox.told) == MOST + 1
        assert [one.subject for one in alert_book.open_alerts()].count("new") == 1


@pytest.mark.usefixtures("alert_book")
def test_variables_that_are_no_alerts_of_this_version_hinder_nobody(alert_book, slack):
    with get_client(sync_client=True) as client:
        for name, value in (("canton_alert_runs_1", "theirs"), ("canton_alert_x", {"kind": "odd"})):
            client.create_variable(VariableCreate(name=name, value=value))
        alert_book.tell(alert())
        assert [one.variable for one in alert_book.open_alerts()] == ["canton_alert_runs_2"]
        for name in ("canton_alert_runs_1", "canton_alert_x"):
            client.delete_variable_by_name(name)
    assert len(slack()) == 1


@pytest.fixture
def others() -> Iterator[None]:
    """More variables than the server hands out at once, all of them listed before ours."""
    names = [f"another_{number}" for number in range(201)]
    with get_client(sync_client=True) as client:
        for name in names:
            client.create_variable(VariableCreate(name=name, value=1))
        yield
        for name in names:
            client.delete_variable_by_name(name)


@pytest.mark.usefixtures("others")
def test_among_many_variables_of_others_an_alert_is_found(alert_book, slack):
    for _ in range(2):
        alert_book.keep(alerts.FAILED, [alert()])
    alert_book.keep(alerts.FAILED, [])
    assert [one.splitlines()[0] for one in slack()] == [
        ":x: *one* failed", ":white_check_mark: *one* runs again"
    ]  # fmt: skip


def test_an_alert_that_took_the_place_of_one_that_is_over_is_kept(alert_book, slack):
    alert_book.tell(alert())

    def another_comes_first(one: OpenAlert) -> bool:
        """While one is judged, somebody else tells that it is over, and then of another."""
        with opened_book() as book, get_client(sync_client=True) as client:
            client.delete_variable_by_name(one.variable)
            book.tell(alert(subject="another"))
        return True

    alert_book.settle(another_comes_first)
    assert [one.subject for one in alert_book.open_alerts()] == ["another"]
    assert [one.splitlines()[0] for one in slack()] == [
        ":x: *one* failed", ":x: *another* failed"
    ]  # fmt: skip


@pytest.mark.usefixtures("alert_book")
def test_what_cannot_be_found_out_fails_no_run(run_flow, slack):
    def refuse():
        raise WarehouseUnavailable("no table")

    @flow(name="asks")
    async def ask() -> str:
        keep_alerts(alerts.BACKLOG, refuse, {"bronze"})
        return "done"

    assert run_flow(ask) == "done"
    assert slack() == []


@pytest.mark.usefixtures("alert_book")
def test_of_a_kind_only_what_was_looked_at_can_be_over(slack):
    keep_alerts(alerts.STALE, lambda: [alert(alerts.STALE, "bronze")], {"bronze", "gold"})
    keep_alerts(alerts.STALE, list, {"gold"})
    assert len(slack()) == 1
    keep_alerts(alerts.STALE, list, {"bronze", "gold"})
    keep_alerts(alerts.STALE, list, {"bronze", "gold"})
    assert slack()[1:] == [
        ":white_check_mark: *bronze* is fresh again\nwas wrong since 2026-11-29 20:05 UTC"
    ]


COUNT = 6


def update(number, **fields):
    """An update that taps 5 CC for Alice."""
    return transaction(tap(ALICE, "5.0"), number=number, **fields)


def test_a_batch_that_a_rule_stops_is_told_until_its_lines_are_set_aside(
    run_flow, pipeline, scan, slack, database
):
    scan.lines = [line(update(1)), line(update(2, offset=0.5))]
    stopped = pipeline(scan, SNOWFLAKE_DATABASE=database)
    with pytest.raises(QualityFailed):
        run_flow(bronze_transactions_flow)
    key = landing_key(stopped.network, GENESIS)
    (told,) = slack()
    assert told.startswith(":x: *canton-transactions-bronze* failed at a quality rule\n")
    assert key in told
    assert command_line.main(to_type("gate", "release", KEY=key)) == 0
    run_flow(bronze_transactions_flow)
    assert slack()[1].startswith(":white_check_mark: *canton-transactions-bronze* runs again\n")


@pytest.mark.parametrize("verb", ["release", "discard"])
def test_a_page_that_has_waited_in_quarantine_for_an_hour_is_told_until_it_is_decided(
    run_flow, pipeline, scan, slack, database, verb
):
    scan.lines = [line(update(1)), line(update(2, offset=0.5)), line(update(3))]
    stopped = pipeline(scan, SNOWFLAKE_DATABASE=database)
    for _ in range(2):
        with pytest.raises(QualityFailed):
            run_flow(bronze_transactions_flow)
    assert len(slack()) == 1, "the failed gate"

    key = landing_key(stopped.network, GENESIS)
    stopped.execute(
        "update ops.quarantine set created_at = dateadd('minute', -61, created_at)"
        " where network = %(network)s"
    )
    for _ in range(2):
        with pytest.raises(QualityFailed):
            run_flow(bronze_transactions_flow)
    (told,) = slack()[1:]
    assert told.splitlines()[:2] == [
        f":x: *network {stopped.network}* waits in quarantine",
        f"1 in quarantine, the oldest is {key}",
    ]
    assert command_line.main(to_type("quarantine", verb, KEY=key, WHY="a test")) == 0
    run_flow(bronze_transactions_flow)
    assert [one.splitlines()[0] for one in slack()[2:]] == [
        f":white_check_mark: *network {stopped.network}* has nothing that waits in quarantine",
        ":white_check_mark: *canton-transactions-bronze* runs again",
    ]


def test_a_bronze_that_falls_behind_is_told_until_it_has_caught_up(run_flow, pipeline, scan, slack):
    scan.add(*(update(number) for number in range(1, COUNT + 1)))
    slow = {"CANTON_PAGE_SIZE": "1"}
    pipeline(scan, **slow)
    for _ in range(2):
        run_flow(bronze_transactions_flow, budget_pages=1)
    assert slack() == []
    for _ in range(2):
        run_flow(bronze_transactions_flow, budget_pages=1)
    (told,) = slack()
    assert told.splitlines()[0].endswith("* falls behind")
    assert "the last 3 batches were " in told
    _, budget = to_type("backlog", "trigger")
    name, _, pages = budget.partition("=")
    run_flow(bronze_transactions_flow, **{name.lower(): int(pages)})
    assert slack()[1].splitlines()[0].endswith("* catches up")


def test_a_layer_that_is_old_is_told_once_although_every_run_completes(
    run_flow, pipeline, scan, slack, database
):
    scan.add(update(1))
    line = pipeline(scan, SNOWFLAKE_DATABASE=database)
    line.load()
    for _ in range(2):
        run_flow(gold_transactions_flow, max_age_minutes=90)
    (told,) = slack()
    assert told.splitlines()[0] == ":x: *bronze* is older than it may be"
    assert f"network {line.network}: the newest update, 2025-12-10" in told
    run_flow(gold_transactions_flow, max_age_minutes=10**7)
    assert [one.splitlines()[0] for one in slack()[1:]] == [
        ":white_check_mark: *bronze* is fresh again"
    ]
