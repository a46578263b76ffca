"""Steps that bronze and backfill share: where bronze stands, and what becomes of fetched pages."""

from collections.abc import Generator
from contextlib import contextmanager

from prefect import get_run_logger

from flows.artifacts import leave_report
from flows.assets import describe_pages
from flows.steps import materializing, run_id, step
from services import bronze
from services.errors import PageRefused
from services.model import LandedPage
from services.run_reports import BatchReport, StepTimes
from services.settings import describe, is_bucket_of_aws
from services.watermarks import BatchRecord, Watermark
from services.wiring import open_services, prove

# Prefect's limit of this name, where there is one, bounds how many runs fetch a page at once.
SCAN_TAG = "canton-scan"


@step(task_run_name="read the position")
def read_position() -> Watermark:
    """Check the services and return bronze's watermark on the network that the Scan serves."""
    services = open_services()
    get_run_logger().info("settings: %s", describe(services.settings))
    prove(services)
    return bronze.read_position(services.source, services.warehouse, services.settings.canton)


@step(task_run_name="set a refused page of {network} aside")
def set_page_aside(network: str, refused: PageRefused) -> str:
    """Quarantine what the Scan answered; the key that holds it."""
    services = open_services()
    return bronze.set_page_aside(services.landing, services.warehouse, network, refused, run_id())


@contextmanager
def kept_if_refused(network: str) -> Generator[None]:
    """Quarantine a page that is refused in here, all tries included; the run fails all the same."""
    try:
        yield
    except PageRefused as refused:
        key = set_page_aside(network, refused)
        get_run_logger().warning("the page is kept as %s", key)
        raise


@materializing(task_run_name="check the landed pages")
def check_pages(watermark: Watermark, pages: list[LandedPage]) -> bronze.Checked:
    """Read the objects back and hold them against the quality rules."""
    services = open_services()
    checked = bronze.check_pages(services.landing, services.warehouse, watermark, pages, run_id())
    describe_pages(watermark.network, pages)
    return checked


@step(task_run_name="verify batch {batch.batch_id}")
def verify_batch(batch: BatchRecord) -> None:
    """Count it again from a fresh session."""
    bronze.verify_batch(open_services().warehouse, batch)


def leave_bronze_report(loaded: bronze.Loaded, times: StepTimes) -> None:
    """Leave the report of a batch on the run's page."""
    report = BatchReport(
        loaded.batch,
        loaded.findings,
        times.seconds,
        loaded.set_aside_count,
        bucket=open_services().settings.landing.bucket,
        is_in_aws=is_bucket_of_aws(),
    )
    leave_report(bronze.LAYER, lambda: [report])
