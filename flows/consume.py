"""Silver and gold alike: consume the batches of the layer before, network by network."""

from prefect import get_run_logger

from flows.artifacts import leave_report
from flows.assets import describe_batch, writing_tables
from flows.steps import announce, materializing, run_id, start_over_when_moved, step, warn
from services.layers import Built, Layer, Window, commit_window, pending_windows
from services.run_reports import BatchReport, StepTimes, count_movements
from services.wiring import open_services


@step(task_run_name="find {layer.consumes} batches to consume")
def find_windows(layer: Layer, rebuild_from: int | None) -> list[Window]:
    """The batches that a layer has not consumed, at most one window a network."""
    return pending_windows(open_services().warehouse, layer, rebuild_from)


@materializing(task_run_name="build {layer.name} from {layer.consumes} batches {window}")
def build_batch(layer: Layer, window: Window) -> Built:
    """Consume a window of batches in one transaction."""
    built = commit_window(open_services().warehouse, layer, window, run_id())
    describe_batch(built.batch, built.rows)
    return built


def consume(layer: Layer, rebuild_from: int | None) -> list[Built]:
    """Commit one batch a network that has something new, and tell who waits for it."""
    return start_over_when_moved(lambda: _consume(layer, rebuild_from))


def _consume(layer: Layer, rebuild_from: int | None) -> list[Built]:
    log = get_run_logger()
    windows = find_windows(layer, rebuild_from)
    if not windows:
        log.info("%s: no new %s batch", layer.name, layer.consumes)
    timed = [_build_timed(layer, window) for window in windows]
    for done, _ in timed:
        log.info(
            "%s: batch %s committed, %s rows from %s updates",
            layer.name,
            done.batch.batch_id,
            f"{done.batch.row_count:,}",
            f"{done.batch.update_count:,}",
        )
        for report in done.reports:
            log.debug("%s: %s", layer.name, report)
        announce(done.batch)
        warn(layer.name, done.warnings)
    if timed:
        leave_report(layer.name, lambda: [_report(done, times) for done, times in timed])
    return [done for done, _ in timed]


def _build_timed(layer: Layer, window: Window) -> tuple[Built, StepTimes]:
    times = StepTimes()
    with times.of("build"):
        return writing_tables(build_batch, layer.name, window.network)(layer, window), times


def _report(done: Built, times: StepTimes) -> BatchReport:
    movements, unbooked = count_movements(open_services().warehouse, done.batch)
    return BatchReport(done.batch, done.findings, times.seconds, unbooked, movements)
