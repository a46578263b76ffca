"""The audit: the objects in S3 are still those that bronze loaded, proven day by day.

They are the only copy of what a Scan sent, and silver and gold can be built again from nothing
else. Each object is read whole: its bytes have the checksum that it was landed with, and it has the
lines and the end that bronze holds.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.adapters.snowflake import Session, Warehouse
from services.bronze import lines_to_load
from services.errors import LandingCorrupt, LandingRefused
from services.landing import after_of_key, sha256
from services.ports import LandingStore
from services.quarantine import Release, revisions
from services.watermarks import utc_naive

# How long the answer for a day is good; S3's lifecycle deletes it then (cloud/infra/storage.py).
GOOD_FOR = timedelta(days=30)
_NAMED = 10  # of a day's wrong objects


@dataclass(frozen=True)
class LoadedPage:
    """A landed page as bronze holds it.

    Attributes:
        key: Its own key.
        release: Whose revision was loaded in its place, if one was.
        row_count: Its updates in bronze.
        upto: The record time of its last update, UTC without a zone; None without any.
    """

    key: str
    release: Release | None
    row_count: int
    upto: datetime | None


@dataclass(frozen=True)
class Day:
    """The pages that bronze holds of a day of a network; `folder` is where they stand in S3."""

    folder: str
    pages: tuple[LoadedPage, ...]

    @property
    def digest(self) -> str:
        """A digest of what bronze holds of the day."""
        return sha256(repr(self.pages).encode())


def read_days(warehouse: Warehouse, most: int) -> list[Day]:
    """The newest days of which bronze holds pages, oldest first; `most` of each network."""
    with warehouse.session() as session:
        found: dict[str, dict[str, list[LoadedPage]]] = defaultdict(lambda: defaultdict(list))
        for page in _loaded_pages(session):
            folder = page.key.rpartition("/")[0]
            network = folder.rpartition("/migration_id=")[0]
            found[network][folder].append(page)
    return [
        Day(folder, tuple(pages))
        for folders in found.values()
        for folder, pages in sorted(folders.items(), key=lambda one: after_of_key(one[1][0].key))[
            -most:
        ]
    ]


def _loaded_pages(session: Session) -> Iterator[LoadedPage]:
    batches = session.query("select object_keys from ops.batches where layer = 'bronze'")
    keys = sorted({key for batch in batches for key in batch["object_keys"]})
    rows = session.query(
        """select s3_object_key, count(*) as row_count, max(cdc_to_ts) as upto
           from bronze.canton_transactions_raw group by s3_object_key"""
    )
    loaded = {row["s3_object_key"]: (int(row["row_count"]), row["upto"]) for row in rows}
    released = revisions(session)
    for key in keys:
        release = released.get(key)
        yield LoadedPage(
            release.object_key if release else key, release, *loaded.get(key, (0, None))
        )


def audit_day(landing: LandingStore, day: Day) -> int:
    """Read each object of a day; the updates that are proven.

    Raises:
        LandingCorrupt: Objects are gone, or aren't what bronze loaded; it names them.
        LandingUnavailable: Try again.
    """
    problems = [problem for page in day.pages if (problem := _problem(landing, page))]
    if problems:
        more = [f"and {len(problems) - _NAMED:,} more"] if len(problems) > _NAMED else []
        raise LandingCorrupt("\n".join([*problems[:_NAMED], *more]))
    return sum(page.row_count for page in day.pages)


def _problem(landing: LandingStore, page: LoadedPage) -> str | None:
    try:
        landed = landing.find(page.key, after_of_key(page.key))
        if landed is None:
            return f"{page.key} is gone"
        if not landed.source_url:  # see `S3Landing.find`
            return f"{page.key} was put by somebody else: it has no checksum of its landing"
        key, lines = lines_to_load(landing, landed, page.release)
    except (LandingCorrupt, LandingRefused) as error:
        return str(error)
    if len(lines) != page.row_count:
        return f"{key}: {len(lines)} lines, bronze holds {page.row_count} updates of it"
    if page.upto not in {None, upto := utc_naive(landed.upto.record_time)}:
        return f"{key} ends at {upto}, in bronze at {page.upto}"
    return None
