"""Runs of the deployed pipeline: starts them, follows them, prints their results."""

import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import httpx

from local.console.chosen_flow import PIPELINE, read_flow
from local.console.ending import message_when_stopped
from local.console.errors import CommandFailed
from local.console.prefect_api import ENDED, PrefectApi
from local.console.report import print_messages, print_report
from local.console.slack_inbox import newest_number, slack_messages
from local.console.steering import ledger_network
from local.stack.engine import docker
from local.stack.run_log import RunLog
from local.stack.running import StackPlace, running
from services.crashes import without_guess

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 20  # a run starts within 5
RECOVERY_SECONDS = 120  # an automation, a flow that starts, and a wait
LAST_LINES_SECONDS = 5  # runs send their lines every other second
AWAY_SECONDS = 600  # a server that was killed is back within a minute
_HINT = "make status tells how it is, make up starts what is missing"
BEFORE = {"SCHEDULED", "PENDING"}
_SINCE = "1h"  # the engine keeps its last 256 events


def trigger(environment: Mapping[str, str]) -> int:
    """Run the pipeline, or the flow that FLOW names, on the stack with its log, and show gold."""
    flow = read_flow(environment, default=PIPELINE)
    target = running()
    api = target.prefect()
    with outage_explained("Prefect's server"):
        deployment = api.deployment(flow.name)
    with outage_explained("the mocked Slack"):
        seen = newest_number(target.url("slack"))
    with outage_explained("Prefect's server"):
        run = api.create_run(deployment, flow.parameters)
    print(f"run {run['name']}: {target.url('prefect')}/runs/flow-run/{run['id']}", flush=True)
    goes_on = (
        f"run {run['name']} goes on without this: ./pipeline logs --run {run['name']} --follow"
    )
    with message_when_stopped(goes_on):
        try:
            run = follow(api, run["id"], is_brief=True)
        except httpx.HTTPError:
            print(goes_on, file=sys.stderr)
            raise
    messages = slack_messages(target.url("slack"), after=seen)
    if print_bad_end(run):
        print_messages(messages)
        print(f"./pipeline logs --run {run['name']} shows its whole log")
        return 1
    network = ledger_network(target.url("scan"))
    print_report(target.warehouse(), network, api.layer_runs(run["start_time"]), messages)
    return 0


@contextmanager
def outage_explained(service: str) -> Generator[None]:
    """Turn HTTP errors inside the context into a message that a service of the stack is away.

    Raises:
        CommandFailed: The service doesn't answer, or answers with an error.
    """
    try:
        yield
    except httpx.HTTPStatusError as error:
        raise CommandFailed(f"{service} answers {error.response.status_code}: {_HINT}") from None
    except httpx.HTTPError as error:
        why = str(error) or type(error).__name__
        raise CommandFailed(f"{service} doesn't answer ({why}): {_HINT}") from None


def follow(
    api: PrefectApi,
    run_id: str,
    *,
    is_brief: bool = False,
    pause: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Print what a run and its subflows log until it ends; the run as it ended.

    A brief log is without tracebacks.

    A crash is no end yet: recovery runs it again, or fails it for good (`flows/recover_runs.py`).
    A server that doesn't answer is waited for: it restarts by itself, and the run goes on without.

    Raises:
        httpx.HTTPError: The server refuses, or was away for `AWAY_SECONDS`.
    """
    log, progress, outage = RunLog(api, run_id, is_brief=is_brief), Progress(), Outage()
    while True:
        try:
            run = api.run(run_id)
            _print_note(outage.ended())
            _print_new(log)
            _print_note(progress.note(run))
            if run["state_type"] in ENDED and not progress.is_recovery_near:
                # Lines arrive after a run has ended; a killed run sends no more.
                deadline = time.monotonic() + LAST_LINES_SECONDS
                while not log.is_whole and time.monotonic() < deadline:
                    pause(POLL_SECONDS)
                    _print_new(log)
                return run
        except httpx.HTTPError as error:
            _print_note(outage.note(error))
        pause(POLL_SECONDS)


def _print_note(note: str | None) -> None:
    if note:
        print(note, flush=True)


class Outage:
    """A server that doesn't answer: reported once, and again when it is over."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: float | None = None

    def note(self, error: httpx.HTTPError) -> str | None:
        """The first word on an outage.

        Raises:
            httpx.HTTPError: The error is none, or the outage lasts for too long.
        """
        is_answer = isinstance(error, httpx.HTTPStatusError)
        if is_answer and error.response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise error
        if self._began is None:
            self._began = self._clock()
            return (
                f"Prefect's server doesn't answer ({str(error) or type(error).__name__}): the run"
                " goes on, and is followed again once it does"
            )
        if self._clock() - self._began > AWAY_SECONDS:
            raise error
        return None

    def ended(self) -> str | None:
        if self._began is None:
            return None
        seconds, self._began = self._clock() - self._began, None
        return f"Prefect's server answers again, after {seconds:.0f} s"


def _print_new(log: RunLog) -> None:
    for line in log.new_lines():
        print(line, flush=True)


def lacked_memory(run_id: str) -> bool | None:
    label = f"label=io.prefect.flow-run-id={run_id}"
    options = ("--since", _SINCE, "--until", "0s", "--filter", label, "--format", "{{.Action}}")
    try:
        seen = docker("events", *options).split()
    except CommandFailed:
        return None
    return "oom" in seen if "die" in seen else None


def cause(run: Mapping[str, Any], lacked: Callable[[str], bool | None] = lacked_memory) -> str:
    """The message of a crashed run; of a killed one, what Docker knows in place of a guess."""
    message = run["state"].get("message") or ""
    plain = without_guess(message)
    if plain == message:
        return message
    match lacked(run["id"]):
        case True:
            return f"{plain} Docker says: it needed more memory than it may have"
        case False:
            return f"{plain} Docker says: not for lack of memory"
        case None:
            return plain


class Progress:
    """The messages about a run that doesn't start, or that crashed and may be recovered."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        why: Callable[[Mapping[str, Any]], str] = cause,
    ) -> None:
        """Counts from now on; `why` returns a crash's cause."""
        self._clock, self._why = clock, why
        self._requested_at = clock()
        self._crashed_at: float | None = None
        self._is_start_settled = False

    @property
    def is_recovery_near(self) -> bool:
        """Tell whether the run crashed so recently that it may still be recovered."""
        crashed_at = self._crashed_at
        return crashed_at is not None and self._clock() - crashed_at < RECOVERY_SECONDS

    def note(self, run: Mapping[str, Any]) -> str | None:
        """A message about the run's current state, if there is something new."""
        state, had_crashed = run["state_type"], self._crashed_at is not None
        self._crashed_at = None if state != "CRASHED" else self._crashed_at or self._clock()
        if state == "CRASHED" and not had_crashed:
            self._is_start_settled = True
            return f"crashed ({self._why(run)}): it is run again by itself"
        is_late = self._clock() - self._requested_at > PATIENCE_SECONDS
        if self._is_start_settled or (state in BEFORE and not is_late):
            return None
        self._is_start_settled = True
        if state not in BEFORE:
            return None
        waits = f"not started yet ({run['state_name']})"
        return f"{waits}: another run, or a sick worker? make status tells"


def print_logs(target: StackPlace, name: str, *, is_followed: bool) -> int:
    api = target.prefect()
    runs = api.runs_named(name)
    if not runs:
        raise CommandFailed(f"no run is named {name}: make status tells the last ones")
    if is_followed:
        return int(print_bad_end(follow(api, runs[0]["id"])))
    _print_new(RunLog(api, runs[0]["id"]))
    return 0


def print_bad_end(run: dict[str, Any]) -> bool:
    """Print how a run ended unless it completed; True if it printed."""
    is_bad = run["state_type"] != "COMPLETED"
    if is_bad:
        print(f"{run['state_name']}: {run['state'].get('message') or ''}")
    return is_bad
