import gzip
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import LandingCorrupt
from services.landing import (
    after_of_key,
    key_of,
    landing_key,
    network_of_key,
    pack,
    quarantine_key,
    revision_key,
    sha256,
    stage_file,
    unpack,
)
from services.model import GENESIS, Position
from tests.updates import NETWORK, place

KEY = landing_key(NETWORK, place(25_721_430))


def test_a_page_is_named_by_network_and_by_where_it_starts():
    folder = f"canton/{NETWORK}/updates"
    assert [landing_key(NETWORK, after) for after in (GENESIS, place(25_721_430))] == [
        f"{folder}/migration_id=0/date=1970-01-01/after=genesis.ndjson.gz",
        f"{folder}/migration_id=4/date=2025-12-10/after=4_20251210T162325.721430Z.ndjson.gz",
    ]


def test_a_page_that_a_backfill_clipped_does_not_stand_where_a_whole_one_would():
    clipped = landing_key(NETWORK, place(1), place(2))
    assert clipped == landing_key(NETWORK, place(1)).replace(
        ".ndjson.gz", ".upto=4_20251210T162300.000002Z.ndjson.gz"
    )


positions = st.integers(0, 59_999_999).map(place)


@given(positions)
def test_a_key_has_no_character_that_a_url_or_a_shell_would_change(position):
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/=_-.")
    assert set(landing_key(NETWORK, position)) <= allowed


@given(positions, positions)
def test_two_pages_share_a_key_only_if_they_start_at_the_same_position(one, other):
    assert (landing_key(NETWORK, one) == landing_key(NETWORK, other)) == (one == other)


def test_positions_of_two_migrations_at_one_time_have_two_keys():
    fourth = place(1)
    third = Position(3, fourth.record_time)
    assert landing_key(NETWORK, third) != landing_key(NETWORK, fourth)


def test_a_key_tells_its_network():
    assert network_of_key(KEY) == NETWORK


def test_a_revision_stands_beside_the_page_it_replaces():
    assert [revision_key(KEY, number) for number in (1, 12)] == [
        KEY.replace(".ndjson.gz", ".r1.ndjson.gz"),
        KEY.replace(".ndjson.gz", ".r12.ndjson.gz"),
    ]


@pytest.mark.parametrize("after", [GENESIS, place(1), place(25_721_430)], ids=str)
@pytest.mark.parametrize("upto", [None, place(59_000_000)], ids=["whole", "clipped"])
def test_a_key_tells_where_its_page_starts_whatever_became_of_the_page(after, upto):
    key = landing_key(NETWORK, after, upto)
    keys = [key, revision_key(key, 1), revision_key(key, 12)]
    assert [after_of_key(one) for one in keys] == [after] * 3


@pytest.mark.parametrize(
    "key", ["", quarantine_key(b"content"), KEY.removesuffix(".gz"), KEY.replace("Z.", ".")]
)
def test_what_is_no_key_of_a_page_starts_nowhere(key):
    with pytest.raises(ValueError, match="not"):
        after_of_key(key)


def test_what_is_set_aside_is_named_by_its_content_and_lies_outside_the_stage():
    digest = hashlib.sha256(b"content").hexdigest()
    assert quarantine_key(b"content") == f"quarantine/{digest}"


def test_the_file_that_copy_reports_is_the_key_that_it_was_given():
    assert key_of(f"s3://canton-landing/canton/{stage_file(KEY)}") == KEY


lines = st.lists(st.binary().map(lambda text: text.replace(b"\n", b" ")))


@given(lines)
def test_unpacking_gives_back_what_was_packed(content):
    assert unpack(pack(content), KEY) == content


@given(lines)
def test_an_object_depends_on_its_lines_alone(content):
    assert pack(content) == pack(iter(content))
    assert pack(content)[4:8] == bytes(4), "gzip's modification time"


def test_an_object_is_gzip_of_lines_that_each_end():
    assert gzip.decompress(pack([b'{"a": 1}', b"{}"])) == b'{"a": 1}\n{}\n'


def test_a_checksum_is_of_the_stored_bytes():
    stored = pack([b"{}"])
    assert sha256(stored) == hashlib.sha256(stored).hexdigest()


WHOLE = pack([b'{"update": %d}' % number for number in range(100)])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "is empty", id="nothing"),
        pytest.param(b"{}\n", "no complete gzip", id="not gzip"),
        pytest.param(WHOLE[:5], "no complete gzip", id="half a header"),
        pytest.param(WHOLE[:-30], "no complete gzip", id="cut off"),
        pytest.param(WHOLE[:-8] + bytes(8), "no complete gzip", id="another checksum"),
        pytest.param(WHOLE[:20] + bytes(9) + WHOLE[29:], "no complete gzip", id="overwritten"),
        pytest.param(gzip.compress(b"{}\n{"), "ends within a line", id="half a line"),
    ],
)
def test_an_object_that_is_not_whole_is_refused_by_name(content, reason):
    with pytest.raises(LandingCorrupt, match=reason) as refused:
        unpack(content, KEY)
    assert str(refused.value).startswith(KEY)
