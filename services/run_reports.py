"""The report of a run: what it committed, how fast, and what the rules found, as Markdown.

All of it is what the run's steps return, but movements: those are counted in silver.

Objects in AWS are links to its console. Those of an emulator are text: it has no page for them,
answers signed requests alone, and in `make run` at another port each time.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from urllib.parse import quote

from services.adapters.snowflake import Warehouse
from services.catalog import LAYERS
from services.model import Stretch
from services.quality import Finding, reports_of
from services.quality_results import outcome
from services.watermarks import BatchRecord

OBJECTS = 5  # of more, the first and the last are named


@dataclass(frozen=True)
class BatchReport:
    """The part of a report about a committed batch.

    Attributes:
        batch: The batch.
        findings: Those of its rules.
        seconds: By step, retries and waits included, in the order of the steps.
        rejected: Bronze: lines of released pages. Silver and gold: events that no rule can book.
        movements: Silver and gold: rows of silver by kind.
        bucket: Bronze: where its pages stand.
        is_in_aws: Bronze: whether that is AWS's own S3.
    """

    batch: BatchRecord
    findings: Sequence[Finding]
    seconds: Mapping[str, float]
    rejected: int
    movements: Mapping[str, int] = field(default_factory=dict[str, int])
    bucket: str = ""
    is_in_aws: bool = False


class StepTimes:
    """The seconds that a run's steps take."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def of(self, step: str) -> Generator[None]:
        """Count what happens in here as a step, unless it fails."""
        began = perf_counter()
        yield
        self.seconds[step] = perf_counter() - began


def count_movements(warehouse: Warehouse, batch: BatchRecord) -> tuple[dict[str, int], int]:
    """Rows by kind of the silver batches that a batch wrote or consumed, and unbooked events."""
    is_silver = batch.layer == "silver"
    values = {
        "network": batch.network,
        "after": batch.batch_id - 1 if is_silver else batch.after_batch_id,
        "upto": batch.batch_id if is_silver else batch.upto_batch_id,
    }
    with warehouse.session() as session:
        rows = session.query(_MOVEMENTS, values)
    counts = {row["kind"]: int(row["row_count"]) for row in rows}
    return counts, counts.pop(None)


_OF_BATCHES = "network = %(network)s and batch_id > %(after)s and batch_id <= %(upto)s"
_MOVEMENTS = f"""select movement_kind as kind, count(*) as row_count
    from silver.canton_transactions where {_OF_BATCHES} group by movement_kind
    union all
    select null, count(*) from silver.canton_problems where {_OF_BATCHES}"""  # noqa: S608 -- expressions of ours


def render(started: str, reports: Sequence[BatchReport]) -> str:
    """Return Markdown: how a run was started, and each of its batches."""
    return "\n\n".join([f"Started {started}.", *map(_batch, reports)])


def render_audit(started: str, days: Iterable[Sequence[str]]) -> str:
    """Return Markdown: how an audit was started; each day with objects, updates and state."""
    return f"Started {started}.\n\n{_table(('day', 'objects', 'updates', 'state'), days)}"


def _batch(report: BatchReport) -> str:
    batch = report.batch
    parts = [
        f"## {batch.layer}: {batch.kind} batch {batch.batch_id} of {batch.network}",
        _table(("", ""), _facts(report)),
        _table(("step", "seconds", "updates/s", "rows/s"), _steps(report)),
    ]
    if report.movements:
        movements = sorted(report.movements.items())
        rows = ((kind, f"{count:,}") for kind, count in movements)
        parts.append(_table(("movement", "rows"), rows))
    parts += _quality(report.findings)
    if batch.object_keys:
        parts.append(_objects(report))
    return "\n\n".join(parts)


def _facts(report: BatchReport) -> list[tuple[str, str]]:
    batch = report.batch
    facts = [("window", window_text(batch))]
    if batch.after:
        facts.append(("pages", f"{len(batch.object_keys):,}"))
    facts.append(("updates", f"{batch.update_count:,}"))
    if batch.counts is not None:
        facts.append(("updates without movement", f"{sum(batch.counts.values()):,}"))
    unit = "lines" if batch.after else "events"
    return [
        *facts,
        ("rows", f"{batch.row_count:,}"),
        ("rejected", f"{report.rejected:,} {unit}"),
    ]


def window_text(batch: BatchRecord) -> str:
    """Return what a batch holds: of the ledger, or of the layer before."""
    if batch.after and batch.upto:
        return str(Stretch(batch.after, batch.upto))
    before = LAYERS[LAYERS.index(batch.layer) - 1]
    return f"{before} batches {(batch.after_batch_id or 0) + 1} to {batch.upto_batch_id}"


def _steps(report: BatchReport) -> list[tuple[str, ...]]:
    counts = (report.batch.update_count, report.batch.row_count)
    return [
        (step, f"{seconds:.2f}", *(f"{count / seconds:,.0f}" for count in counts))
        for step, seconds in report.seconds.items()
    ]


def _quality(findings: Sequence[Finding]) -> list[str]:
    """The count of broken rules, the rules with offenders, and what rules always report."""
    broken = sum(one.is_broken for one in findings)
    parts = [f"Quality rules: {len(findings)}, broken: {broken}."]
    if offended := [one for one in findings if one.offenders]:
        rows = (
            (one.rule, outcome(vars(one)), f"{one.offenders:,}", f"{one.total:,}")
            for one in offended
        )
        parts.append(_table(("rule", "result", "offenders", "of"), rows))
    if reports := reports_of(findings):
        parts.append("\n".join(f"- {report}" for report in reports))
    return parts


def _objects(report: BatchReport) -> str:
    keys = report.batch.object_keys
    named = keys if len(keys) <= OBJECTS else (keys[0], keys[-1])
    which = "" if named is keys else f", the first and the last of {len(keys):,}"
    return "\n".join([f"Objects{which}:", "", *(f"- {_object(report, key)}" for key in named)])


def _object(report: BatchReport, key: str) -> str:
    text = f"`s3://{report.bucket}/{key}`"
    page = f"https://console.aws.amazon.com/s3/object/{report.bucket}?prefix={quote(key, safe='')}"
    return f"[{text}]({page})" if report.is_in_aws else text


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(map(_row, (head, ["---"] * len(head), *rows)))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
