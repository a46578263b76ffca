"""Backfill: the parts of a stretch of history that bronze does not hold yet.

python flows/backfill_transactions.py after=genesis upto=4/2025-12-10T16:00:00Z
"""

from functools import partial

from prefect import flow, get_run_logger

from flows.alerts import tell_failure, tell_recovery
from flows.approvals import approve, read_limits
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
from services import backfill, bronze
from services.model import LandedPage, Position, Stretch
from services.parameters import BudgetPages
from services.quarantine import keeping_refused_lines
from services.run_reports import StepTimes
from services.watermarks import BatchRecord, Watermark
from services.wiring import open_services


@step(task_run_name="find what bronze lacks of {stretch}")
def find_gaps(watermark: Watermark, stretch: Stretch) -> list[Stretch]:
    """The parts of a stretch that no batch covers, oldest first."""
    with open_services().warehouse.session() as session:
        covered = backfill.covered_stretches(session, watermark.network)
    return list(backfill.gaps(stretch, covered))


@step(task_run_name="land the page after {gap.after}", tags=[SCAN_TAG])
def land_page(watermark: Watermark, gap: Stretch) -> backfill.Fill:
    """Land the next page of a gap."""
    services = open_services()
    return backfill.land_within(services.source, services.landing, watermark, gap, run_id())


@materializing(task_run_name="commit the backfill of {filled}")
def commit_backfill(
    watermark: Watermark, checked: bronze.Checked, filled: Stretch
) -> bronze.Loaded:
    """Load the pages as a batch of their own; the stream's position stays."""
    services = open_services()
    with keeping_refused_lines(services.landing, services.warehouse, run_id()):
        loaded = bronze.commit_batch(services.warehouse, watermark, checked, run_id(), filled)
    describe_batch(loaded.batch, loaded.rows)
    return loaded


@flow(name="canton-transactions-backfill", on_failure=[tell_failure], on_completion=[tell_recovery])
async def backfill_transactions_flow(
    after: str, upto: str, budget_pages: BudgetPages = 200
) -> BatchRecord | None:
    """Commit one batch of what bronze lacks of the history between two positions.

    Args:
        after: A position ``4/2025-12-10T16:00:00Z``, or `genesis`; exclusive.
        upto: A position; inclusive, and at most where the live stream stands.
        budget_pages: Pages a run; what remains is the next run's. A person has to approve many.
    """
    stretch = Stretch(Position.parse(after), Position.parse(upto))
    limits = await read_limits()
    if (pages := min(budget_pages, bronze.MAX_FILES)) > limits.backfill_pages:
        await approve(f"backfill up to {pages} pages of {stretch}", limits.wait_hours)
    return start_over_when_moved(lambda: _run(stretch, budget_pages))


def _run(stretch: Stretch, budget_pages: int) -> BatchRecord | None:
    log = get_run_logger()
    watermark = read_position()
    network = watermark.network
    within = Stretch(stretch.after, min(stretch.upto, watermark.position))
    gap = next(iter(find_gaps(watermark, within)), None)
    if gap is None:
        log.info("backfill: bronze holds all of %s", within)
        return None
    times = StepTimes()
    with times.of("land"), progress_bar() as bar:
        pages, filled = _land_pages(watermark, gap, budget_pages, bar)
    if filled.after == filled.upto:
        log.warning("backfill: the Scan has nothing of %s; does the node lag?", gap)
        return None
    with times.of("check"):
        checked = writing_pages(check_pages, network)(watermark, pages)
    with times.of("load"):
        commit = writing_tables(commit_backfill, bronze.LAYER, network)
        loaded = commit(watermark, checked, filled)
    batch = loaded.batch
    with times.of("verify"):
        verify_batch(batch)
    log.info("backfill: batch %s committed, %s rows of %s", batch.batch_id, batch.row_count, filled)
    announce(batch)
    warn(bronze.LAYER, loaded.warnings)
    leave_bronze_report(loaded, times)
    if filled.upto < within.upto:
        log.warning("backfill: %s is still to be filled; run again to go on", within)
    return batch


def _land_pages(
    watermark: Watermark, gap: Stretch, budget_pages: int, bar: ProgressBar
) -> tuple[list[LandedPage], Stretch]:
    """Pages of a gap, and the part of it that they fill."""
    pages: list[LandedPage] = []
    after = gap.after
    while len(pages) < min(budget_pages, bronze.MAX_FILES):
        with kept_if_refused(watermark.network):
            land = partial(land_page, watermark, Stretch(after, gap.upto))
            fill = retry_while_server_away(land)
        if fill.page:
            pages.append(fill.page)
            after = fill.page.upto
            bar.show(len(pages) / budget_pages, f"page {len(pages)}, up to {after}")
        if fill.reaches_end:
            return pages, gap
        if not fill.page:
            break
    return pages, Stretch(gap.after, after)


if __name__ == "__main__":
    main(backfill_transactions_flow)
