"""The audit: a day's objects are proven whole, and what isn't as it was loaded is named."""

from dataclasses import replace

import pytest

from services.audit import Day, LoadedPage, audit_day, read_days
from services.errors import LandingCorrupt, LandingUnavailable
from services.landing import landing_key, pack, revision_key
from services.model import GENESIS, Page, Position, parse_record_time
from services.quarantine import Release, release_page
from services.watermarks import utc_naive
from tests.fakes import FakeLanding, FakeWarehouse
from tests.updates import NETWORK, SCAN_URL, line, place, transaction

LINES = [line(transaction(number=number)) for number in range(1, 5)]
FIRST, SECOND = (landing_key(NETWORK, place(number)) for number in (0, 2))
FOLDER = FIRST.rpartition("/")[0]


def upto(number):
    return utc_naive(place(number).record_time)


PAGES = (LoadedPage(FIRST, None, 2, upto(2)), LoadedPage(SECOND, None, 2, upto(4)))
DAY = Day(FOLDER, PAGES)


def land(landing, key, first, lines):
    page = Page(NETWORK, place(first), place(first + 2), tuple(lines), SCAN_URL, is_short=True)
    landing.land(key, page, "run-1")


@pytest.fixture
def landing():
    made = FakeLanding()
    land(made, FIRST, 0, LINES[:2])
    land(made, SECOND, 2, LINES[2:])
    return made


def audited(landing, *pages):
    """The error of a day that isn't proven."""
    with pytest.raises(LandingCorrupt) as failed:
        audit_day(landing, Day(FOLDER, pages or PAGES))
    return str(failed.value)


def test_a_day_whose_objects_are_as_they_were_loaded_is_proven(landing):
    assert audit_day(landing, DAY) == 4


def test_an_object_with_other_bytes_is_named(landing):
    landing.objects[SECOND] = pack([LINES[2], LINES[2]])
    assert audited(landing).startswith(f"{SECOND}: checksum ")


def test_each_object_that_is_gone_is_named_up_to_ten(landing):
    del landing.objects[FIRST], landing.pages[FIRST]
    assert audited(landing) == f"{FIRST} is gone"
    gone = [LoadedPage(landing_key(NETWORK, place(at)), None, 1, None) for at in range(5, 17)]
    *named, more = audited(landing, *gone).splitlines()
    assert named == [f"{page.key} is gone" for page in gone[:10]]
    assert more == "and 2 more"


def test_an_object_without_the_metadata_of_its_landing_is_named(landing):
    del landing.pages[FIRST]
    assert audited(landing).startswith(f"{FIRST} was put by somebody else")


@pytest.mark.parametrize(
    ("held", "message"),
    [
        ({"row_count": 3}, "2 lines, bronze holds 3 updates of it"),
        ({"row_count": 0, "upto": None}, "2 lines, bronze holds 0 updates of it"),
        ({"upto": upto(1)}, f"ends at {upto(2)}, in bronze at {upto(1)}"),
    ],
)
def test_an_object_with_its_own_checksum_that_bronze_does_not_hold_is_named(landing, held, message):
    said = audited(landing, replace(PAGES[0], **held), PAGES[1])
    assert said.startswith(FIRST)
    assert said.endswith(message)


def test_a_released_page_is_proven_with_its_revision(landing):
    bad = line(transaction(number=1, offset=0.5))
    key = landing_key(NETWORK, GENESIS)
    land(landing, key, 0, [bad, LINES[1]])
    release = release_page(landing, FakeWarehouse({"ops.quarantine": [], "ops.batches": []}), key)
    page = LoadedPage(key, release, 1, upto(2))
    assert audit_day(landing, Day(FOLDER, (page,))) == 1
    landing.objects[release.revision_key] = pack([LINES[0]])
    assert "which are not the 2 of" in audited(landing, page)
    del landing.objects[release.revision_key]
    assert audited(landing, page) == f"{release.revision_key} does not exist"


def test_an_outage_is_no_finding(landing):
    landing.refuse_next = LandingUnavailable("S3 is away")
    with pytest.raises(LandingUnavailable):
        audit_day(landing, DAY)


OTHER = "f" * 12
NEXT_DAY = Position(4, parse_record_time("2025-12-11T00:00:00Z"))
MIGRATED = Position(5, parse_record_time("2025-12-10T00:00:00Z"))


def held(key, row_count=2, at=2):
    return {"s3_object_key": key, "row_count": row_count, "upto": upto(at)}


def release(key):
    return {
        "object_key": key,
        "revision_key": revision_key(key, 1),
        "quarantine_key": "quarantine/1",
        "line_count": 2,
        "kept_count": 1,
    }


def test_the_newest_days_of_each_network_are_read_in_order_with_what_bronze_holds():
    start, late, migrated, other = (
        landing_key(network, at)
        for network, at in (
            (NETWORK, GENESIS), (NETWORK, NEXT_DAY), (NETWORK, MIGRATED), (OTHER, GENESIS),
        )
    )  # fmt: skip
    warehouse = FakeWarehouse(
        {
            "ops.batches": [
                {"object_keys": [migrated, revision_key(late, 1), start]},
                {"object_keys": [revision_key(SECOND, 1), FIRST]},
                {"object_keys": [other]},
            ],
            # FIRST was loaded before it was released, the others after; all lines of `late` were.
            "bronze.canton_transactions_raw": [
                held(FIRST), held(revision_key(SECOND, 1), 1), held(migrated, 7), held(other),
            ],
            "ops.quarantine": [release(FIRST), release(SECOND), release(late)],
        }
    )  # fmt: skip
    whole = LoadedPage(FIRST, None, 2, upto(2))
    revised = LoadedPage(SECOND, Release(**release(SECOND)), 1, upto(2))
    days = [
        Day(FOLDER, (whole, revised)),
        Day(late.rpartition("/")[0], (LoadedPage(late, Release(**release(late)), 0, None),)),
        Day(migrated.rpartition("/")[0], (LoadedPage(migrated, None, 7, upto(2)),)),
    ]
    of_other = Day(other.rpartition("/")[0], (LoadedPage(other, None, 2, upto(2)),))
    assert read_days(warehouse, 3) == [*days, of_other]
    assert read_days(warehouse, 1) == [days[-1], of_other]


def test_a_day_of_which_bronze_holds_more_is_another_day():
    more = Day(FOLDER, (*PAGES, LoadedPage(landing_key(NETWORK, place(4)), None, 1, upto(5))))
    assert Day(FOLDER, PAGES).digest == DAY.digest != more.digest
