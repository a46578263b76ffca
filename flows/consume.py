"""Silver and gold alike: consume the batches of the layer before, network by network."""

from prefect import get_run_logger

from flows.steps import announce, run_id, start_over_when_moved, step, warn
from services.layers import Built, Layer, Window, commit_window, pending_windows
from services.wiring import open_services


@step(task_run_name="find {layer.consumes} batches to consume")
def find_windows(layer: Layer, rebuild_from: int | None) -> list[Window]:
    """The batches that a layer has not consumed, at most one window a network."""
    return pending_windows(open_services().warehouse, layer, rebuild_from)


@step(task_run_name="build {layer.name} from {layer.consumes} batches {window}")
def build_batch(layer: Layer, window: Window) -> Built:
    """Consume a window of batches in one transaction."""
    return commit_window(open_services().warehouse, layer, window, run_id())


def consume(layer: Layer, rebuild_from: int | None) -> list[Built]:
    """Commit one batch a network that has something new, and tell who waits for it."""
    return start_over_when_moved(lambda: _consume(layer, rebuild_from))


def _consume(layer: Layer, rebuild_from: int | None) -> list[Built]:
    log = get_run_logger()
    windows = find_windows(layer, rebuild_from)
    if not windows:
        log.info("%s: no new %s batch", layer.name, layer.consumes)
    built = [build_batch(layer, window) for window in windows]
    for done in built:
        log.info(
            "%s: batch %s committed, %s rows from %s updates",
            layer.name,
            done.batch.batch_id,
            f"{done.batch.row_count:,}",
            f"{done.batch.update_count:,}",
        )
        for report in done.reports:
            log.info("%s: %s", layer.name, report)
        announce(done.batch)
        warn(layer.name, done.warnings)
    return built
