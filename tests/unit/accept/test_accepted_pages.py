import pytest

from services.accept import network_of, position_of, synchronizer_of
from services.model import Page
from tests.updates import (
    ALICE,
    DSO,
    NETWORK,
    SCAN_URL,
    SYNCHRONIZER,
    line,
    page_body,
    place,
    reassignment,
    transaction,
)


def test_a_page_holds_its_updates_and_where_it_starts_and_ends(accept):
    lines = tuple(line(transaction(number=number)) for number in (1, 2, 3))
    assert accept(page_body(*lines), after=place(0)) == Page(
        network=NETWORK,
        after=place(0),
        upto=place(3),
        lines=lines,
        source_url=SCAN_URL,
        is_short=True,
    )


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(rb'"x":  "two  spaces" , "y" :1', id="white space between and within tokens"),
        pytest.param(b'"x":\t[ 1 ,\t2 ]', id="tabs"),
        pytest.param(rb'"x":"\u00e9\n\/\"\\ \ud83d\ude00"', id="escapes"),
        pytest.param('"x":"é😀\u2028\u2029\x7f"'.encode(), id="characters beyond ASCII"),
        pytest.param(b'"x":1.10,"y":1e2,"z":-0', id="numbers as they are written"),
        pytest.param(b'"x":12345678901234567890123456789012345678', id="more digits than 64 bits"),
        pytest.param(b'"x":1,"x":2', id="a key that stands twice"),
        pytest.param(b'"z":1,"a":2,"":3', id="keys in no order"),
        pytest.param(b'"x":{"update_id":"inner","transactions":[]}', id="inner names like outer"),
    ],
)
def test_an_update_is_kept_byte_for_byte(accept, odd):
    update = b"{" + odd + b"," + line(transaction(number=7))[1:]
    spaced = b'\n {\r\n "transactions" : [\n' + update + b'\t\n]\n,"more":null} \n'
    assert accept(spaced).lines == (update,)


def test_key_order_of_the_body_does_not_matter(accept):
    update = line(transaction(number=7))
    assert accept(b'{"next":"x","transactions":[' + update + b"]}").lines == (update,)


def test_an_empty_answer_is_no_page(accept):
    assert accept(b'{"transactions":[]}') is None


@pytest.mark.parametrize(("page_size", "is_short"), [(2, False), (3, True)])
def test_a_page_is_short_when_it_holds_less_than_was_asked_for(accept, page_size, is_short):
    lines = [line(transaction(number=number)) for number in (1, 2)]
    assert accept(page_body(*lines), page_size=page_size).is_short is is_short


def test_a_reassignment_stands_where_the_migration_in_its_event_says(accept):
    page = accept(page_body(line(reassignment(1, migration_id=7))), after=place(0))
    assert page.upto == place(1, migration_id=7)


def test_record_times_start_over_with_a_migration(accept):
    lines = [line(transaction(number=9, migration_id=3)), line(transaction(number=1))]
    assert accept(page_body(*lines), after=place(8, migration_id=3)).upto == place(1)


def test_updates_of_the_known_synchronizer_are_accepted(accept):
    lines = [line(transaction(number=1)), line(reassignment(2))]
    assert accept(page_body(*lines), synchronizer_id=SYNCHRONIZER).lines == tuple(lines)


def test_a_landed_line_tells_its_position():
    assert position_of(line(transaction(number=5))) == place(5)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\x00", b'{"update_id":1}'])
def test_a_line_that_is_no_update_has_no_position(content):
    with pytest.raises(ValueError, match="not an update"):
        position_of(content)


@pytest.mark.parametrize(
    ("updates", "synchronizer_id"),
    [
        ([reassignment(1), transaction(number=2)], SYNCHRONIZER),
        ([reassignment(1)], None),
        ([], None),
    ],
)
def test_landed_lines_tell_their_synchronizer(updates, synchronizer_id):
    assert synchronizer_of([line(update) for update in updates]) == synchronizer_id


def test_a_network_is_named_by_the_dso_partys_namespace():
    assert network_of(DSO) == DSO.removeprefix("DSO::")[:12]
    assert network_of(DSO) != network_of(ALICE)


@pytest.mark.parametrize(
    "party",
    ["", "DSO", "DSO::", "DSO::1220", "DSO::1220zz" + "0" * 62, "1220" + "0" * 64, DSO + "0"],
)
def test_what_is_no_party_names_no_network(party):
    with pytest.raises(ValueError, match="not a DSO party"):
        network_of(party)
