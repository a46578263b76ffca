"""Bronze: pages from the Scan, landed as objects, checked, and loaded in one transaction.

Every step may run twice: the key says where a page starts, and the first object to stand there
wins; the batch is committed with the position or not at all.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf

from services.accept import synchronizer_of
from services.adapters.snowflake import Session, Warehouse
from services.catalog import RAW
from services.errors import (
    LandingCorrupt,
    LineRefused,
    LoadIncomplete,
    NetworkMismatch,
    PageRefused,
    QualityFailed,
    SettingsWrong,
    WarehouseRefused,
)
from services.landing import key_of, landing_key, quarantine_key, sha256, stage_file, unpack
from services.model import LandedPage, Position, Stretch
from services.ports import LandingStore, UpdateSource
from services.quality import Finding, check_lines, judge, refuse_broken, together, warnings_of
from services.quality_results import Evaluated, check_batch, record, recorded_if_stopped
from services.quality_rules import LINE_RULES, PAGE_RULE, rules_of
from services.quarantine import Aside, Release, keep_offending, releases, set_aside
from services.settings import CantonSettings
from services.statements import literal, statement
from services.watermarks import (
    BRONZE,
    BatchRecord,
    Watermark,
    advance,
    is_recorded,
    open_stream,
    read_watermark,
    record_batch,
    refuse_other_network,
    utc_naive,
)

LAYER = "bronze"
MAX_FILES = 1000  # Snowflake's limit for COPY's FILES
# How COPY's errors end, the file's path relative to the stage or to the bucket.
_REFUSED_LINE = re.compile(r"File '(?P<file>[^']+)', line (?P<line>\d+)")


@dataclass(frozen=True)
class Landing:
    """The result of one landing step.

    Attributes:
        page: The landed page.
        is_head: Whether the Scan has nothing after it.
        is_new: Whether it was fetched now; an earlier attempt landed it otherwise.
    """

    page: LandedPage
    is_head: bool
    is_new: bool


@dataclass(frozen=True)
class CheckedPage:
    """A landed page that may be loaded: from its own object, or from a released revision."""

    page: LandedPage
    key: str
    line_count: int


@dataclass(frozen=True)
class Checked:
    """The pages of a batch after the rules over lines, and what these found."""

    pages: tuple[CheckedPage, ...]
    synchronizer_id: str | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Loaded:
    """A committed batch, what its rules found, and how many lines of its pages were set aside."""

    batch: BatchRecord
    findings: tuple[Finding, ...]
    set_aside_count: int

    @property
    def rows(self) -> dict[str, int]:
        """The rows that the batch wrote, by table."""
        return {RAW: self.batch.row_count}

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The broken rules that people are notified of."""
        return warnings_of(self.findings)


def read_position(
    source: UpdateSource, warehouse: Warehouse, settings: CantonSettings
) -> Watermark:
    """Return bronze's watermark on the Scan's network; a new stream begins at CANTON_START_AT.

    Raises:
        NetworkMismatch: The Scan serves another network than this warehouse holds.
        SettingsWrong: A new stream, and CANTON_START_AT is not set.
    """
    network = source.network()
    with warehouse.session() as session:
        refuse_other_network(session, network, settings.network)
        if found := read_watermark(session, BRONZE, network):
            return found
    if settings.start_at is None:
        raise SettingsWrong(
            f"network {network} is new here: set CANTON_START_AT to where its stream begins"
            " (a UTC time, a position 4/<time>, or genesis; all of MainNet is more than 10 TB)"
        )
    return open_stream(warehouse, BRONZE, network, source.start(settings.start_at))


def land_next(  # noqa: PLR0913 -- where from, where to, and how long
    source: UpdateSource,
    landing: LandingStore,
    watermark: Watermark,
    after: Position,
    run_id: str,
    *,
    patience_seconds: float = inf,
) -> Landing | None:
    """Land the page after a position; None when there is nothing after it.

    A page that an earlier attempt landed stands: it is taken as it is, without asking the Scan
    again, and the next page starts where IT ends. `patience_seconds` is how long to wait at most
    while the Scan is too busy.

    Raises:
        PageRefused: The answer may not be landed.
        SourceUnavailable, LandingUnavailable: Try again.
    """
    key = landing_key(watermark.network, after)
    if landed := landing.find(key, after):
        return Landing(landed, is_head=False, is_new=False)
    page = next(source.pages(after, watermark.synchronizer_id, patience_seconds), None)
    if page is None:
        return None
    landed = landing.land(key, page, run_id)
    is_head = page.is_short and landed.upto == page.upto
    return Landing(landed, is_head, is_new=True)


def set_page_aside(
    landing: LandingStore, warehouse: Warehouse, network: str, refused: PageRefused, run_id: str
) -> str:
    """Quarantine what the Scan answered, with the reason; the key that holds it.

    It is recorded as breaking its rule, in the batch that it would have been in.
    """
    key = quarantine_key(refused.body)
    landing.keep(key, refused.body)
    aside = Aside(
        network=network, quarantine_key=key, reason=refused.reason, source_url=refused.source_url
    )
    with warehouse.session() as session:
        set_aside(session, aside, run_id)
        watermark = read_watermark(session, BRONZE, network)
        batch_id = watermark.batch_id + 1 if watermark else 1
        finding = judge(PAGE_RULE, 1, 1, [refused.reason])
        record(session, Evaluated(network, LAYER, batch_id, run_id), [finding])
    return key


def check_pages(
    landing: LandingStore,
    warehouse: Warehouse,
    watermark: Watermark,
    pages: Sequence[LandedPage],
    run_id: str,
) -> Checked:
    """Read each object back and hold its lines against the rules.

    Args:
        landing: Where the pages are, and where lines that stop the batch are kept.
        warehouse: Where releases are, and where what stops the batch is recorded.
        watermark: Where bronze stood when the pages were landed.
        pages: The pages of the next batch.
        run_id: Written beside the findings.

    Raises:
        LandingCorrupt: An object is not what was put, or its revision does not account for all
            of its lines.
        QualityFailed: A rule of severity `error` is broken: repair the rule, or release the page.
        NetworkMismatch: The pages name more than one synchronizer.
    """
    evaluated = Evaluated(watermark.network, LAYER, watermark.batch_id + 1, run_id)
    findings = [judge(PAGE_RULE, 0, len(pages))]  # what is landed was accepted
    with warehouse.session() as session:
        keep = partial(keep_offending, landing, session, run_id=run_id)
        released = releases(session, [page.key for page in pages])
        with recorded_if_stopped(session, evaluated, findings):
            parts = [
                _check_page(landing, page, released.get(page.key), findings, keep) for page in pages
            ]
    synchronizers = {synchronizer for _, synchronizer in parts if synchronizer}
    if len(synchronizers) > 1:
        raise NetworkMismatch(f"updates of two synchronizers: {', '.join(sorted(synchronizers))}")
    return Checked(
        tuple(page for page, _ in parts), next(iter(synchronizers), None), together(findings)
    )


def _check_page(
    landing: LandingStore,
    page: LandedPage,
    release: Release | None,
    findings: list[Finding],
    keep: Callable[[str, list[bytes], list[Finding]], None],
) -> tuple[CheckedPage, str | None]:
    """The page, and the synchronizer that it names; what the rules found is added to `findings`.

    Lines that stop it are given to `keep`.
    """
    # A function of its own: its lines are gone before the next page's are read.
    key, lines = lines_to_load(landing, page, release)
    found = check_lines(lines, LINE_RULES)
    findings += found
    try:
        refuse_broken(found, f"{key} (./pipeline release {page.key} sets them aside)")
    except QualityFailed:
        keep(page.key, lines, found)
        raise
    return CheckedPage(page, key, len(lines)), synchronizer_of(lines)


def lines_to_load(
    landing: LandingStore, page: LandedPage, release: Release | None
) -> tuple[str, list[bytes]]:
    """The key and the lines of the object that is loaded for a page: its own, or its revision.

    Raises:
        LandingCorrupt: The page isn't what was landed, or the revision doesn't account for it.
        LandingRefused: One of both is gone.
    """
    lines = read_lines(landing, page)
    if release is None:
        return page.key, lines
    key = release.revision_key
    return key, release.accounted_for(lines, unpack(landing.read(key), key))


def read_lines(landing: LandingStore, page: LandedPage) -> list[bytes]:
    """The lines of a landed page, proven to be those that were landed.

    Raises:
        LandingCorrupt: Another checksum, or another number of lines.
    """
    content = landing.read(page.key)
    if sha256(content) != page.sha256:
        raise LandingCorrupt(f"{page.key}: checksum {sha256(content)}, landed as {page.sha256}")
    lines = unpack(content, page.key)
    if len(lines) != page.line_count:
        raise LandingCorrupt(f"{page.key}: {len(lines)} lines, landed as {page.line_count}")
    return lines


def commit_batch(
    warehouse: Warehouse,
    watermark: Watermark,
    checked: Checked,
    run_id: str,
    backfilled: Stretch | None = None,
) -> Loaded:
    """Load the pages, hold the batch against its rules, and move the position: one transaction.

    Args:
        warehouse: Where to.
        watermark: Where bronze stood when the pages were landed.
        checked: 1 to `MAX_FILES` pages, the first one starting there; a backfill may have none.
        run_id: Written beside every row.
        backfilled: The stretch of history that the pages fill; the position stays where it is.

    Raises:
        PositionMoved: Another run committed first.
        LoadIncomplete: The warehouse loaded other rows than the objects have lines.
        QualityFailed: A rule of severity `error` is broken; nothing was committed.
        LineRefused: The warehouse can't load a line; see `quarantine.keeping_refused_lines`.
        WarehouseUnavailable: Try again, from the position.
    """
    stretch = backfilled or Stretch(checked.pages[0].page.after, checked.pages[-1].page.upto)
    line_count = sum(page.line_count for page in checked.pages)
    batch = BatchRecord(
        layer=LAYER,
        network=watermark.network,
        batch_id=watermark.batch_id + 1,
        kind="backfill" if backfilled else "live",
        after=stretch.after,
        upto=stretch.upto,
        object_keys=[page.key for page in checked.pages],
        update_count=line_count,
        row_count=line_count,
    )
    moved = replace(
        watermark,
        position=watermark.position if backfilled else stretch.upto,
        batch_id=batch.batch_id,
        synchronizer_id=watermark.synchronizer_id or checked.synchronizer_id,
    )
    evaluated = Evaluated(batch.network, LAYER, batch.batch_id, run_id)
    findings = list(checked.findings)
    with (
        warehouse.session() as session,
        recorded_if_stopped(session, evaluated, findings),
        session.transaction(
            is_committed=lambda: is_recorded(warehouse, batch, run_id), run_id=run_id
        ),
    ):
        advance(session, watermark, moved, run_id)
        record_batch(session, batch, run_id)
        _copy(session, batch, checked.pages, run_id)
        judged = {"network": batch.network, "batch_id": batch.batch_id}
        check_batch(session, evaluated, rules_of(LAYER), judged, findings)
    landed_count = sum(page.page.line_count for page in checked.pages)
    return Loaded(batch, tuple(findings), landed_count - line_count)


def verify_batch(warehouse: Warehouse, batch: BatchRecord) -> None:
    """Count the committed batch again, in a fresh session.

    Raises:
        LoadIncomplete: Rows, objects and batch do not agree, or an update is there twice.
    """
    with warehouse.session() as session:
        (found,) = session.query(
            """select count(*) as row_count, count(distinct source_event_id) as update_count,
                      count(distinct s3_object_key) as object_count,
                      count(iff(source_event_id is null, 1, null)) as without_id
               from bronze.canton_transactions_raw
               where network = %(network)s and batch_id = %(batch_id)s""",
            {"network": batch.network, "batch_id": batch.batch_id},
        )
    expected = {
        "row_count": batch.row_count,
        "update_count": batch.row_count,
        "without_id": 0,
    }
    wrong = {name: found[name] for name, count in expected.items() if found[name] != count}
    if wrong or found["object_count"] > len(batch.object_keys):
        raise LoadIncomplete(f"bronze batch {batch.batch_id} holds {found}, expected {expected}")


def _copy(session: Session, batch: BatchRecord, pages: Sequence[CheckedPage], run_id: str) -> None:
    filled = [page for page in pages if page.line_count]
    if not filled:
        return
    sql = (
        statement("bronze/canton_transactions_raw")
        .replace("{{source_urls}}", _by_file(filled, lambda page: page.source_url))
        .replace("{{afters}}", _by_file(filled, lambda page: _time(page.after)))
        .replace("{{uptos}}", _by_file(filled, lambda page: _time(page.upto)))
        .replace("{{files}}", ", ".join(literal(stage_file(page.key)) for page in filled))
    )
    values = {"run_id": run_id, "batch_id": batch.batch_id, "network": batch.network}
    try:
        rows = session.query(sql, values)
    except WarehouseRefused as refused:
        if line := _of_line(refused, filled):
            raise line from refused
        raise
    loaded = {key_of(row["file"]): row for row in rows if "file" in row}
    for page in filled:
        row = loaded.get(page.key, {})
        if row.get("status") != "LOADED" or row.get("rows_loaded") != page.line_count:
            raise LoadIncomplete(
                f"COPY loaded {row or 'nothing'} of {page.key}, which has {page.line_count} lines"
            )


def _of_line(refused: WarehouseRefused, pages: Sequence[CheckedPage]) -> LineRefused | None:
    """The line that a failed COPY names, if it names one of these pages."""
    named = _REFUSED_LINE.search(str(refused))
    if named is None:
        return None
    for page in pages:
        if page.key.endswith(named["file"].removeprefix("/")):
            return LineRefused(str(refused), page.page.key, page.key, int(named["line"]))
    return None


def _by_file(pages: Sequence[CheckedPage], value: Callable[[LandedPage], str]) -> str:
    """The branches of a CASE over COPY's file names: a page's own values beside its rows."""
    return " ".join(f"when {literal(page.key)} then {literal(value(page.page))}" for page in pages)


def _time(position: Position) -> str:
    return utc_naive(position.record_time).isoformat(sep=" ", timespec="microseconds")
