"""The tour of Prefect names lines that have what it says, and nothing that isn't so."""

import re
from importlib import import_module

import pytest

from tests.unit.docs.documents import ROOT, Document
from tools.reference import tour

PAGE = ROOT / tour.PAGE
PLACES = tour.PLACE.findall(PAGE.read_text())
KNOW_PREFECT = ("prefect.yaml", "flows/*.py", "deployments/*", "cloud/pools/*.py",
                "local/stack/pool.py")  # fmt: skip


@pytest.mark.parametrize(("symbol", "path", "number"), PLACES, ids=lambda one: one)
def test_each_line_has_the_symbol_that_the_page_finds_there(symbol, path, number):
    lines = (ROOT / path).read_text().splitlines()
    assert symbol in lines[int(number) - 1], "./pipeline docs brings the numbers up to date"


def test_each_link_into_the_code_names_what_is_there():
    linked = [link for link in Document(PAGE).links() if link.startswith("../")]
    code = [link for link in linked if not link.endswith(".md")]
    assert code == [f"../{path}#L{number}" for _, path, number in PLACES]
    assert len(code) > 30


HERE = "tools/reference/tour.py"


def said(symbol, number, path=HERE):
    return f"`{symbol}` in [{path}:{number}](../{path}#L{number})"


def test_a_line_that_moved_is_found_again_and_the_nearest_one_is_taken():
    (defined,) = tour.lines_with("def lines_with(", HERE)
    assert tour.page(said("def lines_with(", 1)) == said("def lines_with(", defined)
    last = tour.lines_with("lines_with(", HERE)[-1]
    assert last > defined
    assert tour.page(said("lines_with(", 999)) == said("lines_with(", last)


@pytest.mark.parametrize("place", [("no such thing", HERE), ("page", "tools/none.py")])
def test_a_symbol_that_is_gone_is_told(place):
    symbol, path = place
    text = said(symbol, 7, path)
    assert tour.problems(text) == [f"docs/prefect-tour.md: no line of {path} has {symbol}"]
    assert tour.page(text) == text


def rows(heading):
    """The cells of the table under a heading."""
    section = PAGE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def words(cell):
    return re.findall(r"`([^`]+)`", cell)


def users(word):
    """The files that tell Prefect something and have a word."""
    files = [path for pattern in KNOW_PREFECT for path in sorted(ROOT.glob(pattern))]
    return [
        str(path.relative_to(ROOT)) for path in files if path.is_file() and word in path.read_text()
    ]


@pytest.mark.parametrize(
    ("feature", "word"),
    [(feature, word) for feature, cell, _ in rows("What isn't, and why") for word in words(cell)],
)
def test_what_the_page_says_is_not_used_is_not(feature, word):
    assert users(word) == [], f"{feature} is used: say so on {tour.PAGE}"


def test_a_word_that_is_used_is_found():
    assert users("on_failure=") != []
    assert "prefect.yaml" in users("collision_strategy")


def is_there(name):
    """Tell whether Prefect has a module, or something in one, of a name."""
    module, _, attribute = name.rpartition(".")
    try:
        return bool(import_module(name))
    except ImportError:
        pass
    try:
        return hasattr(import_module(module), attribute)
    except ImportError:
        return False


OLD = [(then, now) for then, now in rows("What was called otherwise")]


@pytest.mark.parametrize("name", [
    word for then, _ in OLD for word in words(then) if re.fullmatch(r"prefect(\.\w+)+", word)
])  # fmt: skip
def test_an_old_name_is_gone(name):
    assert not is_there(name)


@pytest.mark.parametrize("name", [
    word for _, now in OLD for word in words(now) if re.fullmatch(r"prefect(\.\w+)+", word)
])  # fmt: skip
def test_a_new_name_is_there(name):
    assert is_there(name)
