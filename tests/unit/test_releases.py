"""Released pages: every line of the original is either kept, in its order, or set aside."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.bronze import Checked, CheckedPage, commit_batch
from services.errors import (
    LandingCorrupt,
    LandingRefused,
    QualityFailed,
    QuarantineRefused,
    WarehouseRefused,
)
from services.landing import ROOT, landing_key, pack, quarantine_key, revision_key
from services.model import Page
from services.quarantine import Release, keeping_refused_lines, release_page, releases
from services.watermarks import BRONZE, Watermark
from tests.fakes import FakeLanding, FakeWarehouse
from tests.updates import NETWORK, SCAN_URL, line, place, transaction, update_id

KEY = landing_key(NETWORK, place(0))
ORIGINAL = [b"1", b"2", b"3", b"4", b"4"]


def release(line_count, kept_count, revision=1, key=KEY):
    return Release(key, revision_key(key, revision), "quarantine/1", line_count, kept_count)


@given(st.lists(st.booleans(), min_size=5, max_size=5))
def test_any_lines_may_be_set_aside_if_the_others_stand_as_they_stood(chosen):
    kept = [content for content, is_kept in zip(ORIGINAL, chosen, strict=True) if is_kept]
    assert release(5, len(kept)).accounted_for(ORIGINAL, kept) == kept


@pytest.mark.parametrize(
    ("kept", "kept_count"),
    [
        pytest.param([b"1", b"2"], 3, id="a line fewer than was kept"),
        pytest.param([b"1", b"2", b"3", b"4"], 3, id="a line more"),
        pytest.param([b"2", b"1", b"3"], 3, id="another order"),
        pytest.param([b"1", b"2", b"5"], 3, id="a line that was never there"),
        pytest.param([b"1", b"1", b"2"], 3, id="a line twice that stood there once"),
        pytest.param([b"1", b"2", b""], 3, id="an empty line"),
    ],
)
def test_a_revision_that_does_not_account_for_the_page_is_corrupt(kept, kept_count):
    with pytest.raises(LandingCorrupt, match="which are not the 5 of"):
        release(5, kept_count).accounted_for(ORIGINAL, kept)


def test_a_release_of_another_page_does_not_account_for_this_one():
    with pytest.raises(LandingCorrupt):
        release(6, 5).accounted_for(ORIGINAL[:4], ORIGINAL[:4])


def row(of):
    return {
        "object_key": of.object_key,
        "revision_key": of.revision_key,
        "quarantine_key": of.quarantine_key,
        "line_count": of.line_count,
        "kept_count": of.kept_count,
    }


def test_of_several_releases_of_a_page_the_last_one_counts():
    other_key = landing_key(NETWORK, place(9))
    made = [release(5, 4), release(5, 3, revision=2), release(7, 6, key=other_key)]
    warehouse = FakeWarehouse({"ops.quarantine": [row(one) for one in made]})
    assert releases(warehouse, [KEY]) == {KEY: made[1]}


GOOD = [line(transaction(number=number)) for number in (1, 3)]
BAD = line(transaction(number=2, offset=0.5))


def warehouse_with(*quarantined):
    """A warehouse with these rows in its table of what was set aside, and without a batch."""
    return FakeWarehouse({"ops.quarantine": list(quarantined), "ops.batches": []})


@pytest.fixture
def landing():
    landing = FakeLanding()
    lines = (GOOD[0], BAD, GOOD[1])
    landing.land(KEY, Page(NETWORK, place(0), place(3), lines, SCAN_URL, is_short=True), "run-1")
    return landing


def test_a_release_keeps_the_good_lines_and_sets_the_offending_aside(landing):
    warehouse, before = warehouse_with(), dict(landing.objects)
    made = release_page(landing, warehouse, KEY, by="ada@laptop")
    assert made == Release(KEY, revision_key(KEY, 1), quarantine_key(pack([BAD])), 3, 2)
    assert landing.objects == before | {
        made.revision_key: pack(GOOD),
        made.quarantine_key: pack([BAD]),
    }
    (sql, values), (sql_of_act, act) = warehouse.executed
    assert sql.startswith("insert into ops.quarantine ")
    assert values == row(made) | {
        "network": NETWORK,
        "reason": "released: no_fraction_is_a_json_number (error): 1 of 3"
        " — decimals come as strings; a JSON number has lost digits on its way"
        f"\n- update {update_id(2)}",
        "rule": "no_fraction_is_a_json_number",
        "source_url": None,
        "run_id": "release",
    }
    assert sql_of_act.startswith("insert into ops.quarantine_acts ")
    updates = json.loads(act.pop("updates"))
    assert updates == [{"update_id": update_id(2), "position": str(place(2))}]
    assert act == {
        "network": NETWORK,
        "act": "release",
        "quarantine_key": made.quarantine_key,
        "object_key": KEY,
        "reason": None,
        "by": "ada@laptop",
    }


def test_a_line_that_only_the_warehouse_refused_is_set_aside_as_well(landing):
    refused = pack([GOOD[1]])
    landing.keep(quarantine_key(refused), refused)
    row_of_it = {"quarantine_key": quarantine_key(refused), "reason": "line 3: a key twice"}
    warehouse = warehouse_with(row_of_it)
    made = release_page(landing, warehouse, KEY)
    assert landing.objects[made.revision_key] == pack([GOOD[0]])
    assert landing.objects[made.quarantine_key] == pack([BAD, GOOD[1]])
    (_, values), _ = warehouse.executed
    assert values["reason"].endswith(f"\n- update {update_id(2)}; line 3: a key twice")


class RefusingWarehouse(FakeWarehouse):
    """A warehouse whose COPY fails with a message."""

    message = ""

    def query(self, sql, values=None):
        if "copy into" in sql:
            raise WarehouseRefused(self.message)
        return super().query(sql, values)


def refused_by_copy(landing, message):
    """Return the error of a batch of the landed page when COPY fails, and the quarantine rows."""
    warehouse = RefusingWarehouse({"ops.quarantine": []})
    warehouse.message = message
    checked = Checked((CheckedPage(landing.find(KEY, place(0)), KEY, 3),), None, ())
    with (
        pytest.raises(WarehouseRefused) as failed,
        keeping_refused_lines(landing, warehouse, "run-1"),
    ):
        commit_batch(warehouse, Watermark(BRONZE, NETWORK, place(0), 0, 0), checked, "run-1")
    rows = [values for sql, values in warehouse.executed if "ops.quarantine" in sql]
    return failed.value, rows


@pytest.mark.parametrize("file", [KEY, KEY.removeprefix(ROOT)], ids=["in the bucket", "on stage"])
def test_a_line_that_copy_refuses_is_named_and_kept(landing, file):
    message = f"copy into t: 100069 (22P02): duplicate attribute File '{file}', line 3, character 9"
    refused, (aside,) = refused_by_copy(landing, message)
    assert str(refused).splitlines() == [
        f"{KEY}, line 3: {message}",
        f"./pipeline release {KEY} sets it aside",
    ]
    assert (aside["object_key"], aside["revision_key"]) == (KEY, None)
    assert aside["reason"] == f"line 3 of {KEY}: {message}"
    assert landing.objects[aside["quarantine_key"]] == pack([GOOD[1]])


@pytest.mark.parametrize(
    "message", ["no such stage", "bad File 'canton/other.ndjson.gz', line 1, character 2"]
)
def test_a_copy_that_fails_otherwise_keeps_no_line(landing, message):
    refused, rows = refused_by_copy(landing, message)
    assert (type(refused), str(refused), rows) == (WarehouseRefused, message, [])


def test_a_release_made_again_is_the_same(landing):
    first, second = (release_page(landing, warehouse_with(), KEY) for _ in range(2))
    assert first == second


def test_a_release_by_other_rules_is_another_revision(landing):
    landing.keep(revision_key(KEY, 1), pack([BAD]))
    assert release_page(landing, warehouse_with(), KEY).revision_key == revision_key(KEY, 2)


def test_a_page_all_of_whose_lines_offend_leaves_an_empty_revision():
    landing = FakeLanding()
    landing.land(KEY, Page(NETWORK, place(0), place(2), (BAD,), SCAN_URL, is_short=True), "run-1")
    made = release_page(landing, warehouse_with(), KEY)
    assert made.accounted_for([BAD], []) == []
    assert landing.objects[made.revision_key] == pack([])


def test_a_page_that_was_never_landed_cannot_be_released():
    with pytest.raises(LandingRefused, match=f"{KEY} does not exist: KEY is the object"):
        release_page(FakeLanding(), warehouse_with(), KEY)


def test_a_page_that_a_batch_holds_cannot_be_released(landing):
    before = dict(landing.objects)
    warehouse = FakeWarehouse({"ops.quarantine": [], "ops.batches": [{"batch_id": 1}]})
    with pytest.raises(QuarantineRefused, match=f"{KEY} is loaded already, a release changes"):
        release_page(landing, warehouse, KEY)
    assert (landing.objects, warehouse.executed) == (before, [])


def test_a_page_without_offending_lines_need_not_be_released():
    landing, warehouse = FakeLanding(), warehouse_with()
    page = Page(NETWORK, place(0), place(3), tuple(GOOD), SCAN_URL, is_short=True)
    landing.land(KEY, page, "run-1")
    with pytest.raises(QualityFailed, match="no line breaks a rule"):
        release_page(landing, warehouse, KEY)
    assert (list(landing.objects), warehouse.executed) == ([KEY], [])
