"""The generated pages say what the code says."""

import re
from pathlib import Path

import pytest

from tests.clone import ROOT
from tools.reference.markdown import rows_under
from tools.reference.pages import pages, problems


@pytest.fixture(autouse=True)
def in_the_clone(monkeypatch):
    monkeypatch.chdir(ROOT)


def test_every_page_is_what_make_docs_writes():
    stale = [path for path, text in pages().items() if Path(path).read_text() != text]
    assert not stale, f"./pipeline docs writes again {', '.join(stale)}"


def test_every_fault_of_the_mock_has_a_meaning_and_no_meaning_is_left_over():
    assert problems() == []


def test_the_modules_that_the_page_of_the_infrastructure_names_are_there():
    rows = rows_under((ROOT / "docs/cloud-infrastructure.md").read_text(), "Module")
    named = {name for _, cells in rows for name in re.findall(r"`(\w+)`", cells[0])}
    there = {file.stem for file in (ROOT / "cloud/infra").glob("*.py")}
    assert named
    gone = sorted(named - there)
    assert not gone, f"docs/cloud-infrastructure.md names {', '.join(gone)}"
