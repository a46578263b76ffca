"""The how-tos tell a reader where their code goes, in the words that the test of them follows."""

import re

import pytest

from tests.clone import ROOT
from tests.cloud.how_to import steps

_CODE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs/how-to").glob("add-a-*.md")), ids=lambda page: page.stem
)
def test_each_block_of_code_says_to_a_reader_where_it_goes(page):
    typed = [code for language, code in _CODE.findall(page.read_text()) if language != "sh"]
    assert [step["code"] for step in steps(page)] == typed
