"""A page of any characters is read in little more memory than its bytes and its lines."""

import tracemalloc

import pytest

from services.errors import PageRefused
from tests.updates import line, page_body, transaction

MB = 2**20
LARGE = 8 * MB


def page_with(text):
    return page_body(line(transaction(number=1))[:-1] + b',"text":"' + text + b'"}')


def test_an_emoji_does_not_make_a_page_four_times_as_large(accept):
    body = page_with("😀".encode() + b"x" * LARGE)
    tracemalloc.start()
    page = accept(body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(page.lines[0]) > LARGE
    assert peak < LARGE + MB


@pytest.mark.parametrize("offset", range(4))
def test_a_character_is_whole_wherever_in_a_large_page_it_stands(accept, offset):
    text = b"x" * offset + "😀".encode() * (LARGE // 40)
    assert accept(page_with(text)).lines
    with pytest.raises(PageRefused, match="utf-8"):
        accept(page_with(text + b"\xf0\x9f"))
