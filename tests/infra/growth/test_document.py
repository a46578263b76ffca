from pathlib import Path

import pytest

from infra.growth.document import DOCUMENTS, NoSuchTable, filled, names
from infra.growth.tables import blocks, read_ground

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def tables():
    return blocks(read_ground())


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_the_documents_tables_are_what_the_command_prints(document, tables):
    """`make growth WRITE=1` writes them."""
    text = (ROOT / document).read_text()

    assert names(text), "it has no table"
    assert filled(text, tables) == text


def test_every_table_stands_in_a_document(tables):
    found = [name for document in DOCUMENTS for name in names((ROOT / document).read_text())]

    assert sorted(found) == sorted(tables)


def test_only_what_is_between_the_marks_changes():
    before = "a\n<!-- python -m infra.growth: x -->\nold\n<!-- end -->\nb <!-- end -->\n"

    assert filled(before, {"x": "| new |"}) == (
        "a\n<!-- python -m infra.growth: x -->\n\n| new |\n\n<!-- end -->\nb <!-- end -->\n"
    )


def test_a_table_that_is_not_there_is_named():
    with pytest.raises(NoSuchTable, match="no table y; there are x"):
        filled("<!-- python -m infra.growth: y -->\n<!-- end -->", {"x": ""})


def test_every_table_has_the_same_number_of_cells_in_each_line(tables):
    for name, table in tables.items():
        cells = {line.count("|") for line in table.splitlines()}
        assert len(cells) == 1, name
        assert len(table.splitlines()) > 3, name
