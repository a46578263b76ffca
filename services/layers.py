"""The code shared by silver and gold, which consume the previous layer's batches in order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.adapters.snowflake import Session, Warehouse
from services.model import GENESIS
from services.quality import BatchRule, Finding, reports_of, warnings_of
from services.quality_results import Evaluated, check_batch, recorded_if_stopped
from services.quality_rules import BATCH_RULES, rules_of
from services.watermarks import (
    BatchRecord,
    Watermark,
    advance,
    is_recorded,
    open_stream,
    read_watermarks,
    record_batch,
)


@dataclass(frozen=True)
class Window:
    """Batches ``(after, upto]`` of the layer before, which one transaction consumes.

    `kind` is `live`, or `replay` where consumed batches are consumed again.
    """

    watermark: Watermark
    after: int
    upto: int
    kind: str

    @property
    def network(self) -> str:
        """The network whose batches they are."""
        return self.watermark.network

    def __str__(self) -> str:
        return f"{self.after + 1} to {self.upto} of {self.network}"


@dataclass(frozen=True)
class Content:
    """The counts of what a layer's statements wrote for one window; `rows` are those by table."""

    update_count: int
    row_count: int
    counts: dict[str, int] | None = None
    rows: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class Built:
    """A committed batch, what its rules found, and the rows that it wrote, by table."""

    batch: BatchRecord
    findings: tuple[Finding, ...]
    rows: Mapping[str, int]

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The broken rules that people are notified of."""
        return warnings_of(self.findings)

    @property
    def reports(self) -> tuple[str, ...]:
        """The reports of rules that are given for every batch."""
        return reports_of(self.findings)


@dataclass(frozen=True)
class Layer:
    """A layer: the stream with its position, the layer it consumes, and how.

    `build` writes a window's rows as batch number N, inside the caller's transaction.
    """

    name: str
    stream: str
    consumes: str
    build: Callable[[Session, Window, int], Content]


def pending_windows(
    warehouse: Warehouse, layer: Layer, rebuild_from: int | None = None
) -> list[Window]:
    """Return the windows a layer must consume: at most one per network, up to the newest batch now.

    Args:
        warehouse: Where the batches are.
        layer: The consuming layer.
        rebuild_from: Consume again from this batch of the layer before on, whatever was consumed.
    """
    with warehouse.session() as session:
        newest = session.query(
            """select network, max(batch_id) as batch_id from ops.batches
               where layer = %(layer)s group by network order by network""",
            {"layer": layer.consumes},
        )
        opened = read_watermarks(session, layer.stream)
    windows: list[Window] = []
    for row in newest:
        network = row["network"]
        watermark = opened.get(network) or open_stream(warehouse, layer.stream, network, GENESIS)
        windows.append(_window(watermark, int(row["batch_id"]), rebuild_from))
    return [window for window in windows if window.after < window.upto]


def commit_window(
    warehouse: Warehouse,
    layer: Layer,
    window: Window,
    run_id: str,
    rules: Sequence[BatchRule] = BATCH_RULES,
) -> Built:
    """Move the stream, write the rows, hold them against the rules: one transaction.

    Raises:
        PositionMoved: Another run consumed first.
        QualityFailed: A rule of severity `error` is broken; nothing was committed.
        WarehouseUnavailable: Try again.
    """
    previous = window.watermark
    now = replace(
        previous,
        consumed_batch_id=max(window.upto, previous.consumed_batch_id),
        batch_id=previous.batch_id + 1,
    )
    batch = BatchRecord(
        layer=layer.name,
        network=window.network,
        batch_id=now.batch_id,
        kind=window.kind,
        update_count=0,
        row_count=0,
        after_batch_id=window.after,
        upto_batch_id=window.upto,
    )
    evaluated = Evaluated(batch.network, batch.layer, batch.batch_id, run_id)
    findings: list[Finding] = []
    with (
        warehouse.session() as session,
        recorded_if_stopped(session, evaluated, findings),
        session.transaction(
            is_committed=lambda: is_recorded(warehouse, batch, run_id), run_id=run_id
        ),
    ):
        advance(session, previous, now, run_id)
        content = layer.build(session, window, batch.batch_id)
        batch = replace(
            batch,
            update_count=content.update_count,
            row_count=content.row_count,
            counts=content.counts,
        )
        judging = rules_of(layer.name, rules)
        check_batch(session, evaluated, judging, _judged(batch), findings)
        record_batch(session, batch, run_id)
    return Built(batch, tuple(findings), content.rows)


def _window(watermark: Watermark, newest: int, rebuild_from: int | None) -> Window:
    if rebuild_from is None:
        return Window(watermark, watermark.consumed_batch_id, newest, "live")
    # Whatever was not consumed yet comes along: a rebuild never skips a batch.
    after = min(rebuild_from - 1, watermark.consumed_batch_id)
    return Window(watermark, after, newest, "replay")


def _judged(batch: BatchRecord) -> dict[str, object]:
    """A batch as the rules' statements name it."""
    return {
        "network": batch.network,
        "batch_id": batch.batch_id,
        "after_batch_id": batch.after_batch_id,
        "upto_batch_id": batch.upto_batch_id,
    }
