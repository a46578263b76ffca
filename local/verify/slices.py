"""The covered history in slices of a few thousand updates, so that memory doesn't grow with it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from services.landing import after_of_key
from services.model import EPOCH, GENESIS, Position, Stretch
from services.watermarks import utc_naive

PAGES = 10  # in a slice; a page has up to 1000 updates
OVERLAP = timedelta(hours=1)  # record times of two migrations overlap by less
EARLIEST = utc_naive(EPOCH)
LATEST = utc_naive(datetime(9999, 12, 31, tzinfo=UTC))


@dataclass(frozen=True)
class Batch:
    """A bronze batch, or a page of it: its stretch of history, and the objects of its pages."""

    batch_id: int
    stretch: Stretch
    object_keys: Sequence[str] = ()


@dataclass(frozen=True)
class Slice:
    """Pages that follow each other."""

    pages: tuple[Batch, ...]

    @property
    def stretch(self) -> Stretch:
        """The stretch from the start of the first page to the end of the last one."""
        return Stretch(self.pages[0].stretch.after, self.pages[-1].stretch.upto)

    @property
    def earliest(self) -> datetime:
        """No update of the slice has an earlier record time (UTC without a zone)."""
        after, upto = self.stretch.after, self.stretch.upto
        if after == GENESIS:
            return EARLIEST
        overlap = OVERLAP if after.migration_id != upto.migration_id else timedelta()
        return utc_naive(after.record_time) - overlap


def without(stretch: Stretch, positions: Iterable[Position]) -> Iterator[Stretch]:
    """The parts of a stretch between some of its updates, whose positions are given in order."""
    after = stretch.after
    for one in positions:
        before = replace(one, record_time=one.record_time - timedelta(microseconds=1))
        if after < before:
            yield Stretch(after, before)
        after = one
    if after < stretch.upto:
        yield Stretch(after, stretch.upto)


def minute_of(at: datetime) -> datetime:
    """The nearest minute, as gold has it."""
    if at == EARLIEST:
        return at
    return (at + timedelta(seconds=30)).replace(second=0, microsecond=0)


def slices(batches: Iterable[Batch], most: int = PAGES) -> Iterator[Slice]:
    """The batches' pages, oldest first, in slices of at most `most`."""
    pages = sorted(
        (page for batch in batches for page in _pages(batch)), key=lambda page: page.stretch.after
    )
    group: list[Batch] = []
    for page in pages:
        if group and (len(group) == most or page.stretch.after != group[-1].stretch.upto):
            yield Slice(tuple(group))
            group = []
        group.append(page)
    if group:
        yield Slice(tuple(group))


def overlaps(batches: Iterable[Batch]) -> Iterator[str]:
    """Batches that hold the same part of history; each update of it is there twice."""
    ordered = sorted(batches, key=lambda batch: batch.stretch.after)
    for one, other in pairwise(ordered):
        if other.stretch.after < one.stretch.upto:
            yield f"bronze batches {one.batch_id} and {other.batch_id} overlap: {other.stretch}"


def _pages(batch: Batch) -> Iterator[Batch]:
    """Each page ends where the next one starts, the last one with its batch."""
    starts = [after_of_key(key) for key in batch.object_keys] or [batch.stretch.after]
    for after, upto in pairwise([*starts, batch.stretch.upto]):
        yield Batch(batch.batch_id, Stretch(after, upto))
