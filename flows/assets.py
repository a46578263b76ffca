"""Assets: a step that writes data tells Prefect's server what, and from what it was made.

The keys are the URIs of `services.lineage`. They depend on the settings, which are read when a run
begins: so a step of `flows.steps.materializing` gets its assets where it is called.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

from prefect.assets import add_asset_metadata
from prefect.tasks import MaterializingTask

from services.lineage import Lineage, landing_lineage, layer_lineage, table_uri
from services.model import LandedPage, Stretch
from services.run_reports import window_text
from services.watermarks import BatchRecord
from services.wiring import open_services

P = ParamSpec("P")
Result = TypeVar("Result")


def writing_pages(step: MaterializingTask[P, Result], network: str) -> MaterializingTask[P, Result]:
    """A step that ends with a network's pages landed."""
    return _writing(step, landing_lineage(open_services().settings, network))


def writing_tables(
    step: MaterializingTask[P, Result], layer: str, network: str
) -> MaterializingTask[P, Result]:
    """A step that commits a batch of a layer."""
    return _writing(step, layer_lineage(open_services().settings, layer, network))


def describe_pages(network: str, pages: Sequence[LandedPage]) -> None:
    """Say in the event of this step how much has been landed; a backfill may find nothing."""
    facts = {
        "network": network,
        "pages": len(pages),
        "rows": sum(page.line_count for page in pages),
        "window": str(Stretch(pages[0].after, pages[-1].upto)) if pages else "",
    }
    for uri in landing_lineage(open_services().settings, network).written:
        add_asset_metadata(uri, facts)


def describe_batch(batch: BatchRecord, rows: Mapping[str, int]) -> None:
    """Say in the events of this step which batch was committed, and its rows in each table."""
    facts: dict[str, Any] = {
        "network": batch.network,
        "batch": batch.batch_id,
        "kind": batch.kind,
        "updates": batch.update_count,
        "window": window_text(batch),
    }
    settings = open_services().settings.snowflake
    for table, count in rows.items():
        add_asset_metadata(table_uri(settings, table), {**facts, "rows": count})


def _writing(step: MaterializingTask[P, Result], lineage: Lineage) -> MaterializingTask[P, Result]:
    return step.with_options(assets=lineage.written, asset_deps=list(lineage.read))
