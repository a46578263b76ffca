"""A source is read to its head: every update once, in order, byte for byte."""

import pytest

from services.accept import position_of, synchronizer_of
from services.model import GENESIS
from tests.updates import SCAN_URL


@pytest.mark.parametrize("page_size", [7, 59, 60, 61, 299, 300, 301])
def test_pages_hold_every_update_once_and_in_order(node, page_size):
    pages = list(node.client(page_size=page_size).pages(GENESIS, None))
    assert tuple(line for page in pages for line in page.lines) == node.updates
    assert [len(page.lines) for page in pages[:-1]] == [page_size] * (len(pages) - 1)


def test_each_page_starts_where_the_one_before_it_ended(node):
    pages = list(node.client(page_size=17).pages(GENESIS, None))
    assert [page.after for page in pages] == [GENESIS, *(page.upto for page in pages[:-1])]
    assert [page.upto for page in pages] == [position_of(page.lines[-1]) for page in pages]
    assert {(page.network, page.source_url) for page in pages} == {(node.network, SCAN_URL)}


def test_the_last_page_is_short_and_no_other_is(node):
    *others, last = node.client(page_size=17).pages(GENESIS, None)
    assert ({page.is_short for page in others}, last.is_short) == ({False}, True)


def test_a_head_at_the_end_of_a_full_page_is_found_by_an_empty_answer(node):
    count = len(node.updates)
    (page,) = node.client(page_size=count).pages(GENESIS, None)
    assert (len(page.lines), page.is_short) == (count, False)
    assert list(node.client(page_size=count).pages(page.upto, None)) == []


def test_reading_goes_on_after_any_position(node):
    lines = node.updates
    for start in (0, 1, len(lines) // 2, len(lines) - 2):
        after = position_of(lines[start])
        pages = node.client(page_size=500).pages(after, synchronizer_of(lines))
        assert tuple(line for page in pages for line in page.lines) == lines[start + 1 :]


def test_a_source_tells_the_network_it_belongs_to(node):
    assert node.client().network() == node.network


def test_genesis_is_where_everything_begins(node):
    assert node.client().start("genesis") == GENESIS
