"""Backfill: history before a stream's start, fetched once and clipped where a batch already is.

A backfilled batch is a batch like any other; silver and gold consume it by its number.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from services.accept import position_of
from services.adapters.snowflake import Session
from services.bronze import land_next, read_lines
from services.landing import landing_key
from services.model import LandedPage, Page, Position, Stretch
from services.ports import LandingStore, UpdateSource
from services.watermarks import Watermark


@dataclass(frozen=True)
class Fill:
    """One step of filling a gap: the page, if the Scan had one, and whether the gap ends here."""

    page: LandedPage | None
    reaches_end: bool


def gaps(target: Stretch, covered: Iterable[Stretch]) -> Iterator[Stretch]:
    """The parts of a stretch that no other one covers, oldest first."""
    after = target.after
    for stretch in sorted(covered, key=lambda stretch: stretch.after):
        if stretch.after >= target.upto:
            break
        if after < stretch.after:
            yield Stretch(after, stretch.after)
        after = max(after, stretch.upto)
    if after < target.upto:
        yield Stretch(after, target.upto)


def covered_stretches(session: Session, network: str) -> list[Stretch]:
    """Return the stretches of a network's history that bronze's batches cover."""
    rows = session.query(
        """select after_migration_id, after_record_time, upto_migration_id, upto_record_time
           from ops.batches where layer = 'bronze' and network = %(network)s""",
        {"network": network},
    )
    return [Stretch(_position(row, "after"), _position(row, "upto")) for row in rows]


def land_within(
    source: UpdateSource,
    landing: LandingStore,
    watermark: Watermark,
    gap: Stretch,
    run_id: str,
) -> Fill:
    """Land the next page of a gap, clipped at its end.

    A node may lag: only an update at or beyond the gap's end shows that the gap is filled.
    """
    landed = land_next(source, landing, watermark, gap.after, run_id)
    if landed is None:
        return Fill(None, reaches_end=False)
    if landed.page.upto <= gap.upto:
        return Fill(landed.page, reaches_end=landed.page.upto == gap.upto)
    lines = read_lines(landing, landed.page)
    kept = tuple(line for line in lines if position_of(line) <= gap.upto)
    if not kept:
        return Fill(None, reaches_end=True)
    page = Page(
        network=watermark.network,
        after=gap.after,
        upto=position_of(kept[-1]),
        lines=kept,
        source_url=landed.page.source_url,
        is_short=True,
    )
    key = landing_key(watermark.network, gap.after, gap.upto)
    return Fill(landing.land(key, page, run_id), reaches_end=True)


def _position(row: dict[str, Any], edge: str) -> Position:
    at = row[f"{edge}_record_time"].replace(tzinfo=UTC)
    return Position(int(row[f"{edge}_migration_id"]), at)
