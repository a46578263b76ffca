"""The generated pages say what the code says."""

from pathlib import Path

import pytest

from tests.clone import ROOT
from tools.reference.pages import pages, problems


@pytest.fixture(autouse=True)
def in_the_clone(monkeypatch):
    monkeypatch.chdir(ROOT)


def test_every_page_is_what_make_docs_writes():
    stale = [path for path, text in pages().items() if Path(path).read_text() != text]
    assert not stale, f"./pipeline docs writes again {', '.join(stale)}"


def test_every_fault_of_the_mock_has_a_meaning_and_no_meaning_is_left_over():
    assert problems() == []
