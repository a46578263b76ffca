"""Bronze: everything new of the Scan's update history, landed in S3 and loaded into the warehouse.

python flows/bronze_transactions.py budget_pages=20
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from prefect import flow, get_run_logger

from flows.alerts import keep_alerts, link_to_run, tell_failure, tell_recovery
from flows.artifacts import ProgressBar, progress_bar
from flows.assets import describe_batch, writing_pages, writing_tables
from flows.command_line import main
from flows.scan_steps import (
    SCAN_TAG,
    check_pages,
    kept_if_refused,
    leave_bronze_report,
    read_position,
    verify_batch,
)
from flows.server import retry_while_server_away
from flows.steps import announce, materializing, run_id, start_over_when_moved, step, warn
from services import bronze
from services.alert_checks import growing_backlog, network_named, old_quarantine
from services.alerts import BACKLOG, QUARANTINE, Alert
from services.model import LandedPage, Position
from services.parameters import BudgetPages, BudgetSeconds
from services.quarantine import keeping_refused_lines
from services.run_reports import StepTimes
from services.watermarks import BatchRecord, Watermark
from services.wiring import open_services


@dataclass(frozen=True)
class BronzeRun:
    """The result of a run: its committed batch, if any, and whether it reached the Scan's head."""

    batch: BatchRecord | None
    is_head: bool


class Progress:
    """Counts a run's updates, and how fast those came that had to be fetched."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._count = self._fetched = 0

    @property
    def seconds(self) -> float:
        """Since the run began to land pages."""
        return time.monotonic() - self._began

    def add(self, landing: bronze.Landing) -> str:
        """Count a page, and say how far that is."""
        self._count += landing.page.line_count
        if not landing.is_new:
            return f"{self._count:,} updates, landed before"
        self._fetched += landing.page.line_count
        return f"{self._count:,} updates, {self._fetched / self.seconds:,.0f} updates/s"


@step(task_run_name="land the page after {after}", tags=[SCAN_TAG])
def land_page(watermark: Watermark, after: Position, until: float) -> bronze.Landing | None:
    """Land the next page; None when there is nothing new.

    A Scan that is too busy is waited for until then, by this process's monotonic clock.
    """
    services = open_services()
    return bronze.land_next(
        services.source,
        services.landing,
        watermark,
        after,
        run_id(),
        patience_seconds=until - time.monotonic(),
    )


@materializing(task_run_name="commit the batch after {watermark.position}")
def commit_batch(watermark: Watermark, checked: bronze.Checked) -> bronze.Loaded:
    """Load the pages and move the position in one transaction."""
    services = open_services()
    with keeping_refused_lines(services.landing, services.warehouse, run_id()):
        loaded = bronze.commit_batch(services.warehouse, watermark, checked, run_id())
    describe_batch(loaded.batch, loaded.rows)
    return loaded


@step(task_run_name="look for what waits in quarantine")
def find_old_quarantine(network: str, link: str) -> list[Alert]:
    """An alert, if anything has waited there for an hour."""
    with open_services().warehouse.session() as session:
        return old_quarantine(session, network, datetime.now(UTC), link)


@step(task_run_name="look whether bronze falls behind")
def find_backlog(network: str, link: str) -> list[Alert]:
    """An alert, if it does."""
    with open_services().warehouse.session() as session:
        return growing_backlog(session, network, link)


@flow(name="canton-transactions-bronze", on_failure=[tell_failure], on_completion=[tell_recovery])
async def bronze_transactions_flow(
    budget_pages: BudgetPages = 200, budget_seconds: BudgetSeconds = 1800
) -> BronzeRun:
    """Commit the updates after the stored position, as one batch.

    Args:
        budget_pages: Pages (of up to 1000 updates) a run; what remains is the next run's.
        budget_seconds: How long a run may go on landing pages, or wait for a busy Scan.
    """
    return start_over_when_moved(lambda: _run(budget_pages, budget_seconds))


def _run(budget_pages: int, budget_seconds: float) -> BronzeRun:
    log = get_run_logger()
    watermark = read_position()
    log.info("network %s stands at %s", watermark.network, watermark.position)
    network, link = watermark.network, link_to_run()
    subjects = [network_named(network)]
    keep_alerts(QUARANTINE, lambda: find_old_quarantine(network, link), subjects)
    times = StepTimes()
    with times.of("land"), progress_bar() as bar:
        pages, is_head = _land_pages(watermark, budget_pages, budget_seconds, bar)
    if not pages:
        keep_alerts(BACKLOG, list, subjects)
        log.info("bronze: nothing new after %s", watermark.position)
        return BronzeRun(None, is_head)
    with times.of("check"):
        checked = writing_pages(check_pages, network)(watermark, pages)
    with times.of("load"):
        loaded = writing_tables(commit_batch, bronze.LAYER, network)(watermark, checked)
    batch = loaded.batch
    with times.of("verify"):
        verify_batch(batch)
    log.info(
        "bronze: batch %s committed, %s rows up to %s",
        batch.batch_id,
        f"{batch.row_count:,}",
        batch.upto,
    )
    announce(batch)
    warn(bronze.LAYER, loaded.warnings)
    leave_bronze_report(loaded, times)
    keep_alerts(BACKLOG, lambda: [] if is_head else find_backlog(network, link), subjects)
    if not is_head:
        log.warning("bronze: the budget is spent and the Scan has more; run again to go on")
    return BronzeRun(batch, is_head)


def _land_pages(
    watermark: Watermark, budget_pages: int, budget_seconds: float, bar: ProgressBar
) -> tuple[list[LandedPage], bool]:
    """Pages up to the head or the end of the budget, and whether it was the head."""
    log = get_run_logger()
    pages: list[LandedPage] = []
    progress = Progress()
    until = time.monotonic() + budget_seconds
    after = watermark.position
    while len(pages) < min(budget_pages, bronze.MAX_FILES):
        with kept_if_refused(watermark.network):
            land = partial(land_page, watermark, after, until)
            landing = retry_while_server_away(land)
        if landing is None:
            return pages, True
        pages.append(landing.page)
        after = landing.page.upto
        text = f"page {len(pages)}, {progress.add(landing)}"
        log.info("bronze: %s", text)
        # How much the Scan has is not known: the bar is full when the budget is spent.
        bar.show(max(len(pages) / budget_pages, progress.seconds / budget_seconds), text)
        if landing.is_head:
            return pages, True
        if time.monotonic() > until:
            break
    return pages, False


if __name__ == "__main__":
    main(bronze_transactions_flow)
