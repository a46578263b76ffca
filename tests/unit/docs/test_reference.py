"""The pages of docs/reference say what the code says."""

from pathlib import Path

import pytest

from tests.unit.docs.documents import ROOT
from tools.reference.makefile import Verb, verbs
from tools.reference.meanings import problems
from tools.reference.pages import pages
from tools.reference.pages import problems as all_problems


def test_every_page_is_what_make_docs_writes():
    stale = [path for path, text in pages().items() if Path(path).read_text() != text]
    assert stale == [], "make docs writes them again"


def test_every_verb_and_name_has_a_meaning_and_no_meaning_is_left_over():
    assert all_problems() == []


def test_what_lacks_a_meaning_is_named_with_the_place_to_add_it():
    verb = Verb("fly", "Run", "Up and away", {"make": {"HEIGHT"}})
    assert problems([verb], {"any": {}, "fly": {"SPEED": "how fast"}, "swim": {}}) == [
        (
            "make fly takes HEIGHT, and local/console/verbs.yaml doesn't say what it means:"
            " add it under fly, or under any"
        ),
        "local/console/verbs.yaml tells what SPEED means, which make fly doesn't take: remove it",
        "local/console/verbs.yaml tells of make swim, which the Makefile hasn't: remove it",
    ]


@pytest.mark.parametrize(
    ("verb", "names"),
    [
        ("sql", {"Q", "FORMAT", "NETWORK", "STATE"}),
        ("test", {"T"}),
        ("bench", {"SIZES"}),
        ("down", set()),
        ("help", set()),
    ],
)
def test_what_a_verb_takes_is_read_from_where_it_is_declared(verb, names):
    found = {one.name: one.names for one in verbs(ROOT / "Makefile")}
    assert found[verb] == names


def test_a_name_that_only_one_place_takes_says_which():
    (reset,) = [one for one in verbs(ROOT / "Makefile") if one.name == "reset"]
    assert [reset.where(name) for name in ("YES", "IMAGES", "NETWORK")] == ["", "stack", "embedded"]
