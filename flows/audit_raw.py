"""The audit: the landed objects are still what bronze loaded.

python flows/audit_raw.py days=7
"""

import asyncio
from typing import Any

from prefect import State, flow, get_run_logger
from prefect.cache_policies import CachePolicy
from prefect.context import TaskRunContext
from prefect.futures import wait
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import PositiveInt

from flows.alerts import tell_failure, tell_recovery
from flows.artifacts import leave_text
from flows.command_line import main
from flows.results import LandingResults
from flows.steps import outcome, step
from services import audit
from services.errors import LandingCorrupt
from services.run_reports import render_audit
from services.wiring import open_services

# So many days at once: a thread waits for S3 most of the time, and holds one page.
RUNNER: Any = ThreadPoolTaskRunner(max_workers=4)  # Any: a flow's types take no runner's own future
MOST_SECONDS = 6000  # the watch calls a run stuck after two hours


@step(task_run_name="find the days that bronze holds")
def find_days(most: int) -> list[audit.Day]:
    """The newest days of each network."""
    return audit.read_days(open_services().warehouse, most)


def answer_key(_: TaskRunContext, arguments: dict[str, Any]) -> str:
    """The name of a day's answer: objects are immutable, so it holds for the same objects."""
    day: audit.Day = arguments["day"]
    return f"{day.folder}/{day.digest}"


@step(
    task_run_name="audit {day.folder}",
    cache_policy=CachePolicy.from_cache_key_fn(answer_key),
    cache_expiration=audit.GOOD_FOR,
    persist_result=True,
    result_serializer="json",
)
def audit_day(day: audit.Day) -> int:
    """Read each object of a day; the updates that are proven."""
    return audit.audit_day(open_services().landing, day)


@flow(
    name="canton-audit-raw",
    on_failure=[tell_failure],
    on_completion=[tell_recovery],
    task_runner=RUNNER,
    timeout_seconds=MOST_SECONDS,
)
async def audit_raw_flow(days: PositiveInt = 90) -> int:
    """Prove that the objects in S3 are those that bronze loaded; the updates that are proven.

    A day is read again once its answer is 30 days old, or when bronze holds more of it. One that
    ends before it is through keeps its answers: the next one goes on with the other days.

    Args:
        days: The newest so many of each network; older ones are in cold storage.
    """
    found = find_days(days)
    if not found:
        get_run_logger().info("audit: bronze holds no page yet, nothing to audit")
        return 0
    storage = LandingResults()
    await storage.asave("results", overwrite=True)
    futures = audit_day.with_options(result_storage=storage).map(found)
    await asyncio.to_thread(wait, futures)  # not here: a timeout reaches only what awaits
    states = [future.state for future in futures]
    rows = [_row(day, state) for day, state in zip(found, states, strict=True)]
    leave_text("audit", lambda started: render_audit(started, rows))
    answers = [outcome(state) for state in states]
    errors = [one for one in answers if isinstance(one, Exception)]
    if wrong := [str(one) for one in errors if isinstance(one, LandingCorrupt)]:
        raise LandingCorrupt("\n".join(wrong))
    if errors:
        raise errors[0]
    get_run_logger().info(
        "audit: %s objects with %s updates are as bronze loaded them; days read: %s of %s",
        f"{sum(len(day.pages) for day in found):,}",
        f"{sum(answers):,}",
        sum(state.name != "Cached" for state in states),
        len(states),
    )
    return sum(answers)


def _row(day: audit.Day, state: State[int]) -> tuple[str, ...]:
    updates = sum(page.row_count for page in day.pages)
    return f"`{day.folder}`", f"{len(day.pages):,}", f"{updates:,}", state.name or ""


if __name__ == "__main__":
    main(audit_raw_flow)
