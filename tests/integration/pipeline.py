"""One network's way through the layers, step by step as the flows go it, without Prefect."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services import bronze, gold, silver
from services.adapters.canton_scan import CantonScan
from services.adapters.snowflake import Session
from services.catalog import GOLD_KEYS
from services.layers import Built, Layer, Window, commit_window, pending_windows
from services.model import LandedPage
from services.settings import Settings
from services.watermarks import BatchRecord, Watermark
from services.wiring import Services, open_landing, open_notifier, open_warehouse

Row = dict[str, Any]


@dataclass
class Pipeline:
    """The services of one network, and what the layers of the warehouse hold of it."""

    services: Services
    run_id: str = "run-1"

    @property
    def network(self) -> str:
        """The network that the Scan serves."""
        return self.services.source.network()

    def watermark(self) -> Watermark:
        """Read the watermark of the bronze layer."""
        services = self.services
        return bronze.read_position(services.source, services.warehouse, services.settings.canton)

    def land(self, watermark: Watermark, budget_pages: int = bronze.MAX_FILES) -> list[LandedPage]:
        """Land the pages after a position, up to the head."""
        source, landing = self.services.source, self.services.landing
        pages: list[LandedPage] = []
        after = watermark.position
        while len(pages) < budget_pages:
            landed = bronze.land_next(source, landing, watermark, after, self.run_id)
            if landed is None:
                break
            pages.append(landed.page)
            after = landed.page.upto
            if landed.is_head:
                break
        return pages

    def check(self, pages: Sequence[LandedPage]) -> bronze.Checked:
        """Hold landed pages against the rules."""
        landing, warehouse = self.services.landing, self.services.warehouse
        return bronze.check_pages(landing, warehouse, self.watermark(), pages, self.run_id)

    def load(self, budget_pages: int = bronze.MAX_FILES) -> BatchRecord | None:
        """Commit a batch of everything new; None when nothing is."""
        watermark = self.watermark()
        pages = self.land(watermark, budget_pages)
        if not pages:
            return None
        warehouse = self.services.warehouse
        batch = bronze.commit_batch(warehouse, watermark, self.check(pages), self.run_id).batch
        bronze.verify_batch(warehouse, batch)
        return batch

    def window(self, layer: Layer, rebuild_from: int | None = None) -> Window | None:
        """Return the window that a layer still has to consume of this network, if any."""
        windows = pending_windows(self.services.warehouse, layer, rebuild_from)
        return next((window for window in windows if window.network == self.network), None)

    def build(self, layer: Layer, rebuild_from: int | None = None) -> Built | None:
        """Commit a layer's batch of everything new; None when nothing is."""
        window = self.window(layer, rebuild_from)
        return window and commit_window(self.services.warehouse, layer, window, self.run_id)

    def run(self) -> list[BatchRecord | None]:
        """Bronze, silver and gold; the batches that were committed."""
        loaded = self.load()
        built = [self.build(layer) for layer in (silver.LAYER, gold.LAYER)]
        return [loaded, *(one and one.batch for one in built)]

    def rows(self, sql: str) -> list[Row]:
        """A query's rows, with this network as ``%(network)s``."""
        with self.services.warehouse.session() as session:
            return session.query(sql, {"network": self.network})

    def execute(self, sql: str) -> int:
        """Change something behind the pipeline's back; the number of rows."""
        with self.services.warehouse.session() as session:
            return session.execute(sql, {"network": self.network})

    def table(self, name: str) -> list[Row]:
        """Return a table's rows of this network, ordered by key, without what tells runs apart."""
        with self.services.warehouse.session() as session:
            return self._table(session, name)

    def batches(self) -> list[Row]:
        """Return the committed batches, layer by layer."""
        return self.table("ops.batches")

    def state(self) -> dict[str, list[Row]]:
        """Everything that the warehouse holds of this network."""
        with self.services.warehouse.session() as session:
            return {name: self._table(session, name) for name in KEYS}

    def content(self) -> dict[str, list[str]]:
        """The rows of each layer, whichever batches and pages brought them."""
        return {
            name: sorted(
                str({column: row[column] for column in row if column not in _OF_THE_BATCH})
                for row in rows
            )
            for name, rows in self.state().items()
            if not name.startswith("ops.")
        }

    def _table(self, session: Session, name: str) -> list[Row]:
        key = ", ".join(f"t.{column}" for column in KEYS[name])
        rows = session.query(
            f"select * from {name} t where network = %(network)s order by {key}",
            {"network": self.network},
        )
        return [
            {column: row[column] for column in row if column not in _OF_THE_RUN} for row in rows
        ]

    def close(self) -> None:
        """Give the connections back."""
        for client in (self.services.source, self.services.landing):
            client.close()  # pyright: ignore[reportAttributeAccessIssue] -- a real one has it


KEYS = {
    "ops.cdc_watermarks": ("stream",),
    "ops.batches": ("layer", "batch_id"),
    "ops.quarantine": ("object_key", "quarantine_key"),
    "bronze.canton_transactions_raw": ("cdc_to_ts", "source_event_id"),
    "silver.canton_updates": ("migration_id", "record_time"),
    "silver.canton_transactions": ("migration_id", "record_time", "event_id", "leg"),
    "silver.canton_problems": ("update_id", "event_id"),
    "silver.coins": ("update_id", "contract_id"),
    "silver.coin_checks": ("update_id", "account"),
    "silver.rewards": ("update_id", "contract_id"),
    "silver.reward_rates": ("round_number", "rate"),
    **GOLD_KEYS,
}
# What depends on where runs began and ended.
_OF_THE_BATCH = {"batch_id", "s3_object_key", "cdc_from_ts", "cdc_to_ts"}
# What tells one run of the same history from another.
_OF_THE_RUN = {
    "bronze_record_id", "source_api_url", "source_url", "ingest_run_id", "run_id",
    "created_at", "updated_at", "committed_at",
}  # fmt: skip


def open_pipeline(settings: Settings) -> Pipeline:
    """A network's pipeline; `Pipeline.close` gives its connections back."""
    source = CantonScan(
        settings.canton.base_url,
        page_size=settings.canton.page_size,
        timeout_seconds=settings.canton.timeout_seconds,
        is_simulated=settings.canton.clock == "simulated",
    )
    return Pipeline(
        Services(
            settings=settings,
            source=source,
            landing=open_landing(settings.landing),
            warehouse=open_warehouse(settings.snowflake),
            notifier=open_notifier(settings.slack),
        )
    )
